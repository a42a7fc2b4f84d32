import type { Db } from './open.ts';

/** Where the append-only tables stood when a pass began. */
export type PassStart = { readonly mail: number; readonly journal: number; readonly check: number };

export type PassSummary = {
  readonly mails: readonly {
    readonly id: number;
    readonly kind: string | null;
    readonly stage: string;
    readonly case: number | null;
  }[];
  readonly cases: readonly {
    readonly id: number;
    readonly state: string;
    readonly outcome: string | null;
    readonly risk: string | null;
    readonly category: string | null;
    readonly because: string;
  }[];
  readonly letters: readonly { readonly case: number; readonly event: string; readonly because: string }[];
  readonly checks: readonly { readonly node: string; readonly verdict: string }[];
};

export function passStart(db: Db): PassStart {
  const highest = (name: 'mails' | 'journal' | 'checks'): number =>
    (db.prepare(`SELECT coalesce(max(id), 0) AS id FROM ${name}`).get() as { id: number }).id;
  return { mail: highest('mails'), journal: highest('journal'), check: highest('checks') };
}

/** What a pass did: the mails it filed, the cases it moved (as they are now), the letters' fates, the checks. */
export function passSummary(db: Db, start: PassStart): PassSummary {
  return {
    mails: db
      .prepare('SELECT id, kind, stage, case_id AS "case" FROM mails WHERE id > ? ORDER BY id')
      .all(start.mail) as PassSummary['mails'][number][],
    cases: db
      .prepare(
        `SELECT c.id, c.state, c.outcome, c.risk, c.category, j.because FROM journal j JOIN cases c ON c.id = j.case_id
         WHERE j.id IN (SELECT max(id) FROM journal WHERE id > ? GROUP BY case_id) ORDER BY c.id`,
      )
      .all(start.journal) as PassSummary['cases'][number][],
    letters: db
      .prepare(
        `SELECT case_id AS "case", type AS event, because FROM journal WHERE id > ? AND type LIKE 'letter-%' ORDER BY id`,
      )
      .all(start.journal) as PassSummary['letters'][number][],
    checks: db
      .prepare('SELECT node, verdict FROM checks WHERE id > ? ORDER BY id')
      .all(start.check) as PassSummary['checks'][number][],
  };
}
