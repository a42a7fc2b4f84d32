import type { App } from '../app.ts';
import type { Action, CaseEvent, CaseId } from '../core/case.ts';
import type { MayLeave } from '../core/may-leave.ts';
import { mayLeave } from '../core/may-leave.ts';
import { organisationOf } from '../core/organisation.ts';
import { DeskError } from '../errors.ts';
import type { SendResult } from '../mail/send.ts';
import { caseById } from '../store/cases.ts';
import type { LetterRow, NewLetter } from '../store/letters.ts';
import { changeLetterRow, countLetters, letterById, letterOfOutbox, storeLetter } from '../store/letters.ts';
import { inTransaction } from '../store/open.ts';
import type { OutboxBody, OutboxRow } from '../store/outbox.ts';
import { doubtRow, enqueue, holdRow, parkRow, postponeRow, settleRow } from '../store/outbox.ts';
import { applyEvent } from './apply-event.ts';
import { composeForCase } from './compose-letter.ts';
import { noteSmtp } from './note-smtp.ts';
import { nextAttemptAt } from './retry.ts';

type SendLetter = Extract<Action, { type: 'send-letter' }>;

/**
 * Sends one letter of a case. The steps, each safe to be killed after:
 *   1 ask mayLeave; 2 compose; 3 ask again and store the exact bytes with status `sending` in one commit; 4 connect and
 *   send; 5 settle row, letter and case in one commit. A row found `doing` at start is `unknown` once step 3 happened
 *   (recover.ts), and simply due again before it.
 */
export async function performLetter(app: App, row: OutboxRow, action: SendLetter): Promise<void> {
  const caseId = caseIdOf(row);
  const mayGoOn = inTransaction(app.db, () => {
    const asked = ask(app, caseId, action);
    if (asked.may === 'leave' || asked.may === 'would-send') return true;
    settleRefusal(app, row, action, asked);
    return false;
  });
  if (!mayGoOn) return;
  const composed = letterOfOutbox(app.db, row.id) ?? (await compose(app, row, action));
  if (composed === null) return;
  const letter = inTransaction(app.db, () => {
    const still = ask(app, caseId, action);
    if (still.may === 'leave') {
      const stored = storeLetter(app.db, { ...composed, status: 'sending' });
      // Counted from here on: it may have left whatever happens next.
      changeLetterRow(app.db, stored.id, { status: 'sending', leftAt: app.now(), response: null });
      return stored;
    }
    if (still.may === 'would-send') storeLetter(app.db, { ...composed, status: 'would-send' });
    settleRefusal(app, row, action, still);
    return null;
  });
  if (letter === null) return;
  const result = await app.sender.send({ bytes: letter.bytes, envelope: letter.envelope });
  settleSent(app, { row, caseId, action, letter }, result);
}

function caseIdOf(row: OutboxRow): CaseId {
  if (row.caseId === null) throw new Error(`outbox row ${row.key} has no case`);
  return row.caseId;
}

function ask(app: App, caseId: CaseId, letter: SendLetter): MayLeave {
  const kase = caseById(app.db, caseId);
  if (kase === null) throw new Error(`there is no case ${caseId}`);
  const counts = countLetters(
    app.db,
    { recipient: letter.to.toLowerCase(), domain: organisationOf(letter.to) },
    app.now(),
  );
  return mayLeave({ kase, letter }, counts, app.policy, app.now());
}

/** Null where the letter cannot be made for this recipient: that is the letter's end, and a person decides. */
async function compose(app: App, row: OutboxRow, action: SendLetter): Promise<NewLetter | null> {
  const caseId = caseIdOf(row);
  try {
    const { messageId, bytes, envelope } = await composeForCase(app, caseId, action, row.key);
    return {
      outboxId: row.id,
      caseId,
      messageId,
      name: action.letter,
      slot: action.slot,
      recipient: action.to.toLowerCase(),
      domain: organisationOf(action.to),
      automatic: action.by === null,
      envelope,
      bytes,
      status: 'waiting',
      composedAt: app.now(),
    };
  } catch (error) {
    if (!(error instanceof DeskError) || error.code !== 'refused') throw error;
    const event = {
      type: 'letter-failed',
      slot: action.slot,
      attempt: action.attempt,
      response: error.message,
    } as const;
    inTransaction(app.db, () => settleWith(app, row, event, error.message));
    return null;
  }
}

