import { deflateSync, inflateSync } from 'node:zlib';
import type { CaseId, MailId } from '../core/case.ts';
import type { Judgement, Kind } from '../core/judgement.ts';
import type { Db } from './open.ts';

export type MailStage = 'filed' | 'case' | 'linked' | 'listed' | 'duplicate' | 'own-copy' | 'backlog';

export type NewMail = {
  readonly mailbox: string;
  readonly uidValidity: string;
  readonly uid: string;
  readonly folder: 'inbox' | 'sent';
  readonly contentHash: string;
  readonly raw: Buffer;
  readonly size: number;
  readonly truncated: boolean;
  readonly arrivedAt: number;
  readonly filedAt: number;
};

export type MailRow = {
  readonly id: MailId;
  readonly mailbox: string;
  readonly folder: 'inbox' | 'sent';
  readonly contentHash: string;
  readonly size: number;
  readonly truncated: boolean;
  readonly arrivedAt: number;
  readonly filedAt: number;
  readonly stage: MailStage;
  readonly kind: Kind | null;
  readonly caseId: CaseId | null;
  readonly toPerson: boolean;
  readonly sealed: boolean;
  readonly sender: string | null;
  readonly subject: string | null;
  readonly note: string | null;
};

/** What reading a mail came to: the end of its row. */
export type MailEnd = {
  readonly stage: Exclude<MailStage, 'filed'>;
  readonly kind: Kind | null;
  readonly caseId: CaseId | null;
  readonly toPerson: boolean;
  readonly sealed: boolean;
  readonly messageId: string | null;
  readonly sender: string | null;
  readonly subject: string | null;
  readonly judgement: Judgement | null;
  readonly note: string | null;
};

/** Keeps the raw bytes under their natural key (mailbox, UIDVALIDITY, UID). Filing the same message again is a no-op. */
export function fileRaw(db: Db, mail: NewMail): { readonly filed: boolean } {
  db.prepare('INSERT INTO raw_mails (content_hash, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING').run(
    mail.contentHash,
    deflateSync(mail.raw),
  );
  const result = db
    .prepare(
      `INSERT INTO mails (mailbox, uid_validity, uid, uid_number, folder, content_hash, size, truncated, arrived_at, filed_at, stage)
       VALUES (@mailbox, @uidValidity, @uid, @uidNumber, @folder, @contentHash, @size, @truncated, @arrivedAt, @filedAt, 'filed')
       ON CONFLICT DO NOTHING`,
    )
    .run({
      mailbox: mail.mailbox,
      uidValidity: mail.uidValidity,
      uid: mail.uid,
      uidNumber: /^\d{1,10}$/.test(mail.uid) ? Number(mail.uid) : null,
      folder: mail.folder,
      contentHash: mail.contentHash,
      size: mail.size,
      truncated: mail.truncated ? 1 : 0,
      arrivedAt: Math.trunc(mail.arrivedAt),
      filedAt: mail.filedAt,
    });
  return { filed: result.changes === 1 };
}

export function isMailKnown(db: Db, key: { mailbox: string; uidValidity: string; uid: string }): boolean {
  const row = db
    .prepare('SELECT 1 FROM mails WHERE mailbox = ? AND uid_validity = ? AND uid = ?')
    .get(key.mailbox, key.uidValidity, key.uid);
  return row !== undefined;
}

/** Highest UID filed for a mailbox folder; 0 if none. */
export function highestUid(db: Db, mailbox: string, uidValidity: string): number {
  const row = db
    .prepare('SELECT max(uid_number) AS highest FROM mails WHERE mailbox = ? AND uid_validity = ?')
    .get(mailbox, uidValidity) as { highest: number | null };
  return row.highest ?? 0;
}

const columns = `id, mailbox, folder, content_hash AS contentHash, size, truncated, arrived_at AS arrivedAt,
  filed_at AS filedAt, stage, kind, case_id AS caseId, to_person AS toPerson, sealed, sender, subject, note`;

type RawRow = Omit<MailRow, 'truncated' | 'toPerson' | 'sealed'> & {
  truncated: number;
  toPerson: number;
  sealed: number;
};

function mailRow(row: RawRow): MailRow {
  return { ...row, truncated: row.truncated === 1, toPerson: row.toPerson === 1, sealed: row.sealed === 1 };
}

