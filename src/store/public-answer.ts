import { bytesOf } from '../core/addresses/ip.ts';
import type { Window } from '../core/exits.ts';
import { answerFrom, type SourceFacts } from '../core/public-tor/answer.ts';
import type { PublicAnswer } from '../core/public-tor.ts';
import type { Db } from './open.ts';

type Source = Pick<SourceFacts, 'source' | 'gapMs' | 'asOfMs' | 'trouble'> & {
  readonly id: number;
  readonly configured: 0 | 1;
  readonly complete: 0 | 1;
};
type Span = { readonly sourceId: number; readonly firstMs: number; readonly lastMs: number | null; readonly fingerprint: Buffer }; // prettier-ignore

/**
 * Was the address (canonical) an exit at any moment of the window, by the public Tor data collected? Costs the spans of this one
 * address and three look-ups a source, however long the history is.
 */
export function publicAnswer(db: Db, ip: string, window: Window): PublicAnswer {
  const sources = db
    .prepare(
      `SELECT id, name AS source, configured, complete, gap_ms AS gapMs, as_of AS asOfMs, trouble FROM public_sources
       ORDER BY id`,
    )
    .all() as Source[];
  const reach = Math.max(0, ...sources.map((source) => source.gapMs));
  const spans = db
    .prepare(
      `SELECT s.source_id AS sourceId, s.first_at AS firstMs, s.last_at AS lastMs, r.fingerprint
       FROM public_spans s JOIN public_relays r ON r.id = s.relay_id
       WHERE s.address = ? AND s.first_at <= ? AND (s.last_at IS NULL OR s.last_at >= ?)`,
    )
    .all(Buffer.from(bytesOf(ip)), window.to + reach, window.from - reach) as Span[];
  const isV6 = ip.includes(':');
  return answerFrom(
    sources.map((source) => factsOf(db, source, { spans, window, isV6 })),
    window,
  );
}

/** Are any public Tor data collected, or were they ever? Without them there is nothing to ask. */
export function collectsPublicTor(db: Db): boolean {
  const row = db.prepare('SELECT 1 FROM public_sources WHERE configured = 1 OR as_of IS NOT NULL LIMIT 1').get();
  return row !== undefined;
}

type About = { readonly spans: readonly Span[]; readonly window: Window; readonly isV6: boolean };

function factsOf(db: Db, source: Source, { spans, window, isV6 }: About): SourceFacts {
  const first = db
    .prepare('SELECT min(as_of) AS at FROM public_collections WHERE source_id = ? AND as_of IS NOT NULL')
    .get(source.id) as { at: number | null };
  const before = db
    .prepare('SELECT max(as_of) AS at FROM public_collections WHERE source_id = ? AND as_of <= ?')
    .get(source.id, window.from) as { at: number | null };
  const after = db
    .prepare(
      `SELECT as_of AS atMs, covered_from AS coveredFromMs, exits_v4 AS v4, exits_v6 AS v6 FROM public_collections
       WHERE source_id = ? AND as_of >= ? ORDER BY as_of LIMIT 1`,
    )
    .get(source.id, window.to) as { atMs: number; coveredFromMs: number; v4: number; v6: number } | undefined;
  return {
    ...source,
    configured: source.configured === 1,
    complete: source.complete === 1,
    firstMs: first.at,
    beforeMs: before.at,
    after: after === undefined ? null : { ...after, showsFamily: (isV6 ? after.v6 : after.v4) > 0 },
    spans: spans
      .filter((span) => span.sourceId === source.id)
      .map(({ firstMs, lastMs, fingerprint }) => ({ firstMs, lastMs, fingerprint: nameOf(fingerprint) })),
  };
}

function nameOf(fingerprint: Buffer): string | null {
  return fingerprint.length === 0 ? null : fingerprint.toString('hex').toUpperCase();
}
