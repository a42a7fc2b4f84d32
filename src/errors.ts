/** What went wrong in running the desk, as opposed to what a mail or a host said: the codes are the table of docs/operations.md. */
export type ErrorCode =
  | 'config-invalid'
  | 'config-missing'
  | 'usage'
  | 'database-newer'
  | 'database-changed'
  | 'database-unusable'
  | 'template-invalid'
  | 'judgement-data-invalid'
  | 'mailbox-unreachable'
  | 'mailbox-auth'
  | 'mailbox-folder'
  | 'mailbox-failed'
  | 'smtp-unreachable'
  | 'smtp-auth'
  | 'file-unreadable'
  | 'not-found'
  | 'refused'
  | 'already-running'
  | 'rehearsal-refused';

/**
 * The one error class: an operational failure with a code that callers switch on and a message that says what to do.
 * Library errors are translated into it once, in their adapter, with the original kept as `cause`.
 */
export class DeskError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'DeskError';
    this.code = code;
  }
}

/** Exhaustiveness: a new union member that a switch forgot does not compile. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
