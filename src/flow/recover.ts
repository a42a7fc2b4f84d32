import type { App } from '../app.ts';
import { assertNever } from '../errors.ts';
import { letterOfOutbox, changeLetterRow } from '../store/letters.ts';
import { hasOwnCopy } from '../store/mails.ts';
import { inTransaction } from '../store/open.ts';
import type { OutboxBody, OutboxRow } from '../store/outbox.ts';
import { countInterruption, doubtRow, outboxById, outboxInStatus, parkRow, postponeRow } from '../store/outbox.ts';
import { applyEvent } from './apply-event.ts';
import { settleAccepted } from './perform-letter.ts';

/**
 * What happens to a row that a crash left in the middle of its effect. A new type of action without its recovery does not
 * compile.
 *   repeat        doing it again is harmless (a check, an alert, a digest: twice is better than never)
 *   prove-or-ask  never again by itself: proof of acceptance settles it, else a person decides (letters)
 */
const recovery: Record<OutboxBody['type'], 'repeat' | 'prove-or-ask'> = {
  'check-host': 'repeat',
  'send-letter': 'prove-or-ask',
  alert: 'repeat',
  'desk-alert': 'repeat',
  digest: 'repeat',
  'file-sent-copy': 'repeat',
};

/** At start, before any loop: rows that were under way when the process died. Crash recovery is the normal start. */
export function recover(app: App): number {
  const rows = outboxInStatus(app.db, 'doing');
  for (const row of rows) inTransaction(app.db, () => recoverRow(app, row));
  if (rows.length > 0) app.log.warn('recovered', { rows: rows.length });
  return rows.length;
}

/** A row that was under way at this many deaths in its time is likely their cause: it ends, and a person looks. */
const mostDeaths = 3;

function recoverRow(app: App, row: OutboxRow): void {
  const now = app.now();
  if (countInterruption(app.db, row.id) >= mostDeaths) return giveUp(app, row);
  const how = recovery[row.body.type];
  switch (how) {
    case 'repeat':
      return postponeRow(app.db, row.id, now, 'interrupted');
    case 'prove-or-ask': {
      const letter = letterOfOutbox(app.db, row.id);
      // Bytes are stored as `sending` before anything connects: without them nothing can have left.
      if (letter?.status !== 'sending') return postponeRow(app.db, row.id, now, 'interrupted before sending');
      changeLetterRow(app.db, letter.id, { status: 'unknown', leftAt: letter.leftAt ?? now, response: 'interrupted' });
      return doubtRow(
        app.db,
        row.id,
        'interrupted while sending',
        hasOwnCopy(app.db, letter.messageId) ? now : now + app.config.sending.proofWaitMs,
      );
    }
    default:
      return assertNever(how);
  }
}

function giveUp(app: App, row: OutboxRow): void {
  const why = `the desk died ${mostDeaths} times while doing this`;
  const letter = letterOfOutbox(app.db, row.id);
  parkRow(app.db, row.id, why, app.now());
  app.log.error('row-parked', { key: row.key });
  if (row.caseId === null) return;
  const key = `given-up:${row.key}`;
  if (row.body.type === 'check-host') {
    const { node } = row.body;
    const event = { type: 'host-checked', node, checkId: null, verdict: 'could-not-check' } as const;
    applyEvent(app, row.caseId, { ...event, hostKeyTrouble: false, retryable: false }, key);
  }
  if (row.body.type === 'send-letter') {
    const { slot, attempt } = row.body;
    const left = letter?.status === 'sending';
    if (letter !== null && left)
      changeLetterRow(app.db, letter.id, { status: 'unknown', leftAt: letter.leftAt, response: why });
    applyEvent(app, row.caseId, { type: left ? 'letter-unknown' : 'letter-failed', slot, attempt, response: why }, key);
  }
}

/**
 * Letters of which nobody knows whether they left, when the time for the desk's own copy to arrive is over: the Sent
 * folder may still prove it, else a person decides. Returns how many came to an end.
 */
export async function resolveDoubts(app: App): Promise<number> {
  const due = outboxInStatus(app.db, 'unknown').filter((row) => row.notBefore <= app.now());
  for (const row of due) await resolve(app, row);
  return due.length;
}

async function resolve(app: App, row: OutboxRow): Promise<void> {
  const { body } = row;
  const letter = letterOfOutbox(app.db, row.id);
  if (letter === null || body.type !== 'send-letter' || row.caseId === null) {
    return postponeRow(app.db, row.id, app.now(), 'sent again: nobody knows whether it left');
  }
  // The copy may have been read while the answer to DATA was still awaited.
  const came = hasOwnCopy(app.db, letter.messageId);
  if (came || (await liesInSentFolder(app, letter.messageId))) {
    return settleAccepted(
      app,
      { row, letter, action: body },
      came ? 'our own copy arrived' : 'found in the Sent folder',
      letter.leftAt ?? app.now(),
    );
  }
  const { caseId } = row;
  inTransaction(app.db, () => {
    // The proof may have come in while the Sent folder was searched.
    if (outboxById(app.db, row.id)?.status !== 'unknown') return;
    parkRow(app.db, row.id, row.result ?? 'unknown', app.now());
    const { slot, attempt } = body;
    const event = { type: 'letter-unknown', slot, attempt, response: row.result ?? 'unknown' } as const;
    applyEvent(app, caseId, event, `letter-unknown:${row.key}`);
  });
}

async function liesInSentFolder(app: App, messageId: string): Promise<boolean> {
  for (const mailbox of app.mailboxes) {
    try {
      if (await mailbox.holdsSentCopy(messageId)) return true;
    } catch {
      // A mailbox that cannot be asked proves nothing; its own loop reports that it fails.
    }
  }
  return false;
}
