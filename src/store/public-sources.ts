import type { Before, Known } from '../core/public-tor/judge-document.ts';
import { inTransaction, type Db } from './open.ts';

/** A source as the configuration states it. */
export type SourceIdentity = {
  readonly name: string;
  readonly identity: string;
  readonly complete: boolean;
  readonly gapMs: number;
};

export type SourceRow = {
  readonly id: number;
  readonly name: string;
  readonly nextAt: number;
  readonly attemptedAt: number | null;
  readonly failures: number;
  /** Since when it has brought nothing that could be taken, ms UTC; null while it is well. */
  readonly failingSince: number | null;
  readonly trouble: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly contentHash: string | null;
  readonly coveredFromMs: number | null;
} & Before &
  Known;

const columns = `id, name, next_at AS nextAt, attempted_at AS attemptedAt, failures, failing_since AS failingSince, trouble,
  etag, last_modified AS lastModified, content_hash AS contentHash, dated, covered_from AS coveredFromMs, exits_v4 + exits_v6 AS count,
  as_of AS asOfMs, unchanged_since AS unchangedSinceMs`;

/** Brings the rows in line with the configuration: new sources are due at once. What is configured no more keeps its history. */
export function registerSources(db: Db, sources: readonly SourceIdentity[], now: number): void {
  const rows = db
    .prepare('SELECT identity, name, complete, gap_ms AS gapMs FROM public_sources WHERE configured = 1')
    .all();
  const written = (list: readonly unknown[]): string => JSON.stringify(list.map((item) => JSON.stringify(item)).sort());
  const wanted = sources.map(({ identity, name, complete, gapMs }) => ({
    identity,
    name,
    complete: Number(complete),
    gapMs,
  }));
  if (written(rows) === written(wanted)) return;
  inTransaction(db, () => {
    db.prepare('UPDATE public_sources SET configured = 0').run();
    const upsert = db.prepare(
      `INSERT INTO public_sources (identity, name, configured, complete, gap_ms, next_at) VALUES (?, ?, 1, ?, ?, ?)
       ON CONFLICT (identity) DO UPDATE SET configured = 1, name = excluded.name, complete = excluded.complete,
         gap_ms = excluded.gap_ms`,
    );
    for (const { identity, name, complete, gapMs } of wanted) upsert.run(identity, name, complete, gapMs, now);
  });
}

/** One source; null before it was registered. */
export function sourceByIdentity(db: Db, identity: string): SourceRow | null {
  const row = db.prepare(`SELECT ${columns} FROM public_sources WHERE identity = ?`).get(identity) as
    (Omit<SourceRow, 'dated'> & { dated: 0 | 1 }) | undefined;
  return row === undefined ? null : { ...row, dated: row.dated === 1 };
}

/** When the next source may be asked again, ms UTC; null where none is configured. */
export function nextCollectionAt(db: Db): number | null {
  const row = db.prepare('SELECT min(next_at) AS at FROM public_sources WHERE configured = 1').get() as {
    at: number | null;
  };
  return row.at;
}

/** A clock that ran ahead by more than this wrote what cannot be. */
const aheadMs = 3 * 3_600_000;

/**
 * An attempt begins: whatever becomes of it, the source is left alone until `nextAt` (ms UTC). What a clock that ran ahead has
 * dated after now is forgotten first: nothing could ever be newer.
 */
export function beginAttempt(
  db: Db,
  id: number,
  { now, nextAt }: { readonly now: number; readonly nextAt: number },
): void {
  inTransaction(db, () => {
    const { asOfMs } = db.prepare('SELECT as_of AS asOfMs FROM public_sources WHERE id = ?').get(id) as {
      asOfMs: number | null;
    };
    if (asOfMs !== null && asOfMs > now + aheadMs) forgetAfter(db, id, now);
    db.prepare('UPDATE public_sources SET attempted_at = ?, next_at = ? WHERE id = ?').run(now, nextAt, id);
  });
}

function forgetAfter(db: Db, id: number, now: number): void {
  db.prepare('DELETE FROM public_collections WHERE source_id = ? AND at > ?').run(id, now);
  db.prepare('DELETE FROM public_spans WHERE source_id = ? AND first_at > ?').run(id, now);
  const last = db
    .prepare(
      `SELECT as_of AS asOfMs, covered_from AS coveredFromMs FROM public_collections
       WHERE source_id = ? AND as_of <= ? ORDER BY as_of DESC LIMIT 1`,
    )
    .get(id, now) as { asOfMs: number; coveredFromMs: number } | undefined;
  // What goes on is shown to the last collection that is left; what ended under the wrong clock ended there.
  db.prepare('UPDATE public_spans SET last_at = max(first_at, ?) WHERE source_id = ? AND last_at > ?').run(
    last?.asOfMs ?? 0,
    id,
    now,
  );
  db.prepare(
    `UPDATE public_sources SET as_of = ?, covered_from = ?, etag = NULL, last_modified = NULL, content_hash = NULL,
       unchanged_since = NULL WHERE id = ?`,
  ).run(last?.asOfMs ?? null, last?.coveredFromMs ?? null, id);
}

export type CollectionRow = {
  readonly at: number;
  readonly outcome: 'taken' | 'unchanged' | 'older' | 'stale' | 'implausible' | 'failed';
  readonly asOfMs: number | null;
  readonly v4: number;
  readonly v6: number;
  readonly junk: number;
  readonly bytes: number;
  readonly note: string | null;
};

/** The latest collections of a source, newest first. */
export function latestCollections(db: Db, sourceId: number, limit: number): readonly CollectionRow[] {
  return db
    .prepare(
      `SELECT at, outcome, as_of AS asOfMs, exits_v4 AS v4, exits_v6 AS v6, junk, bytes, note FROM public_collections
       WHERE source_id = ? ORDER BY at DESC, id DESC LIMIT ?`,
    )
    .all(sourceId, limit) as CollectionRow[];
}
