import type { CaseId, LetterSlot } from '../core/case.ts';
import type { LetterCounts } from '../core/may-leave.ts';
import type { Db } from './open.ts';

export type LetterRowStatus = 'waiting' | 'sending' | 'accepted' | 'failed' | 'unknown' | 'would-send';

/** A composed mail of ours: the exact bytes, before anything connects. */
export type NewLetter = {
  readonly outboxId: number;
  readonly caseId: CaseId | null;
  readonly messageId: string;
  readonly name: string;
  readonly slot: LetterSlot | null;
  readonly recipient: string;
  readonly domain: string;
  readonly automatic: boolean;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly bytes: Buffer;
  readonly status: LetterRowStatus;
  readonly composedAt: number;
};

export type LetterRow = NewLetter & {
  readonly id: number;
  readonly leftAt: number | null;
  readonly response: string | null;
};

const columns = `id, outbox_id AS outboxId, case_id AS caseId, message_id AS messageId, name, slot, recipient, domain,
  automatic, envelope, bytes, status, composed_at AS composedAt, left_at AS leftAt, response`;

type Raw = Omit<LetterRow, 'automatic' | 'envelope'> & { automatic: number; envelope: string };

function letterRow(row: Raw): LetterRow {
  return {
    ...row,
    automatic: row.automatic === 1,
    envelope: JSON.parse(row.envelope) as LetterRow['envelope'],
  };
}

/**
 * Stores the exact bytes. A retry of the same outbox row keeps the bytes of the first time (same Message-ID, same date) and
 * only takes up its status again.
 */
export function storeLetter(db: Db, letter: NewLetter): LetterRow {
  db.prepare(
    `INSERT INTO letters (outbox_id, case_id, message_id, name, slot, recipient, domain, automatic, envelope, bytes, status, composed_at)
     VALUES (@outboxId, @caseId, @messageId, @name, @slot, @recipient, @domain, @automatic, @envelope, @bytes, @status, @composedAt)
     ON CONFLICT (outbox_id) DO UPDATE SET status = excluded.status`,
  ).run({ ...letter, automatic: letter.automatic ? 1 : 0, envelope: JSON.stringify(letter.envelope) });
  const row = letterOfOutbox(db, letter.outboxId);
  if (row === null) throw new Error(`letter of outbox row ${letter.outboxId} is gone`);
  return row;
}

export function letterOfOutbox(db: Db, outboxId: number): LetterRow | null {
  const row = db.prepare(`SELECT ${columns} FROM letters WHERE outbox_id = ?`).get(outboxId) as Raw | undefined;
  return row === undefined ? null : letterRow(row);
}

export function letterById(db: Db, id: number): LetterRow | null {
  const row = db.prepare(`SELECT ${columns} FROM letters WHERE id = ?`).get(id) as Raw | undefined;
  return row === undefined ? null : letterRow(row);
}

/** Our letter with one of these Message-IDs: looked up, not matched by pattern. */
export function letterByMessageId(db: Db, messageIds: readonly string[]): LetterRow | null {
  const find = db.prepare(`SELECT ${columns} FROM letters WHERE message_id = ?`);
  for (const id of messageIds) {
    const row = find.get(id) as Raw | undefined;
    if (row !== undefined) return letterRow(row);
  }
  return null;
}

export function lettersOfCase(db: Db, caseId: CaseId): readonly LetterRow[] {
  const rows = db.prepare(`SELECT ${columns} FROM letters WHERE case_id = ? ORDER BY id`).all(caseId) as Raw[];
  return rows.map(letterRow);
}

/** Letters that left in a span (ms UTC, half-open), for the digest. */
export function lettersInSpan(db: Db, from: number, until: number): readonly LetterRow[] {
  const rows = db
    .prepare(
      `SELECT ${columns} FROM letters WHERE case_id IS NOT NULL AND left_at >= ? AND left_at < ? ORDER BY left_at`,
    )
    .all(from, until) as Raw[];
  return rows.map(letterRow);
}

/** What became of a letter; `leftAt` (ms UTC) where it left or may have left, null where it surely did not: budgets count it. */
export function changeLetterRow(
  db: Db,
  id: number,
  change: { readonly status: LetterRowStatus; readonly leftAt: number | null; readonly response: string | null },
): void {
  db.prepare('UPDATE letters SET status = ?, left_at = ?, response = ? WHERE id = ?').run(
    change.status,
    change.leftAt,
    change.response,
    id,
  );
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** The counts that mayLeave asks for, each served by an index: automatic letters that left or may have left. */
export function countLetters(db: Db, to: { recipient: string; domain: string }, now: number): LetterCounts {
  const count = (where: string, ...args: readonly (string | number)[]): number => {
    const sql = `SELECT count(*) AS n FROM letters WHERE automatic = 1 AND case_id IS NOT NULL AND ${where}`;
    return (db.prepare(sql).get(...args) as { n: number }).n;
  };
  const oldest = db
    .prepare('SELECT min(left_at) AS at FROM letters WHERE automatic = 1 AND case_id IS NOT NULL AND left_at > ?')
    .get(now - hourMs) as { at: number | null };
  const suspects = db.prepare('SELECT node FROM suspect_nodes ORDER BY node').all() as { node: string }[];
  return {
    toAddressInDay: count('recipient = ? AND left_at > ?', to.recipient, now - dayMs),
    toDomainInDay: count('domain = ? AND left_at > ?', to.domain, now - dayMs),
    inHour: count('left_at > ?', now - hourMs),
    oldestInHourAt: oldest.at,
    toAddressEver: count('recipient = ? AND left_at > 0', to.recipient),
    suspectNodes: suspects.map((row) => row.node),
    deadAddress: db.prepare('SELECT 1 FROM dead_addresses WHERE address = ?').get(to.recipient) !== undefined,
  };
}
