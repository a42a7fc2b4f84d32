import type { CheckId } from '../core/case.ts';
import type { Baseline, Finding, HostCheck } from '../core/hosts/check.ts';
import type { TorSighting } from '../core/hosts/tor-then.ts';
import type { Db } from './open.ts';

export type CheckRow = HostCheck & { readonly id: CheckId };

/** Keeps a check, and puts the node under suspicion where that is its verdict: one transaction with the caller's. */
export function saveCheck(db: Db, check: HostCheck): CheckId {
  const result = db
    .prepare('INSERT INTO checks (node, at, verdict, body) VALUES (?, ?, ?, ?)')
    .run(check.node, check.at, check.verdict, JSON.stringify(check));
  const id = Number(result.lastInsertRowid) as CheckId;
  if (check.verdict === 'suspicious') {
    db.prepare('INSERT INTO suspect_nodes (node, since, check_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING').run(
      check.node,
      check.at,
      id,
    );
  }
  return id;
}

/**
 * The latest check of a node that still serves: one with a verdict younger than `verdictSince`, or a failed attempt younger
 * than `failureSince` (ms UTC). One that is dated after `now` (the clock was set back) serves nobody. What was found before a handler cleared the node serves nobody any more.
 */
export function freshCheck(
  db: Db,
  node: string,
  since: { readonly now: number; readonly verdictSince: number; readonly failureSince: number },
): CheckRow | null {
  const cleared = db.prepare('SELECT max(at) AS at FROM clearings WHERE node = ?').get(node) as { at: number | null };
  const latest = latestCheck(db, node);
  if (latest === null || latest.at > since.now || latest.at <= (cleared.at ?? 0)) return null;
  const limit = latest.verdict === 'could-not-check' ? since.failureSince : since.verdictSince;
  return latest.at > limit ? latest : null;
}

/** The latest check of a node, whatever it came to. */
export function latestCheck(db: Db, node: string): CheckRow | null {
  const row = db.prepare('SELECT id, body FROM checks WHERE node = ? ORDER BY at DESC LIMIT 1').get(node) as
    { id: CheckId; body: string } | undefined;
  return row === undefined ? null : checkRow(row);
}

export function checkById(db: Db, id: CheckId): CheckRow | null {
  const row = db.prepare('SELECT id, body FROM checks WHERE id = ?').get(id) as
    { id: CheckId; body: string } | undefined;
  return row === undefined ? null : checkRow(row);
}

function checkRow(row: { id: CheckId; body: string }): CheckRow {
  return { ...(JSON.parse(row.body) as HostCheck), id: row.id };
}

/**
 * What the checks around a window (ms UTC) saw of tor on a node: the last that reached the host up to its beginning, and the
 * first from its end on. Null where there is none within the twenty nearest.
 */
export function torAround(
  db: Db,
  node: string,
  { from, to }: { readonly from: number; readonly to: number },
): { readonly before: TorSighting | null; readonly after: TorSighting | null } {
  const find = (where: string, at: number): TorSighting | null => {
    const rows = db.prepare(`SELECT body FROM checks WHERE node = ? AND ${where} LIMIT 20`).all(node, at);
    const seen = (rows as { body: string }[]).flatMap(({ body }) => {
      const { at: checkedAt, facts } = JSON.parse(body) as HostCheck;
      return facts == null ? [] : [{ at: checkedAt, tor: facts.tor }];
    });
    return seen[0] ?? null;
  };
  return { before: find('at <= ? ORDER BY at DESC', from), after: find('at >= ? ORDER BY at', to) };
}

/** Checks in a span (ms UTC, half-open) that a handler should see: not clean. */
export function troubledChecks(db: Db, nodes: readonly string[], from: number, until: number): readonly CheckRow[] {
  const find = db.prepare(
    `SELECT id, body FROM checks WHERE node = ? AND at >= ? AND at < ? AND verdict <> 'clean' ORDER BY at`,
  );
  return nodes.flatMap((node) => (find.all(node, from, until) as { id: CheckId; body: string }[]).map(checkRow));
}

export type SuspectNode = { readonly node: string; readonly since: number; readonly checkId: CheckId };

export function suspectNodes(db: Db): readonly SuspectNode[] {
  return db.prepare('SELECT node, since, check_id AS checkId FROM suspect_nodes ORDER BY since').all() as SuspectNode[];
}

/** A handler looked at the machine. Returns false where the node was under no suspicion. */
export function clearNode(
  db: Db,
  node: string,
  by: { readonly at: number; readonly by: string; readonly note: string },
): boolean {
  const suspect = db.prepare('SELECT since, check_id AS checkId FROM suspect_nodes WHERE node = ?').get(node) as
    { since: number; checkId: CheckId } | undefined;
  if (suspect === undefined) return false;
  rememberCleared(db, node, suspect.since);
  db.prepare('INSERT INTO clearings (node, at, by, note, check_id) VALUES (?, ?, ?, ?, ?)').run(
    node,
    by.at,
    by.by,
    by.note,
    suspect.checkId,
  );
  db.prepare('DELETE FROM suspect_nodes WHERE node = ?').run(node);
  return true;
}

/** Every suspicious line that this suspicion showed, so that the same line in a log does not raise it again tomorrow. */
function rememberCleared(db: Db, node: string, since: number): void {
  const rows = db
    .prepare(`SELECT body FROM checks WHERE node = ? AND at >= ? AND verdict = 'suspicious'`)
    .all(node, since) as { body: string }[];
  const insert = db.prepare('INSERT INTO cleared_findings (node, rule, line) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  for (const finding of rows.flatMap((row) => (JSON.parse(row.body) as HostCheck).findings)) {
    if (finding.severity === 'suspicious') insert.run(node, finding.rule, finding.line);
  }
}

/** The findings that handlers have cleared on a node. */
export function clearedFindings(db: Db, node: string): readonly Pick<Finding, 'rule' | 'line'>[] {
  return db.prepare('SELECT rule, line FROM cleared_findings WHERE node = ?').all(node) as Pick<
    Finding,
    'rule' | 'line'
  >[];
}

/** What is normal on a node, as a handler accepted it; null where nobody has yet. */
export function baselineOfNode(db: Db, node: string): Baseline | null {
  const row = db.prepare('SELECT body FROM baselines WHERE node = ?').get(node) as { body: string } | undefined;
  return row === undefined ? null : (JSON.parse(row.body) as Baseline);
}

/** Accepts a state of a node as normal, in place of what was accepted before. */
export function saveBaseline(
  db: Db,
  node: string,
  { baseline, at, by }: { readonly baseline: Baseline; readonly at: number; readonly by: string },
): void {
  db.prepare(
    `INSERT INTO baselines (node, at, by, body) VALUES (?, ?, ?, ?)
     ON CONFLICT (node) DO UPDATE SET at = excluded.at, by = excluded.by, body = excluded.body`,
  ).run(node, at, by, JSON.stringify(baseline));
}
