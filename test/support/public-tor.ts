import { createHash } from 'node:crypto';
import type { Sighting } from '../../src/core/public-tor/document.ts';
import type { Db } from '../../src/store/open.ts';
import { registerSources, sourceByIdentity, type SourceRow } from '../../src/store/public-sources.ts';
import { recordCollection } from '../../src/store/record-collection.ts';

export const hourMs = 3_600_000;
export const minuteMs = 60_000;
export const fingerprintA = 'A'.repeat(40);
export const fingerprintB = '0123456789ABCDEF0123456789ABCDEF01234567';

/** An exit as a list shows it. */
export function shown(address: string, more: Partial<Sighting> = {}): Sighting {
  return { address, fingerprint: null, sinceMs: null, untilMs: null, namesUs: null, ...more };
}

/** A source that is written to without a network. */
export type TestSource = {
  readonly row: () => SourceRow;
  /** A document that was taken, as of an instant (ms UTC). */
  readonly show: (asOfMs: number, sightings: readonly Sighting[], at?: number) => { begun: number; ended: number };
  /** The server said that nothing changed. */
  readonly unchanged: (at: number) => { begun: number; ended: number };
  readonly fail: (at: number, note: string) => void;
};

export function testSource(db: Db, { name = 'exit-addresses', complete = true, gapMs = 2 * hourMs } = {}): TestSource {
  registerSources(db, [{ name, identity: name, complete, gapMs }], 0);
  const row = (): SourceRow => sourceByIdentity(db, name)!;
  const base = (at: number) => ({ sourceId: row().id, at, nextAt: at + hourMs, bytes: 1000, junk: 0, note: null });
  return {
    row,
    show: (asOfMs, sightings, at = asOfMs) =>
      recordCollection(db, {
        ...base(at),
        outcome: 'taken',
        asOfMs,
        document: {
          sightings,
          dated: asOfMs !== at,
          etag: null,
          lastModified: null,
          contentHash: createHash('sha256').update(JSON.stringify(sightings)).digest('hex'),
        },
      }),
    unchanged: (at) => recordCollection(db, { ...base(at), outcome: 'unchanged', asOfMs: at, document: null }),
    fail: (at, note) => void recordCollection(db, { ...base(at), outcome: 'failed', asOfMs: null, note, document: null }), // prettier-ignore
  };
}

/** "2026-11-22 12:00:00" */
export function torTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

export type ListedExit = {
  readonly fingerprint: string;
  readonly lastStatus: number;
  readonly addresses: readonly (readonly [string, number])[];
};

/** An exit list in the form of TorDNSEL. */
export function exitAddresses(exits: readonly ListedExit[]): string {
  return exits
    .map(({ fingerprint, lastStatus, addresses }) =>
      [
        `ExitNode ${fingerprint}`,
        `Published ${torTime(lastStatus - 5 * hourMs)}`,
        `LastStatus ${torTime(lastStatus)}`,
        ...addresses.map(([address, tested]) => `ExitAddress ${address} ${torTime(tested)}`),
        '',
      ].join('\n'),
    )
    .join('');
}

/** A details document of Onionoo. */
export function onionoo(published: number, relays: readonly object[]): string {
  return JSON.stringify({ version: '8.0', build_revision: 'x', relays_published: torTime(published), relays, bridges_published: torTime(published), bridges: [] }); // prettier-ignore
}
