import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { addressThen } from '../src/core/address-then.ts';
import { bytesOf, ipFromBytes } from '../src/core/addresses/ip.ts';
import type { Inventory, Window } from '../src/core/exits.ts';
import type { Sighting } from '../src/core/public-tor/document.ts';
import { readExitAddresses } from '../src/core/public-tor/exit-addresses.ts';
import { openDatabase, type Db } from '../src/store/open.ts';
import { publicAnswer } from '../src/store/public-answer.ts';
import { registerSources, sourceByIdentity } from '../src/store/public-sources.ts';
import { recordCollection } from '../src/store/record-collection.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const until = Date.UTC(2026, 10, 22);
const exits = 2500;
const questions = 4000;

type Exit = { readonly address: string; readonly fingerprint: string };
type History = { readonly db: Db; readonly sourceId: number; readonly known: readonly Exit[]; readonly current: readonly Exit[]; readonly spans: number }; // prettier-ignore

/**
 * What public Tor data cost after five years: 2,500 exits at any time, each of which lives half a year on average and is missing for some hours every
 * ten days, collected every hour from one source. The same questions to an empty history show what its length costs.
 */
export function measurePublicTor(folder: string): string[][] {
  const random = seeded(7);
  const [short, long] = [1, 1826].map((days) => makeHistory(join(folder, `public-${days}.sqlite`), days, random));
  if (short === undefined || long === undefined) return [];
  const empty = emptyHistory(join(folder, 'public-0.sqlite'));
  const spanOf = (days: number) => (): Window => {
    const at = until - random() * days * dayMs;
    return { from: at, to: at };
  };
  const rows = [
    ...ask('was it an exit then, after 5 years', long, empty, { window: spanOf(1826), work: (h, ip, w) => publicAnswer(h.db, ip, w) }), // prettier-ignore
    ...ask('… within a day (no zone)', long, empty, { window: () => widened(spanOf(1826)()), work: (h, ip, w) => publicAnswer(h.db, ip, w) }), // prettier-ignore
    ...ask('statement on one address, after 5 years', long, empty, { window: spanOf(1826), work: (h, ip, w) => addressThen(inventory, ip, w, { seenAt: until, publicTor: publicAnswer(h.db, ip, w) }) }), // prettier-ignore
  ];
  const cost = [collectionCost(long, random), collectionCost(short, random)];
  const bytes = statSync(join(folder, 'public-1826.sqlite')).size - statSync(join(folder, 'public-0.sqlite')).size;
  for (const { db } of [empty, short, long]) db.close();
  return [
    ...rows,
    ['5 years of public Tor data on disk', `${(bytes / 1e6).toFixed(0)} MB`, `${long.spans} spans, ${(bytes / long.spans).toFixed(0)} bytes each with all else`], // prettier-ignore
    ['one collection of 2,500 exits, 25 of them new', `${cost[0]?.toFixed(1)} ms`, `${((cost[0] ?? 0) / (cost[1] ?? 1)).toFixed(1)}x of that after one day`], // prettier-ignore
    ['reading exit-addresses of 2,500 exits', `${readingCost(long).toFixed(1)} ms`, ''],
  ];
}

const inventory: Inventory = {
  desk: { addresses: ['abuse@exits.example'], messageIdDomain: 'exits.example', authservId: '', tokenPrefix: 'EX', providerDomains: [] }, // prettier-ignore
  nodes: Array.from({ length: 50 }, (_, i) => ({
    name: `node-${i}`,
    addresses: [`198.51.100.${i}`],
    hostnames: [],
    from: null,
    until: null,
    exit: true,
  })),
};

type Question = { readonly window: () => Window; readonly work: (history: History, ip: string, window: Window) => unknown }; // prettier-ignore

/** Half of the questions are about addresses that were exits at some time, half about others. */
function ask(what: string, long: History, empty: History, { window, work }: Question): string[][] {
  const time = (history: History): readonly number[] => {
    const times = Array.from({ length: questions }, (_, i) => {
      const ip = i % 2 === 0 ? (long.known[(i * 7919) % long.known.length]?.address ?? '') : `203.0.113.${i % 250}`;
      const when = window();
      const began = performance.now();
      work(history, ip, when);
      return performance.now() - began;
    });
    return times.slice(questions / 10).toSorted((a, b) => a - b);
  };
  const [few, many] = [time(empty), time(long)];
  const at = (times: readonly number[], part: number): number => times[Math.floor(times.length * part)] ?? 0;
  return [
    [`${what}, half under`, `${at(many, 0.5).toFixed(3)} ms`, `${(at(many, 0.5) / at(few, 0.5)).toFixed(2)}x of an empty history`],
    ['… 99 of 100 under', `${at(many, 0.99).toFixed(3)} ms`, `${(at(many, 0.99) / at(few, 0.99)).toFixed(2)}x`],
  ]; // prettier-ignore
}

