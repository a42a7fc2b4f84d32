import type { Case, CaseCommon, CaseEvent, CaseId, Decision, StateName } from '../core/case.ts';
import { judgedAs, waitsForPerson } from '../core/case.ts';
import type { Db } from './open.ts';

export type JournalRow = {
  readonly id: number;
  readonly caseId: CaseId;
  readonly key: string;
  readonly at: number;
  readonly type: CaseEvent['type'];
  readonly by: string | null;
  readonly event: CaseEvent;
  readonly state: StateName;
  readonly because: string;
};

/** Opens the case of a complaint mail: one mail, one case, always (procedure.md §3). Returns the case in state `received`. */
export function insertCase(db: Db, common: Omit<CaseCommon, 'id'>, domain: string | null): Case {
  const body = JSON.stringify({ ...common, state: 'received' });
  const result = db
    .prepare(
      `INSERT INTO cases (mail_id, state, waits_for_person, opened_at, changed_at, sender, domain, body)
       VALUES (?, 'received', 0, ?, ?, ?, ?, ?)`,
    )
    .run(common.complaint.mailId, common.openedAt, common.openedAt, common.judgement.sender.address, domain, body);
  return { ...common, id: Number(result.lastInsertRowid) as CaseId, state: 'received' };
}

export function caseById(db: Db, id: CaseId): Case | null {
  const row = db.prepare('SELECT id, body FROM cases WHERE id = ?').get(id) as { id: CaseId; body: string } | undefined;
  return row === undefined ? null : caseOf(row);
}

function caseOf(row: { id: CaseId; body: string }): Case {
  return { ...(JSON.parse(row.body) as Omit<Case, 'id'>), id: row.id } as Case;
}

/** Cases that wait for nothing but this node's clearing, or rely on it otherwise. */
export function openCasesOfNode(db: Db, node: string): readonly CaseId[] {
  const rows = db
    .prepare(
      `SELECT c.id AS id FROM case_nodes n JOIN cases c ON c.id = n.case_id
       WHERE n.node = ? AND c.state <> 'closed' ORDER BY c.id`,
    )
    .all(node) as { id: CaseId }[];
  return rows.map((row) => row.id);
}

/** True if this event was applied before: applying an event twice changes nothing. */
export function isJournaled(db: Db, key: string): boolean {
  return db.prepare('SELECT 1 FROM journal WHERE key = ?').get(key) !== undefined;
}

/** Saves what was decided: the case, its timers and the journal line. Actions go to the outbox (outbox.ts). */
export function saveDecision(
  db: Db,
  decision: Decision,
  entry: { readonly key: string; readonly at: number; readonly event: CaseEvent },
): void {
  const { next } = decision;
  const judged = judgedAs(next);
  const { id, ...body } = next;
  db.prepare(
    `UPDATE cases SET state = @state, waits_for_person = @waits, changed_at = @at, closed_at = @closedAt,
       outcome = @outcome, risk = @risk, category = @category, automated = @automated, body = @body WHERE id = @id`,
  ).run({
    id,
    state: next.state,
    waits: waitsForPerson(next) ? 1 : 0,
    at: entry.at,
    closedAt: next.state === 'closed' ? next.at : null,
    outcome: next.state === 'closed' ? next.outcome : null,
    risk: judged.risk,
    category: judged.category,
    automated: judged.automated === null ? null : Number(judged.automated),
    body: JSON.stringify(body),
  });
  const addNode = db.prepare('INSERT INTO case_nodes (case_id, node) VALUES (?, ?) ON CONFLICT DO NOTHING');
  for (const host of next.hosts) addNode.run(id, host.node);
  saveTimers(db, decision);
  db.prepare(
    'INSERT INTO journal (case_id, key, at, type, by, event, state, because) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  ).run(
    id,
    entry.key,
    entry.at,
    entry.event.type,
    byOf(entry.event),
    JSON.stringify(entry.event),
    next.state,
    decision.because,
  );
}

/** The decision names all timers that the case has from now on. */
function saveTimers(db: Db, decision: Decision): void {
  db.prepare('DELETE FROM timers WHERE case_id = ?').run(decision.next.id);
  const insert = db.prepare('INSERT INTO timers (case_id, kind, due_at) VALUES (?, ?, ?)');
  for (const timer of decision.timers) insert.run(decision.next.id, timer.kind, timer.dueAt);
}

function byOf(event: CaseEvent): string | null {
  if (event.type === 'judged-as') return event.correction.by;
  return 'by' in event ? event.by : null;
}

export function journalOf(db: Db, id: CaseId): readonly JournalRow[] {
  const rows = db
    .prepare(
      `SELECT id, case_id AS caseId, key, at, type, by, event, state, because FROM journal WHERE case_id = ? ORDER BY id`,
    )
    .all(id) as (Omit<JournalRow, 'event'> & { event: string })[];
  return rows.map((row) => ({ ...row, event: JSON.parse(row.event) as CaseEvent }));
}

/** Cases by state, newest first; all states where `state` is null. */
export function listCases(db: Db, state: StateName | null, limit: number): readonly Case[] {
  const rows = (
    state === null
      ? db.prepare('SELECT id, body FROM cases ORDER BY id DESC LIMIT ?').all(limit)
      : db.prepare('SELECT id, body FROM cases WHERE state = ? ORDER BY id DESC LIMIT ?').all(state, limit)
  ) as { id: CaseId; body: string }[];
  return rows.map(caseOf);
}

/** Cases that ask a handler for something, oldest first. */
export function casesWaitingForPerson(db: Db): readonly Case[] {
  const rows = db.prepare('SELECT id, body FROM cases WHERE waits_for_person = 1 ORDER BY id').all() as {
    id: CaseId;
    body: string;
  }[];
  return rows.map(caseOf);
}

/** Cases opened, or closed, in a span (ms UTC, half-open). */
export function casesInSpan(db: Db, what: 'opened' | 'closed', from: number, until: number): readonly Case[] {
  const column = what === 'opened' ? 'opened_at' : 'closed_at';
  const rows = db
    .prepare(`SELECT id, body FROM cases WHERE ${column} >= ? AND ${column} < ? ORDER BY id`)
    .all(from, until) as { id: CaseId; body: string }[];
  return rows.map(caseOf);
}

/** Cases in one state, oldest first. */
export function casesInState(db: Db, state: StateName): readonly Case[] {
  const rows = db.prepare('SELECT id, body FROM cases WHERE state = ? ORDER BY id').all(state) as {
    id: CaseId;
    body: string;
  }[];
  return rows.map(caseOf);
}