/** The oldest mails whose bytes are safe and that nobody has read yet. */
export function mailsToRead(db: Db, limit: number): readonly MailRow[] {
  const rows = db
    .prepare(`SELECT ${columns} FROM mails WHERE stage = 'filed' ORDER BY id LIMIT ?`)
    .all(limit) as RawRow[];
  return rows.map(mailRow);
}

export function mailById(db: Db, id: MailId): MailRow | null {
  const row = db.prepare(`SELECT ${columns} FROM mails WHERE id = ?`).get(id) as RawRow | undefined;
  return row === undefined ? null : mailRow(row);
}

/** The raw bytes as they came (or as much as was fetched of them). */
export function rawOf(db: Db, contentHash: string): Buffer {
  const row = db.prepare('SELECT bytes FROM raw_mails WHERE content_hash = ?').get(contentHash) as { bytes: Buffer };
  return inflateSync(row.bytes);
}

/** The first mail with the same content that came to an inbox before this one; null if this is the first. */
export function earlierCopy(db: Db, mail: MailRow): MailRow | null {
  const row = db
    .prepare(`SELECT ${columns} FROM mails WHERE content_hash = ? AND id < ? AND folder = 'inbox' ORDER BY id LIMIT 1`)
    .get(mail.contentHash, mail.id) as RawRow | undefined;
  return row === undefined ? null : mailRow(row);
}

/** Writes what became of a mail. Only a row that is still `filed` takes it, so that reading twice is a no-op. */
export function endMail(db: Db, id: MailId, end: MailEnd): boolean {
  const result = db
    .prepare(
      `UPDATE mails SET stage = @stage, kind = @kind, case_id = @caseId, to_person = @toPerson, sealed = @sealed,
         message_id = @messageId, sender = @sender, subject = @subject, judgement = @judgement, note = @note
       WHERE id = @id AND stage = 'filed'`,
    )
    .run({
      ...end,
      id,
      toPerson: end.toPerson ? 1 : 0,
      sealed: end.sealed ? 1 : 0,
      judgement: end.judgement === null ? null : JSON.stringify(end.judgement),
    });
  return result.changes === 1;
}

/** Mails filed in a span (ms UTC, half-open) that opened no case and belong to none, or that a person has to look at. */
export function mailsForDigest(db: Db, from: number, until: number): readonly MailRow[] {
  const rows = db
    .prepare(
      `SELECT ${columns} FROM mails WHERE filed_at >= ? AND filed_at < ?
         AND (stage IN ('listed', 'backlog') OR to_person = 1) ORDER BY id`,
    )
    .all(from, until) as RawRow[];
  return rows.map(mailRow);
}

/** The mails of one case, oldest first. */
export function mailsOfCase(db: Db, caseId: CaseId): readonly MailRow[] {
  const rows = db.prepare(`SELECT ${columns} FROM mails WHERE case_id = ? ORDER BY id`).all(caseId) as RawRow[];
  return rows.map(mailRow);
}

/** A hard bounce came from this address: no automatic letter goes there again. */
export function markDeadAddress(db: Db, address: string, since: number, mailId: MailId): void {
  db.prepare('INSERT INTO dead_addresses (address, since, mail_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING').run(
    address,
    since,
    mailId,
  );
}

/** The case of a mail with one of these Message-IDs: a handler who answers by hand refers to the complaint's. */
export function caseByMailMessageId(db: Db, messageIds: readonly string[]): CaseId | null {
  const find = db.prepare(
    'SELECT case_id AS caseId FROM mails WHERE message_id = ? AND case_id IS NOT NULL ORDER BY id LIMIT 1',
  );
  for (const id of messageIds) {
    const row = find.get(id) as { caseId: CaseId } | undefined;
    if (row !== undefined) return row.caseId;
  }
  return null;
}

/** The latest mails, newest first; with `toPerson` only those that a person has to look at. */
export function latestMails(
  db: Db,
  { toPerson, limit }: { readonly toPerson: boolean; readonly limit: number },
): readonly MailRow[] {
  const where = toPerson ? 'WHERE to_person = 1' : '';
  const rows = db.prepare(`SELECT ${columns} FROM mails ${where} ORDER BY id DESC LIMIT ?`).all(limit) as RawRow[];
  return rows.map(mailRow);
}

/** Whether the desk's own copy of a letter has come in: proof that SMTP accepted it. */
export function hasOwnCopy(db: Db, messageId: string): boolean {
  const row = db
    .prepare(`SELECT 1 FROM mails WHERE message_id = ? AND case_id IS NOT NULL AND stage = 'own-copy' LIMIT 1`)
    .get(messageId);
  return row !== undefined;
}
