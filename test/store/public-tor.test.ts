import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PublicAnswer } from '../../src/core/public-tor.ts';
import type { Db } from '../../src/store/open.ts';
import { openDatabase } from '../../src/store/open.ts';
import { publicAnswer } from '../../src/store/public-answer.ts';
import { registerSources, sourceByIdentity } from '../../src/store/public-sources.ts';
import { fingerprintA, hourMs, minuteMs, shown, testSource } from '../support/public-tor.ts';

const t0 = Date.UTC(2026, 10, 22, 8);
const at = (hours: number): number => t0 + hours * hourMs;
const exit = '198.51.100.10';
const other = '203.0.113.9';

const during = (db: Db, ip: string, from: number, to = from): PublicAnswer => publicAnswer(db, ip, { from, to });
const fresh = (): Db => openDatabase(':memory:', t0);

describe('was this address an exit at that time, by the public data', () => {
  it('yes, with the span in which it was shown, the relay and the source', () => {
    const db = fresh();
    const source = testSource(db);
    for (const hour of [0, 1, 2, 3]) source.show(at(hour), [shown(exit, { fingerprint: fingerprintA })]);
    source.show(at(4), [shown(other)]);
    expect(during(db, exit, at(1.5))).toEqual({
      kind: 'exit',
      firstSeenMs: at(0),
      lastSeenMs: at(3),
      fingerprint: fingerprintA,
      source: 'exit-addresses',
    });
  });

  it('no, where the collections on both sides did not show it, and none near them did', () => {
    const db = fresh();
    const source = testSource(db);
    for (let hour = 0; hour < 10; hour += 1) source.show(at(hour), [shown(hour < 2 ? exit : other)]);
    expect(during(db, exit, at(6.5))).toEqual({ kind: 'not-seen', coveredFromMs: at(6), coveredUntilMs: at(7) });
    expect(during(db, '192.0.2.1', at(3.2), at(5.1))).toEqual({ kind: 'not-seen', coveredFromMs: at(3), coveredUntilMs: at(6) }); // prettier-ignore
  });

  it('an uncertain time: an exit at any moment of the window counts', () => {
    const db = fresh();
    const source = testSource(db);
    for (let hour = 0; hour < 30; hour += 1) source.show(at(hour), [shown(hour === 20 ? exit : other)]);
    expect(during(db, exit, at(2), at(28))).toMatchObject({ kind: 'exit', firstSeenMs: at(20), lastSeenMs: at(20) });
  });

  it('between two collections that differ nobody knows, and it is said', () => {
    const db = fresh();
    const source = testSource(db);
    source.show(at(0), [shown(exit)]);
    source.show(at(1), [shown(other)]);
    expect(during(db, exit, at(0.5))).toMatchObject({
      kind: 'unknown',
      because: 'exit-addresses: last seen as an exit shortly before, at 2026-11-22 08:00 UTC',
    });
    expect(during(db, other, at(0.5))).toMatchObject({
      kind: 'unknown',
      because: 'exit-addresses: first seen as an exit shortly after, at 2026-11-22 09:00 UTC',
    });
  });

  it('what is shown to the last goes on until a newer document says otherwise, but not for ever', () => {
    const db = fresh();
    testSource(db).show(at(0), [shown(exit)]);
    expect(during(db, exit, at(1))).toMatchObject({ kind: 'exit', lastSeenMs: at(0) });
    expect(during(db, exit, at(3))).toMatchObject({ kind: 'unknown', because: 'exit-addresses: nothing has been collected since 2026-11-22 08:00 UTC' }); // prettier-ignore
    expect(during(db, other, at(1))).toMatchObject({ kind: 'unknown' });
  });

  it('a gap in the collection is said, and no span reaches over it', () => {
    const db = fresh();
    const source = testSource(db);
    source.show(at(0), [shown(exit)]);
    source.fail(at(1), 'the name cannot be resolved');
    source.show(at(9), [shown(exit)]);
    source.show(at(10), [shown(exit)]);
    expect(during(db, exit, at(4.5))).toEqual({
      kind: 'unknown',
      because: 'exit-addresses: nothing was collected between 2026-11-22 08:00 UTC and 2026-11-22 17:00 UTC',
    });
    expect(during(db, exit, at(9.5))).toMatchObject({ kind: 'exit', firstSeenMs: at(9), lastSeenMs: at(10) });
  });

  it('a source that fails says why there is nothing newer', () => {
    const db = fresh();
    const source = testSource(db);
    expect(during(db, exit, at(0))).toMatchObject({ because: 'exit-addresses: nothing has been collected yet' });
    source.fail(at(0), 'status 503');
    expect(during(db, exit, at(0))).toMatchObject({ because: 'exit-addresses: status 503' });
  });

  it('before the first collection nothing is known, but what a document dates back counts', () => {
    const db = fresh();
    const source = testSource(db);
    source.show(at(0), [shown(exit, { fingerprint: fingerprintA, sinceMs: at(-20) })]);
    source.show(at(1), [shown(exit, { fingerprint: fingerprintA, sinceMs: at(-20) })]);
    expect(during(db, exit, at(-10))).toMatchObject({ kind: 'exit', firstSeenMs: at(-20), lastSeenMs: at(1) });
    expect(during(db, other, at(-10))).toMatchObject({ because: 'exit-addresses: what is collected begins at 2026-11-22 08:00 UTC' }); // prettier-ignore
  });

  it('what a document shows as gone ends where it says, and is kept even where it was never seen to be there', () => {
    const db = fresh();
    const source = testSource(db);
    source.show(at(0), [shown(exit), shown(other, { sinceMs: at(-30), untilMs: at(-20) })]);
    source.show(at(1), [shown(exit)]);
    source.show(at(2), [shown(exit, { untilMs: at(0.5) })]);
    expect(during(db, exit, at(0.2))).toMatchObject({ kind: 'exit', lastSeenMs: at(0.5) });
    expect(during(db, other, at(-25))).toMatchObject({ kind: 'exit', firstSeenMs: at(-30), lastSeenMs: at(-20) });
    const before = db.prepare('SELECT count(*) AS n FROM public_spans').get();
    source.show(at(3), [shown(exit, { untilMs: at(0.5) }), shown(other, { sinceMs: at(-30), untilMs: at(-20) })]);
    expect(db.prepare('SELECT count(*) AS n FROM public_spans').get()).toEqual(before);
  });

  it('a source of some relays only proves nothing about others', () => {
    const db = fresh();
    const source = testSource(db, { name: 'ours', complete: false });
    for (const hour of [0, 1, 2]) source.show(at(hour), [shown(exit)]);
    expect(during(db, exit, at(1))).toMatchObject({ kind: 'exit' });
    expect(during(db, other, at(1))).toMatchObject({ because: 'ours: it shows some relays only, and this address is not among them' }); // prettier-ignore
  });

  it('a list of IPv4 addresses says nothing about IPv6', () => {
    const db = fresh();
    const source = testSource(db);
    for (const hour of [0, 1, 2]) source.show(at(hour), [shown(exit)]);
    expect(during(db, '2001:db8::1', at(1))).toMatchObject({ because: 'exit-addresses: it shows no addresses of this kind' }); // prettier-ignore
    for (const hour of [3, 4, 5, 6, 7, 8]) source.show(at(hour), [shown(exit), shown('2001:db8::2')]);
    expect(during(db, '2001:db8::1', at(7.5))).toMatchObject({ kind: 'not-seen' });
    expect(during(db, '2001:db8::2', at(4))).toMatchObject({ kind: 'exit', firstSeenMs: at(3) });
  });

  it('a source that was given up still answers for its time, and is silent otherwise', () => {
    const db = fresh();
    const source = testSource(db);
    for (const hour of [0, 1, 2]) source.show(at(hour), [shown(exit)]);
    registerSources(db, [], at(3));
    expect(during(db, exit, at(1))).toMatchObject({ kind: 'exit' });
    expect(during(db, exit, at(50))).toEqual({ kind: 'unknown', because: 'no public Tor data are collected' });
    registerSources(db, [{ name: 'renamed', identity: 'exit-addresses', complete: true, gapMs: hourMs }], at(4));
    expect(sourceByIdentity(db, 'exit-addresses')).toMatchObject({ name: 'renamed', asOfMs: at(2) });
  });
});

