import type { CaseId, TimerKind } from '../core/case.ts';
import type { Db } from './open.ts';

export type DueTimer = { readonly caseId: CaseId; readonly kind: TimerKind; readonly dueAt: number };

/** Timers due at `now` (ms UTC), the longest overdue first. Served by the index on due_at: costs what is due. */
export function dueTimers(db: Db, now: number, limit: number): readonly DueTimer[] {
  return db
    .prepare('SELECT case_id AS caseId, kind, due_at AS dueAt FROM timers WHERE due_at <= ? ORDER BY due_at LIMIT ?')
    .all(now, limit) as DueTimer[];
}

/** When the next timer is due, ms UTC; null if there is none. */
export function nextTimerAt(db: Db): number | null {
  const row = db.prepare('SELECT min(due_at) AS at FROM timers').get() as { at: number | null };
  return row.at;
}

export function timersOfCase(db: Db, caseId: CaseId): readonly DueTimer[] {
  return db
    .prepare('SELECT case_id AS caseId, kind, due_at AS dueAt FROM timers WHERE case_id = ? ORDER BY due_at')
    .all(caseId) as DueTimer[];
}
