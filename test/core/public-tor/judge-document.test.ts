import { describe, expect, it } from 'vitest';
import type { ReadDocument } from '../../../src/core/public-tor/document.ts';
import {
  judgeDocument,
  judgeUnchanged,
  type Before,
  type Circumstances,
} from '../../../src/core/public-tor/judge-document.ts';
import { hourMs, shown } from '../../support/public-tor.ts';

const now = Date.UTC(2026, 10, 22, 12);
const exits = (count: number) =>
  Array.from({ length: count }, (_, i) => shown(`198.18.${Math.floor(i / 250)}.${i % 250}`));
const document: ReadDocument = {
  asOfMs: null,
  sightings: exits(100),
  others: 0,
  junk: 0,
  junkSample: null,
  broken: null,
};
const before: Before = { count: 100, asOfMs: now - hourMs };
const here: Circumstances = {
  nowMs: now,
  staleAfterMs: 24 * hourMs,
  complete: true,
  framed: true,
  endsWithBreak: true,
  accepted: false,
};

describe('may a document change what is known', () => {
  it.each<[string, Partial<ReadDocument>, Partial<Before>, Partial<Circumstances>, string]>([
    ['one like the last', {}, {}, {}, 'taken'],
    ['the first of all', {}, { count: null, asOfMs: null }, {}, 'taken'],
    ['one that is broken', { broken: 'it is half' }, {}, {}, 'implausible'],
    ['more junk than exits', { junk: 101 }, {}, {}, 'implausible'],
    ['as much junk as exits', { junk: 100 }, {}, {}, 'taken'],
    ['much junk among many relays that are no exits', { junk: 500, others: 7000 }, {}, {}, 'taken'],
    ['more exits than there can be', { sightings: exits(50_001) }, { count: null }, {}, 'implausible'],
    ['nothing, from a source that shows all', { sightings: [] }, { count: null }, {}, 'implausible'],
    ['nothing, from a source of some relays', { sightings: [] }, { count: 3 }, { complete: false }, 'taken'],
    ['half of the last', { sightings: exits(50) }, {}, {}, 'taken'],
    ['less than half of it', { sightings: exits(49) }, {}, {}, 'implausible'],
    ['less than half, looked at by a handler', { sightings: exits(49) }, {}, { accepted: true }, 'taken'],
    ['less than half of very few', { sightings: exits(4) }, { count: 19 }, {}, 'taken'],
    ['five times the last', { sightings: exits(500) }, {}, {}, 'taken'],
    ['more than that', { sightings: exits(501) }, {}, {}, 'implausible'],
    ['an end without a line break, where the connection told the length', {}, {}, { endsWithBreak: false }, 'taken'],
    ['an end without a line break, where it did not', {}, {}, { endsWithBreak: false, framed: false }, 'implausible'],
    ['of an hour ago, which is news', { asOfMs: now - hourMs }, { asOfMs: now - 2 * hourMs }, {}, 'taken'],
    ['of an hour ago, which is known', { asOfMs: now - hourMs }, {}, {}, 'older'],
    ['of two days ago', { asOfMs: now - 48 * hourMs }, {}, {}, 'stale'],
    ['that a handler accepts, but is broken', { broken: 'it is half' }, {}, { accepted: true }, 'implausible'],
  ])('%s', (_, ...[read, was, circumstances, outcome]) => {
    const verdict = judgeDocument({ ...document, ...read }, { ...before, ...was }, { ...here, ...circumstances });
    expect(verdict.outcome).toBe(outcome);
  }); // prettier-ignore

  it('counts as of its own instant, or as of now where it names none', () => {
    expect(judgeDocument(document, before, here)).toEqual({ outcome: 'taken', asOfMs: now });
    const dated = { ...document, asOfMs: now - hourMs / 2 };
    expect(judgeDocument(dated, before, here)).toEqual({ outcome: 'taken', asOfMs: now - hourMs / 2 });
  });
});

describe('a document that is the same as the last', () => {
  const policy = { nowMs: now, staleAfterMs: 24 * hourMs };
  it.each([
    ['confirms a list that names no instant', { dated: false, unchangedSinceMs: now - 2 * hourMs }, { outcome: 'unchanged', asOfMs: now }],
    ['says nothing new where it names its instant', { dated: true, asOfMs: now - hourMs }, { outcome: 'unchanged', asOfMs: null }],
    ['is stale where it has been the same for two days', { dated: false, unchangedSinceMs: now - 48 * hourMs }, { outcome: 'stale', because: 'it has not changed for 48 hours' }],
    ['is stale where it still speaks of two days ago', { dated: true, asOfMs: now - 48 * hourMs }, { outcome: 'stale', because: 'it has not changed for 48 hours' }],
  ] as const)('%s', (_, known, expected) => {
    expect(judgeUnchanged({ asOfMs: now - hourMs, unchangedSinceMs: null, ...known }, policy)).toEqual(expected);
  }); // prettier-ignore
});