describe('one collection', () => {
  it('writes what changed, not what is shown', () => {
    const db = fresh();
    const source = testSource(db);
    const many = Array.from({ length: 200 }, (_, i) => shown(`198.51.100.${i}`));
    expect(source.show(at(0), many)).toEqual({ begun: 200, ended: 0 });
    expect(source.show(at(1), [...many.slice(1), shown(other)])).toEqual({ begun: 1, ended: 1 });
    expect(source.unchanged(at(2))).toEqual({ begun: 0, ended: 0 });
    expect(during(db, other, at(1.5))).toMatchObject({ kind: 'exit', lastSeenMs: at(2) });
  });

  it('twice is once: a document of an instant that is known changes nothing', () => {
    const db = fresh();
    const source = testSource(db);
    source.show(at(1), [shown(exit)]);
    expect(source.show(at(1), [shown(other)], at(2))).toEqual({ begun: 0, ended: 0 });
    expect(source.show(at(0), [shown(other)], at(3))).toEqual({ begun: 0, ended: 0 });
    expect(during(db, other, at(1))).toMatchObject({ kind: 'not-seen' });
    expect(source.row().asOfMs).toBe(at(1));
  });

  it('"unchanged" after a long silence begins the spans anew on this side of the gap', () => {
    const db = fresh();
    const source = testSource(db);
    source.show(at(0), [shown(exit)]);
    expect(source.unchanged(at(10))).toEqual({ begun: 1, ended: 1 });
    expect(during(db, exit, at(5))).toMatchObject({ kind: 'unknown' });
    expect(during(db, exit, at(10))).toMatchObject({ kind: 'exit', firstSeenMs: at(10) });
  });
});

