import { bytesOf, ipFromBytes } from '../core/addresses/ip.ts';
import type { Sighting } from '../core/public-tor/document.ts';
import { beginOf, planSpans, type SpanKey } from '../core/public-tor/spans.ts';
import type { Db } from './open.ts';
import { inTransaction } from './open.ts';
import type { CollectionRow } from './public-sources.ts';

/** What came of one attempt to collect, for the record. */
export type Collection = {
  readonly sourceId: number;
  /** ms UTC: when it was asked, and when it may be asked again. */
  readonly at: number;
  readonly nextAt: number;
  readonly outcome: CollectionRow['outcome'];
  readonly bytes: number;
  readonly junk: number;
  /** In words: what was wrong, or what was passed over. */
  readonly note: string | null;
  /** Of which instant it speaks, where that is news: then it counts for what was there and what was not. */
  readonly asOfMs: number | null;
  /** The document that was taken; null where none was, or where it says what the last one said. */
  readonly document: {
    readonly sightings: readonly Sighting[];
    readonly dated: boolean;
    readonly etag: string | null;
    readonly lastModified: string | null;
    readonly contentHash: string;
  } | null;
};

/**
 * Writes down one collection, all of it in one transaction: the attempt, the state of its source, and what it changed. What a
 * document shows as before costs nothing. Killed before the commit, nothing of it has happened. Returns how many spans began
 * and ended.
 */
export function recordCollection(db: Db, collection: Collection): { readonly begun: number; readonly ended: number } {
  return inTransaction(db, () => {
    const source = db
      .prepare(
        'SELECT as_of AS asOfMs, covered_from AS coveredFromMs, gap_ms AS gapMs FROM public_sources WHERE id = ?',
      )
      .get(collection.sourceId) as { asOfMs: number | null; coveredFromMs: number | null; gapMs: number };
    const { asOfMs, document } = collection;
    // Two commands may have collected at once: what speaks of an instant that is known already changes nothing.
    const news = asOfMs !== null && asOfMs > (source.asOfMs ?? 0);
    const contiguous = news && source.asOfMs !== null && asOfMs - source.asOfMs <= source.gapMs;
    const coveredFromMs = news ? (contiguous ? source.coveredFromMs : asOfMs) : null;
    let changes = { begun: 0, ended: 0 };
    if (news && (document !== null || !contiguous)) {
      const sightings = document === null ? stillShown(db, collection.sourceId) : document.sightings;
      changes = changeSpans(db, collection.sourceId, { sightings, asOfMs, previousMs: source.asOfMs, contiguous });
    }
    if (news) saveDocument(db, collection, coveredFromMs);
    saveAttempt(db, collection, news ? { asOfMs, coveredFromMs } : { asOfMs: null, coveredFromMs: null });
    return changes;
  });
}

/** A source that says "unchanged" after a long silence shows what it showed: the spans begin anew on this side of the gap. */
function stillShown(db: Db, sourceId: number): readonly Sighting[] {
  return openSpans(db, sourceId).map((span) => ({ ...span, sinceMs: null, untilMs: null, namesUs: null }));
}

function openSpans(db: Db, sourceId: number): readonly SpanKey[] {
  const rows = db
    .prepare(
      `SELECT s.address, r.fingerprint FROM public_spans s JOIN public_relays r ON r.id = s.relay_id
       WHERE s.source_id = ? AND s.last_at IS NULL`,
    )
    .all(sourceId) as { address: Buffer; fingerprint: Buffer }[];
  return rows.map((row) => ({
    address: ipFromBytes(row.address),
    fingerprint: row.fingerprint.length === 0 ? null : row.fingerprint.toString('hex').toUpperCase(),
  }));
}

type Change = {
  readonly sightings: readonly Sighting[];
  readonly asOfMs: number;
  readonly previousMs: number | null;
  readonly contiguous: boolean;
};

