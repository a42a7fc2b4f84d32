import type { App } from '../app.ts';
import { verifyCaseAddress } from '../core/case-address.ts';
import type { Mail } from '../core/mail.ts';
import type { MailRow } from '../store/mails.ts';
import { endMail, rawOf } from '../store/mails.ts';
import type { LetterRow } from '../store/letters.ts';
import { letterByMessageId } from '../store/letters.ts';
import { inTransaction } from '../store/open.ts';
import { outboxById } from '../store/outbox.ts';
import { deliveredTo } from './find-case.ts';
import { settleAccepted } from './perform-letter.ts';

/**
 * Recognises our own mail when it comes back (the desk's signed copy, or the Sent folder) and takes it as the proof that
 * SMTP accepted it. True if the mail was ours and is at its end. A stranger who copies one of our Message-IDs is not
 * believed: the copy came to the signed copy address, or its body is ours byte for byte.
 */
export function settleOwnCopy(app: App, row: MailRow, mail: Mail): boolean {
  const letter = mail.messageId === null ? null : letterByMessageId(app.db, [mail.messageId]);
  if (letter === null || !isOurs(app, row, mail, letter)) return false;
  inTransaction(app.db, () => {
    endMail(app.db, row.id, {
      stage: 'own-copy',
      kind: null,
      caseId: letter.caseId,
      toPerson: false,
      sealed: false,
      messageId: mail.messageId,
      sender: null,
      subject: null,
      judgement: null,
      note: `our letter ${letter.id}`,
    });
    settleIfInDoubt(app, letter);
  });
  return true;
}

function isOurs(app: App, row: MailRow, mail: Mail, letter: LetterRow): boolean {
  // Nobody but us and our provider writes into our Sent folder; some providers change what they file there.
  if (row.folder === 'sent') return true;
  const signed = deliveredTo(mail).some(
    (address) => verifyCaseAddress(address, app.config.desk, app.secret)?.purpose === 'copy',
  );
  return signed || bodyOf(rawOf(app.db, row.contentHash)) === bodyOf(letter.bytes);
}

function bodyOf(raw: Buffer): string {
  const text = raw.toString('latin1').replaceAll('\r\n', '\n');
  return text.slice(text.indexOf('\n\n') + 2).trimEnd();
}

/** The copy may arrive before the server's answer to DATA does: then the outbox settles the row itself. */
function settleIfInDoubt(app: App, letter: LetterRow): void {
  const row = outboxById(app.db, letter.outboxId);
  if (row?.body.type !== 'send-letter') return;
  if (row.status !== 'unknown' && row.status !== 'parked') return;
  settleAccepted(app, { row, letter, action: row.body }, 'our own copy arrived', letter.leftAt ?? app.now());
}
