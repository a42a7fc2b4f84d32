import type { App } from '../app.ts';
import { assertNever } from '../errors.ts';
import type { Lane, OutboxRow } from '../store/outbox.ts';
import { claimNext } from '../store/outbox.ts';
import { performCheck } from './perform-check.ts';
import { performDigest, performAlert, performDeskAlert } from './perform-notice.ts';
import { performLetter, performSentCopy } from './perform-letter.ts';

/**
 * Takes the next due row of a lane, does it and settles it. Returns false when nothing is due. Effects happen only here,
 * after the commit that asked for them.
 */
export async function runNext(app: App, lane: Lane, signal: AbortSignal): Promise<boolean> {
  const row = claimNext(app.db, lane, app.now());
  if (row === null) return false;
  await perform(app, row, signal);
  return true;
}

async function perform(app: App, row: OutboxRow, signal: AbortSignal): Promise<void> {
  const { body } = row;
  switch (body.type) {
    case 'check-host':
      return performCheck(app, row, body, signal);
    case 'send-letter':
      return performLetter(app, row, body);
    case 'alert':
      return performAlert(app, row, body);
    case 'desk-alert':
      return performDeskAlert(app, row, body);
    case 'digest':
      return performDigest(app, row, body);
    case 'file-sent-copy':
      return performSentCopy(app, row, body);
    default:
      return assertNever(body);
  }
}