/** What a patient person with a list of all collections would say, by the same rules. */
function naive(
  docs: readonly { readonly at: number; readonly set: ReadonlySet<string> }[],
  ip: string,
  window: { readonly from: number; readonly to: number },
  gapMs: number,
): string {
  const last = docs.at(-1);
  if (last === undefined) return 'unknown';
  const runs: { first: number; last: number; open: boolean }[] = [];
  docs.forEach((doc, i) => {
    if (!doc.set.has(ip)) return;
    const before = docs[i - 1];
    const run = runs.at(-1);
    if (run !== undefined && before?.set.has(ip) === true && doc.at - before.at <= gapMs) run.last = doc.at;
    else runs.push({ first: doc.at, last: doc.at, open: false });
    if (doc === last) runs.at(-1)!.open = true;
  });
  const overlapping = (slack: number, trail: number): boolean =>
    runs.some((run) => run.first - slack <= window.to && window.from <= run.last + slack + (run.open ? trail : 0));
  if (overlapping(0, gapMs)) return 'exit';
  if (overlapping(gapMs, 0)) return 'unknown';
  const inside = docs.filter((doc) => doc.at > window.from && doc.at < window.to);
  const left = docs.findLast((doc) => doc.at <= window.from);
  const right = docs.find((doc) => doc.at >= window.to);
  if (left === undefined || right === undefined) return 'unknown';
  const chain = [left, ...inside, right];
  const whole = chain.every((doc, i) => i === 0 || doc.at - chain[i - 1]!.at <= gapMs);
  return whole && right.set.size > 0 ? 'not-seen' : 'unknown';
}

describe('properties', () => {
  const addresses = ['198.51.100.1', '198.51.100.2', '203.0.113.3', '192.0.2.4'];
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ minutes: fc.integer({ min: 1, max: 200 }), set: fc.option(fc.subarray(addresses, { minLength: 1 })) }) }, // prettier-ignore
    { weight: 1, arbitrary: fc.record({ minutes: fc.integer({ min: 200, max: 3000 }), set: fc.constant(null) }) },
  );

  it('after any sequence of collections, every answer is that of a naive model', () => {
    const gapMs = 120 * minuteMs;
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 14 }),
        fc.array(fc.record({ ip: fc.constantFrom(...addresses), from: fc.integer({ min: -60, max: 2000 }), long: fc.integer({ min: 0, max: 300 }) }), { minLength: 1, maxLength: 12 }), // prettier-ignore
        (steps, questions) => {
          const db = fresh();
          const source = testSource(db, { gapMs });
          const docs: { at: number; set: ReadonlySet<string> }[] = [];
          let now = t0;
          for (const { minutes, set } of steps) {
            now += minutes * minuteMs;
            if (set === null) source.fail(now, 'no answer');
            else {
              source.show(now, set.map((ip) => shown(ip))); // prettier-ignore
              docs.push({ at: now, set: new Set(set) });
            }
          }
          for (const { ip, from, long } of questions) {
            const window = { from: t0 + from * minuteMs, to: t0 + (from + long) * minuteMs };
            expect([window.from, window.to, publicAnswer(db, ip, window).kind]).toEqual([window.from, window.to, naive(docs, ip, window, gapMs)]); // prettier-ignore
          }
          db.close();
        },
      ),
      { numRuns: 300 },
    );
  });
});
