import { ipFromBytes, isWithin, parsePrefix } from '../core/addresses/ip.ts';
import type { PublicSighting, SourceState } from '../core/public-tor/differences.ts';
import type { Db } from './open.ts';

type Row = {
  readonly address: Buffer;
  readonly fingerprint: Buffer;
  readonly source: string;
  readonly lastSeenMs: number;
  readonly namesUs: 0 | 1;
};

const seenRows = `SELECT s.address, r.fingerprint, p.name AS source, coalesce(s.last_at, p.as_of) AS lastSeenMs, r.names_us AS namesUs
  FROM public_spans s JOIN public_sources p ON p.id = s.source_id JOIN public_relays r ON r.id = s.relay_id`;

/** The sources of the configuration as they stand. */
export function sourceStates(db: Db): readonly SourceState[] {
  const rows = db
    .prepare(
      `SELECT name, complete, exits_v4 > 0 AS showsV4, exits_v6 > 0 AS showsV6, as_of AS asOfMs,
         covered_from AS coveredFromMs, failing_since AS failingSince, trouble
       FROM public_sources WHERE configured = 1 ORDER BY id`,
    )
    .all() as (Omit<SourceState, 'complete' | 'showsV4' | 'showsV6'> & Record<'complete' | 'showsV4' | 'showsV6', 0 | 1 | null>)[]; // prettier-ignore
  return rows.map((row) => ({
    ...row,
    complete: row.complete === 1,
    showsV4: row.showsV4 === 1,
    showsV6: row.showsV6 === 1,
  }));
}

/** What was seen last at the addresses of a node (canonical addresses or prefixes), by any source; null where nothing was. */
export function lastSeenAt(db: Db, addresses: readonly string[]): PublicSighting | null {
  const find = db.prepare(
    `${seenRows} WHERE s.address >= ? AND s.address <= ? AND length(s.address) = ? ORDER BY lastSeenMs DESC LIMIT 1`,
  );
  const found = addresses.flatMap((text) => {
    const prefix = parsePrefix(text);
    if (prefix === null) return [];
    const first = Buffer.from(prefix.address.toByteArray());
    const row = find.get(first, lastOf(first, prefix.length), first.length) as Row | undefined;
    return row !== undefined && isWithin(ipFromBytes(row.address), prefix) ? [sighting(row)] : [];
  });
  return found.reduce<PublicSighting | null>((a, b) => (a === null || b.lastSeenMs > a.lastSeenMs ? b : a), null);
}

/** Where relays exit that are ours by their fingerprint or ContactInfo, seen since an instant (ms UTC). */
export function relaysOfOurs(db: Db, fingerprints: readonly string[], sinceMs: number): readonly PublicSighting[] {
  const ours = new Set(fingerprints);
  const rows = [
    ...(db.prepare(`${seenRows} WHERE s.last_at IS NULL AND p.as_of >= ?`).all(sinceMs) as Row[]),
    ...(db.prepare(`${seenRows} WHERE s.last_at >= ?`).all(sinceMs) as Row[]),
  ];
  return rows.map(sighting).filter((s) => s.namesUs || (s.fingerprint !== null && ours.has(s.fingerprint)));
}

/** The last address of the prefix that begins with these bytes. */
function lastOf(first: Buffer, length: number): Buffer {
  return Buffer.from(first.map((byte, i) => byte | (0xff >> Math.min(8, Math.max(0, length - 8 * i)))));
}

function sighting({ address, fingerprint, source, lastSeenMs, namesUs }: Row): PublicSighting {
  return {
    address: ipFromBytes(address),
    fingerprint: fingerprint.length === 0 ? null : fingerprint.toString('hex').toUpperCase(),
    source,
    lastSeenMs,
    namesUs: namesUs === 1,
  };
}
