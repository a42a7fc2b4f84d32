import type { ErrorCode } from '../errors.ts';
import { DeskError } from '../errors.ts';
import type { ExitCode } from './output.ts';

const exitCodes: Record<ErrorCode, ExitCode> = {
  'config-invalid': 78,
  'config-missing': 78,
  usage: 2,
  'database-newer': 78,
  'database-changed': 78,
  'database-unusable': 78,
  'template-invalid': 78,
  'judgement-data-invalid': 78,
  'mailbox-unreachable': 75,
  'mailbox-auth': 78,
  'mailbox-folder': 78,
  'mailbox-failed': 75,
  'file-unreadable': 2,
  'not-found': 3,
  refused: 3,
  'already-running': 75,
  'rehearsal-refused': 2,
  'smtp-unreachable': 75,
  'smtp-auth': 78,
};

/** The exit code for what a command threw: an operational error by its code, anything else is a bug. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof DeskError ? exitCodes[error.code] : 1;
}
