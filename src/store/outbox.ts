import type { Action, CaseId } from '../core/case.ts';
import { actionKey } from '../core/case.ts';
import type { Db } from './open.ts';

/** What an outbox row asks for: a case's action, or the desk's own mail. */
export type OutboxBody =
  | Action
  | { readonly type: 'desk-alert'; readonly about: DeskTrouble; readonly part: string; readonly since: number }
  | { readonly type: 'digest'; readonly period: 'daily' | 'weekly'; readonly day: string; readonly until: number }
  | { readonly type: 'file-sent-copy'; readonly letterId: number };

/** What may trouble the desk itself for long. */
export type DeskTrouble = 'mailbox-failing' | 'smtp-failing';

export type OutboxRow = {
  readonly id: number;
  readonly key: string;
  readonly caseId: CaseId | null;
  readonly body: OutboxBody;
  readonly status: OutboxStatus;
  readonly attempts: number;
  readonly notBefore: number;
  readonly createdAt: number;
  readonly result: string | null;
};

export type OutboxStatus = 'due' | 'doing' | 'held' | 'parked' | 'unknown' | 'done';
export type Lane = 'mail' | 'host';

const laneOf: Record<OutboxBody['type'], Lane> = {
  'check-host': 'host',
  'send-letter': 'mail',
  alert: 'mail',
  'desk-alert': 'mail',
  digest: 'mail',
  'file-sent-copy': 'mail',
};

/** Puts an effect into the outbox, due at `at` (ms UTC). The key makes it once only: a second row is a no-op. */
export function enqueue(
  db: Db,
  body: OutboxBody,
  { key, caseId, at }: { readonly key: string; readonly caseId: CaseId | null; readonly at: number },
): void {
  db.prepare(
    `INSERT INTO outbox (key, lane, type, case_id, body, status, not_before, created_at)
     VALUES (?, ?, ?, ?, ?, 'due', ?, ?) ON CONFLICT DO NOTHING`,
  ).run(key, laneOf[body.type], body.type, caseId, JSON.stringify(body), at, at);
}

export function enqueueActions(db: Db, caseId: CaseId, actions: readonly Action[], at: number): void {
  for (const action of actions) enqueue(db, action, { key: actionKey(caseId, action), caseId, at });
}

const columns = `id, key, case_id AS caseId, body, status, attempts, not_before AS notBefore, created_at AS createdAt, result`;

type Raw = Omit<OutboxRow, 'body'> & { body: string };

function outboxRow(row: Raw): OutboxRow {
  return { ...row, body: JSON.parse(row.body) as OutboxBody };
}

/** Takes the next due row of a lane and marks it `doing`; null if none is due at `now` (ms UTC). */
export function claimNext(db: Db, lane: Lane, now: number): OutboxRow | null {
  const row = db
    .prepare(
      `UPDATE outbox SET status = 'doing', attempts = attempts + 1
       WHERE id = (SELECT id FROM outbox WHERE status = 'due' AND lane = ? AND not_before <= ?
                   ORDER BY not_before, id LIMIT 1)
       RETURNING ${columns}`,
    )
    .get(lane, now) as Raw | undefined;
  return row === undefined ? null : outboxRow(row);
}

/** When the next row of a lane is due, ms UTC; null if there is none. */
export function nextOutboxAt(db: Db, lane: Lane): number | null {
  const row = db.prepare(`SELECT min(not_before) AS at FROM outbox WHERE status = 'due' AND lane = ?`).get(lane) as {
    at: number | null;
  };
  return row.at;
}

export function outboxById(db: Db, id: number): OutboxRow | null {
  const row = db.prepare(`SELECT ${columns} FROM outbox WHERE id = ?`).get(id) as Raw | undefined;
  return row === undefined ? null : outboxRow(row);
}

/** Rows in an open status that no loop takes by itself. Served by a partial index. */
export function outboxInStatus(db: Db, status: 'doing' | 'held' | 'parked' | 'unknown'): readonly OutboxRow[] {
  const rows = db.prepare(`SELECT ${columns} FROM outbox WHERE status = ? ORDER BY id`).all(status) as Raw[];
  return rows.map(outboxRow);
}

export function outboxOfCase(db: Db, caseId: CaseId): readonly OutboxRow[] {
  const rows = db.prepare(`SELECT ${columns} FROM outbox WHERE case_id = ? ORDER BY id`).all(caseId) as Raw[];
  return rows.map(outboxRow);
}

/** The effect happened, or never will: the row is at its end. */
export function settleRow(db: Db, id: number, result: string, at: number): void {
  db.prepare(`UPDATE outbox SET status = 'done', result = ?, settled_at = ?, held_node = NULL WHERE id = ?`).run(
    result,
    at,
    id,
  );
}

/** Tried and to be tried again not before `notBefore` (ms UTC). */
export function postponeRow(db: Db, id: number, notBefore: number, result: string): void {
  db.prepare(`UPDATE outbox SET status = 'due', not_before = ?, result = ? WHERE id = ?`).run(notBefore, result, id);
}

/** The process died while this was under way; returns how often that has happened to this row. */
export function countInterruption(db: Db, id: number): number {
  const row = db
    .prepare('UPDATE outbox SET interruptions = interruptions + 1 WHERE id = ? RETURNING interruptions AS n')
    .get(id) as { n: number };
  return row.n;
}

/** Waits for a handler: until a node is cleared, or (node null) the case released. */
export function holdRow(db: Db, id: number, node: string | null): void {
  db.prepare(`UPDATE outbox SET status = 'held', held_node = ? WHERE id = ?`).run(node, id);
}

/** Given up: shown to a person, never dropped in silence. */
export function parkRow(db: Db, id: number, result: string, at: number): void {
  db.prepare(`UPDATE outbox SET status = 'parked', result = ?, settled_at = ? WHERE id = ?`).run(result, at, id);
}

/** Nobody knows whether it happened; looked at again at `lookAt` (ms UTC), when a proof may have come. */
export function doubtRow(db: Db, id: number, result: string, lookAt: number): void {
  db.prepare(`UPDATE outbox SET status = 'unknown', result = ?, not_before = ? WHERE id = ?`).run(result, lookAt, id);
}

/** Held letters of a cleared node are due again. */
export function releaseHeldByNode(db: Db, node: string, now: number): void {
  db.prepare(
    `UPDATE outbox SET status = 'due', not_before = ?, held_node = NULL WHERE status = 'held' AND held_node = ?`,
  ).run(now, node);
}

/** Held letters of a released case are due again. */
export function releaseHeldOfCase(db: Db, caseId: CaseId, now: number): void {
  db.prepare(`UPDATE outbox SET status = 'due', not_before = ? WHERE status = 'held' AND case_id = ?`).run(now, caseId);
}

/** Where the digest before this one ended, ms UTC; null if there was none. */
export function lastDigestUntil(db: Db, period: 'daily' | 'weekly', before: number): number | null {
  const row = db
    .prepare(
      `SELECT max(json_extract(body, '$.until')) AS until FROM outbox
       WHERE key >= 'digest:' || ? || ':' AND key < 'digest:' || ? || ';' AND json_extract(body, '$.until') < ?`,
    )
    .get(period, period, before) as { until: number | null };
  return row.until;
}