/** The letter does not leave now: what mayLeave said becomes the row's end, its wait, or the case's event. */
function settleRefusal(
  app: App,
  row: OutboxRow,
  action: SendLetter,
  answer: Exclude<MayLeave, { may: 'leave' }>,
): void {
  const now = app.now();
  const { slot, attempt } = action;
  inTransaction(app.db, () => {
    switch (answer.may) {
      case 'withdraw':
        return settleRow(app.db, row.id, 'withdrawn', now);
      case 'wait-for-handler':
        return holdRow(app.db, row.id, answer.node);
      case 'later':
        return postponeRow(app.db, row.id, answer.at, 'over the hourly ceiling');
      case 'would-send':
        return settleWith(app, row, { type: 'letter-would-send', slot, attempt }, 'would-send');
      case 'withhold':
        return settleWith(
          app,
          row,
          { type: 'letter-withheld', slot, attempt, ceiling: answer.ceiling },
          `withheld: ${answer.ceiling}`,
        );
      case 'ask':
        return settleWith(
          app,
          row,
          { type: 'letter-needs-handler', slot, attempt, reason: answer.reason },
          `waits for a handler: ${answer.reason}`,
        );
    }
  });
}

function settleWith(app: App, row: OutboxRow, event: CaseEvent, result: string): void {
  settleRow(app.db, row.id, result, app.now());
  applyEvent(app, caseIdOf(row), event, `${event.type}:${row.key}`);
}

type Sent = {
  readonly row: OutboxRow;
  readonly caseId: CaseId;
  readonly action: SendLetter;
  readonly letter: LetterRow;
};

function settleSent(app: App, sent: Sent, result: SendResult): void {
  const { row, action, letter } = sent;
  const now = app.now();
  noteSmtp(app, result);
  switch (result.result) {
    case 'accepted':
      settleAccepted(app, { row, letter, action }, result.response, now);
      break;
    case 'unknown':
      inTransaction(app.db, () => {
        changeLetterRow(app.db, letter.id, { status: 'unknown', leftAt: now, response: result.response });
        doubtRow(app.db, row.id, result.response, now + app.config.sending.proofWaitMs);
      });
      break;
    case 'permanent':
      fail(app, sent, result.response);
      break;
    case 'temporary':
    case 'auth-failed': {
      const next = nextAttemptAt(app, row, now);
      if (next === null) fail(app, sent, `given up after ${row.attempts} attempts: ${result.response}`);
      else {
        inTransaction(app.db, () => {
          changeLetterRow(app.db, letter.id, { status: 'waiting', leftAt: null, response: result.response });
          postponeRow(app.db, row.id, next, result.response);
        });
      }
    }
  }
  app.log.info('letter-sent', {
    case: sent.caseId,
    letter: action.letter,
    result: result.result,
    attempt: row.attempts,
  });
}

/** SMTP took the letter, or a proof of it arrived: row, letter, case and the copy for the Sent folder in one commit. */
export function settleAccepted(
  app: App,
  accepted: { readonly row: OutboxRow; readonly letter: LetterRow; readonly action: SendLetter },
  proof: string,
  at: number,
): void {
  const { row, letter } = accepted;
  const { slot, attempt } = accepted.action;
  inTransaction(app.db, () => {
    changeLetterRow(app.db, letter.id, { status: 'accepted', leftAt: letter.leftAt ?? at, response: proof });
    settleRow(app.db, row.id, 'accepted', app.now());
    if (row.caseId === null) return;
    applyEvent(
      app,
      row.caseId,
      { type: 'letter-accepted', slot, attempt, acceptedAt: at, proof },
      `letter-accepted:${row.key}`,
    );
    if (app.config.sending.sentCopy !== null) {
      const body: OutboxBody = { type: 'file-sent-copy', letterId: letter.id };
      enqueue(app.db, body, { key: `sent-copy:${row.key}`, caseId: row.caseId, at: app.now() });
    }
  });
}

function fail(app: App, sent: Sent, response: string): void {
  inTransaction(app.db, () => {
    changeLetterRow(app.db, sent.letter.id, { status: 'failed', leftAt: null, response });
    settleWith(
      app,
      sent.row,
      { type: 'letter-failed', slot: sent.action.slot, attempt: sent.action.attempt, response },
      `failed: ${response}`,
    );
  });
}

/** Files a copy of an accepted letter in the Sent folder, where the provider has not done so. Looks first, so repeating is harmless. */
export async function performSentCopy(
  app: App,
  row: OutboxRow,
  body: Extract<OutboxBody, { type: 'file-sent-copy' }>,
): Promise<void> {
  const letter = letterById(app.db, body.letterId);
  const mailbox = app.mailboxes.find((m) => m.name === app.config.sending.sentCopy);
  if (letter === null || mailbox === undefined) return settleRow(app.db, row.id, 'nowhere to file it', app.now());
  try {
    const filed = await mailbox.fileSentCopy(letter.bytes, letter.messageId);
    settleRow(app.db, row.id, filed, app.now());
  } catch (error) {
    const next = nextAttemptAt(app, row, app.now());
    const why = error instanceof Error ? error.message : String(error);
    if (next !== null) postponeRow(app.db, row.id, next, why);
    else {
      parkRow(app.db, row.id, why, app.now());
      app.log.error('row-parked', { key: row.key });
    }
  }
}