function changeSpans(
  db: Db,
  sourceId: number,
  { sightings, asOfMs, previousMs, contiguous }: Change,
): { readonly begun: number; readonly ended: number } {
  const plan = planSpans(openSpans(db, sourceId), sightings, { previousMs, contiguous });
  const end = db.prepare(
    `UPDATE public_spans SET last_at = max(first_at, ?)
     WHERE address = ? AND source_id = ? AND relay_id = ? AND last_at IS NULL`,
  );
  const insert = db.prepare(
    'INSERT INTO public_spans (address, source_id, relay_id, first_at, last_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const latest = db.prepare(
    'SELECT max(last_at) AS lastMs FROM public_spans WHERE address = ? AND source_id = ? AND relay_id = ?',
  );
  const relayOf = relayFinder(db);
  for (const span of plan.ended) end.run(span.lastMs, packed(span.address), sourceId, relayOf(span.fingerprint));
  const lastOf = (address: Buffer, relay: number): number | null =>
    (latest.get(address, sourceId, relay) as { lastMs: number | null }).lastMs;
  for (const sighting of plan.begun) {
    const address = packed(sighting.address);
    const relay = relayOf(sighting.fingerprint);
    insert.run(address, sourceId, relay, beginOf(sighting.sinceMs, lastOf(address, relay), asOfMs), null);
  }
  for (const sighting of plan.past) {
    const address = packed(sighting.address);
    const relay = relayOf(sighting.fingerprint);
    const lastMs = lastOf(address, relay);
    if (lastMs !== null && lastMs >= sighting.untilMs) continue;
    insert.run(address, sourceId, relay, beginOf(sighting.sinceMs, lastMs, sighting.untilMs), sighting.untilMs);
  }
  noteContacts(db, sightings);
  return { begun: plan.begun.length, ended: plan.ended.length };
}

/** Which relays name us in their ContactInfo: the last document that shows contacts decides. Only changes are written. */
function noteContacts(db: Db, sightings: readonly Sighting[]): void {
  const rows = db.prepare('SELECT fingerprint FROM public_relays WHERE names_us = 1').all() as {
    fingerprint: Buffer;
  }[];
  const noted = new Set(rows.map((row) => row.fingerprint.toString('hex').toUpperCase()));
  const names = new Map<string, boolean>();
  for (const { fingerprint, namesUs } of sightings)
    if (fingerprint !== null && namesUs !== null) names.set(fingerprint, namesUs || names.get(fingerprint) === true);
  const change = db.prepare('UPDATE public_relays SET names_us = ? WHERE fingerprint = ?');
  for (const [fingerprint, namesUs] of names)
    if (noted.has(fingerprint) !== namesUs) change.run(Number(namesUs), Buffer.from(fingerprint, 'hex'));
}

function relayFinder(db: Db): (fingerprint: string | null) => number {
  const find = db.prepare('SELECT id FROM public_relays WHERE fingerprint = ?');
  const insert = db.prepare('INSERT INTO public_relays (fingerprint) VALUES (?)');
  return (fingerprint) => {
    const bytes = Buffer.from(fingerprint ?? '', 'hex');
    const row = find.get(bytes) as { id: number } | undefined;
    return row?.id ?? Number(insert.run(bytes).lastInsertRowid);
  };
}

function packed(ip: string): Buffer {
  return Buffer.from(bytesOf(ip));
}

function saveDocument(db: Db, { sourceId, at, asOfMs, document }: Collection, coveredFromMs: number | null): void {
  db.prepare('UPDATE public_sources SET as_of = ?, covered_from = ? WHERE id = ?').run(asOfMs, coveredFromMs, sourceId);
  if (document === null) return;
  const { sightings, dated, etag, lastModified, contentHash } = document;
  const exits = [...new Set(sightings.flatMap((s) => (s.untilMs === null ? [s.address] : [])))];
  const v6 = exits.filter((ip) => ip.includes(':')).length;
  db.prepare(
    `UPDATE public_sources SET etag = ?, last_modified = ?, content_hash = ?, unchanged_since = ?, dated = ?, exits_v4 = ?,
       exits_v6 = ? WHERE id = ?`,
  ).run(etag, lastModified, contentHash, at, Number(dated), exits.length - v6, v6, sourceId);
}

type Covered = { readonly asOfMs: number | null; readonly coveredFromMs: number | null };

/** How many exits it shows stands in the state of its source already. */
function saveAttempt(db: Db, collection: Collection, { asOfMs, coveredFromMs }: Covered): void {
  const { sourceId, at, nextAt, outcome, note, junk, bytes } = collection;
  const well = outcome === 'taken' || outcome === 'unchanged' || outcome === 'older';
  db.prepare(
    `INSERT INTO public_collections (source_id, at, outcome, as_of, covered_from, exits_v4, exits_v6, junk, bytes, note)
     SELECT id, ?, ?, ?, ?, coalesce(exits_v4, 0), coalesce(exits_v6, 0), ?, ?, ? FROM public_sources WHERE id = ?`,
  ).run(at, outcome, asOfMs, coveredFromMs, junk, bytes, note, sourceId);
  if (well)
    db.prepare(
      'UPDATE public_sources SET next_at = ?, failures = 0, failing_since = NULL, trouble = NULL WHERE id = ?',
    ).run(nextAt, sourceId);
  else
    db.prepare(
      `UPDATE public_sources SET next_at = ?, failures = failures + 1, failing_since = coalesce(failing_since, ?),
         trouble = ? WHERE id = ?`,
    ).run(nextAt, at, note, sourceId);
}