function widened({ from }: Window): Window {
  return { from: from - 13 * hourMs, to: from + 13 * hourMs };
}

function emptyHistory(path: string): History {
  const db = openDatabase(path, until);
  registerSources(db, [{ name: 'exits', identity: 'exits', complete: true, gapMs: 6 * hourMs }], until);
  db.exec('VACUUM');
  return { db, sourceId: 1, known: [], current: [], spans: 0 };
}

/** The spans and collections of so many days, as the collections would have left them; written at once, so that the bench ends soon. */
function makeHistory(path: string, days: number, random: () => number): History {
  const { db } = emptyHistory(path);
  const sourceId = sourceByIdentity(db, 'exits')?.id ?? 0;
  const from = until - days * dayMs;
  const relay = db.prepare('INSERT INTO public_relays (fingerprint) VALUES (?)');
  const span = db.prepare('INSERT OR IGNORE INTO public_spans (address, source_id, relay_id, first_at, last_at) VALUES (?, ?, ?, ?, ?)'); // prettier-ignore
  const collected = db.prepare(
    `INSERT INTO public_collections (source_id, at, outcome, as_of, covered_from, exits_v4, bytes) VALUES (?, ?, 'taken', ?, ?, ?, 600000)`,
  );
  const known: Exit[] = [];
  const current: Exit[] = [];
  const write = db.transaction(() => {
    for (let at = from; at <= until; at += hourMs) collected.run(sourceId, at, at, from, exits);
    for (let slot = 0; slot < exits; slot += 1) {
      for (let born = from; born <= until;) {
        const dies = born + hours(random, 182 * 24);
        const exit = { address: ipFromBytes(Uint8Array.from([11 + (slot % 180), ...randomBytes(3)])), fingerprint: randomBytes(20).toString('hex').toUpperCase() }; // prettier-ignore
        known.push(exit);
        if (dies > until) current.push(exit);
        const relayId = relay.run(Buffer.from(exit.fingerprint, 'hex')).lastInsertRowid;
        for (let begins = born; begins <= Math.min(dies, until);) {
          const ends = Math.min(dies, begins + hours(random, 240));
          span.run(Buffer.from(bytesOf(exit.address)), sourceId, relayId, begins, ends > until ? null : ends);
          begins = ends + hours(random, 6) + hourMs;
        }
        born = dies + hourMs;
      }
    }
    db.prepare('UPDATE public_sources SET as_of = ?, covered_from = ?, exits_v4 = ?, exits_v6 = 0').run(
      until,
      from,
      exits,
    );
  });
  write();
  db.exec('VACUUM');
  const { n } = db.prepare('SELECT count(*) AS n FROM public_spans').get() as { n: number };
  return { db, sourceId, known, current, spans: n };
}

/** The median over 24 hours in which one exit of a hundred is replaced each time, committed to disk. */
function collectionCost({ db, sourceId, current }: History, random: () => number): number {
  const shown = current.map((exit): Sighting => ({ ...exit, sinceMs: null, untilMs: null, namesUs: null }));
  const times = Array.from({ length: 24 }, (_, i) => {
    for (let n = 0; n < 25; n += 1) {
      const at = Math.floor(random() * shown.length);
      shown[at] = { address: ipFromBytes(Uint8Array.from([200, ...randomBytes(3)])), fingerprint: randomBytes(20).toString('hex').toUpperCase(), sinceMs: null, untilMs: null, namesUs: null }; // prettier-ignore
    }
    const at = until + (i + 1) * hourMs;
    const document = { sightings: [...shown], dated: true, etag: null, lastModified: null, contentHash: String(i) };
    const began = performance.now();
    recordCollection(db, { sourceId, at, nextAt: at, outcome: 'taken', bytes: 0, junk: 0, note: null, asOfMs: at, document }); // prettier-ignore
    return performance.now() - began;
  });
  return times.toSorted((a, b) => a - b)[12] ?? 0;
}

function readingCost({ current }: History): number {
  const text = current
    .map((exit) => `ExitNode ${exit.fingerprint}\nPublished 2026-11-21 08:00:00\nLastStatus 2026-11-22 08:00:00\nExitAddress ${exit.address} 2026-11-22 08:12:13\n`)
    .join(''); // prettier-ignore
  const times = Array.from({ length: 9 }, () => {
    const began = performance.now();
    readExitAddresses(text, until + dayMs);
    return performance.now() - began;
  });
  return times.toSorted((a, b) => a - b)[4] ?? 0;
}

/** Whole hours, exponentially distributed around a mean, at least one: changes are seen at collections. */
function hours(random: () => number, mean: number): number {
  return Math.max(1, Math.round(-Math.log(1 - random()) * mean)) * hourMs;
}

/** Repeatable chance (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
