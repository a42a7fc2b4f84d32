import { describe, expect, it } from 'vitest';
import type { Inventory, Node } from '../../../src/core/exits.ts';
import {
  differencesOf,
  type DifferenceInput,
  type PublicSighting,
  type SourceState,
} from '../../../src/core/public-tor/differences.ts';
import { fingerprintA, fingerprintB, hourMs } from '../../support/public-tor.ts';

const now = Date.UTC(2026, 10, 22, 12);
const dayMs = 24 * hourMs;
const node = (more: Partial<Node> = {}): Node => ({ name: 'helium', addresses: ['198.51.100.10'], hostnames: [], from: null, until: null, exit: true, fingerprints: [fingerprintA], ...more }); // prettier-ignore
const sighting = (more: Partial<PublicSighting> = {}): PublicSighting => ({ address: '198.51.100.10', fingerprint: fingerprintA, source: 'exit-addresses', lastSeenMs: now - hourMs, namesUs: false, ...more }); // prettier-ignore
const source: SourceState = { name: 'exit-addresses', complete: true, showsV4: true, showsV6: false, asOfMs: now - hourMs, coveredFromMs: now - 30 * dayMs, failingSince: null, trouble: null }; // prettier-ignore

function found(input: Partial<DifferenceInput>, nodes: readonly Node[] = [node()]): readonly string[] {
  const desk = { addresses: [], messageIdDomain: '', authservId: '', tokenPrefix: 'EX', providerDomains: [] };
  const inventory: Inventory = { desk, nodes };
  return differencesOf({
    nowMs: now,
    unseenAfterMs: 3 * dayMs,
    staleAfterMs: dayMs,
    inventory,
    sources: [source],
    ours: [],
    seen: nodes.map((n) => ({ node: n, last: sighting() })),
    ...input,
  }).map((difference) => `${difference.kind} ${difference.what}`);
}

describe('an exit of ours that the inventory does not have', () => {
  it.each<[string, Partial<PublicSighting>, Node, readonly string[]]>([
    ['is told', { address: '203.0.113.9' }, node(), ['not-in-inventory 203.0.113.9']],
    ['is none where the inventory has it', {}, node(), []],
    ['is none where a prefix of the inventory has it', { address: '198.51.100.77' }, node({ addresses: ['198.51.100.0/24'] }), []],
    ['is told where it was given back before it was seen', {}, node({ until: now - 2 * hourMs }), ['not-in-inventory 198.51.100.10']],
    ['is none where it was given back after', {}, node({ until: now - hourMs / 2 }), []],
  ])('%s', (_, seen, holder, expected) => {
    expect(found({ ours: [sighting(seen)] }, [holder])).toEqual(expected);
  }); // prettier-ignore

  it('is one line, however many relays and sources show it', () => {
    const ours = [sighting({ address: '203.0.113.9' }), sighting({ address: '203.0.113.9', source: 'onionoo', fingerprint: fingerprintB, namesUs: true })]; // prettier-ignore
    expect(found({ ours })).toHaveLength(1);
  });
});

describe('an exit that nobody sees', () => {
  const nothing = (nodes: readonly Node[]) => nodes.map((n) => ({ node: n, last: null }));
  const old = sighting({ lastSeenMs: now - 4 * dayMs });

  it.each<[string, Node, Partial<SourceState>, PublicSighting | null, readonly string[]]>([
    ['is told after its time', node(), {}, old, ['unseen helium']],
    ['is told where it has never been seen', node(), {}, null, ['unseen helium']],
    ['is none where it was seen yesterday', node(), {}, sighting({ lastSeenMs: now - dayMs }), []],
    ['is none where nobody has looked for so long', node(), { coveredFromMs: now - 2 * dayMs }, null, []],
    ['is none where the source shows some relays only', node(), { complete: false }, null, []],
    ['is none where nobody looks any more', node(), { asOfMs: now - 5 * dayMs }, null, ['stale-source exit-addresses']],
    ['is none of IPv6 where the source shows IPv4', node({ addresses: ['2001:db8::10'] }), {}, null, []],
    ['is told of IPv6 where a source shows it', node({ addresses: ['2001:db8::10'] }), { showsV6: true }, null, ['unseen helium']],
    ['is none while it is new', node({ from: now - dayMs }), {}, null, []],
    ['is none where it is no exit', node({ exit: false }), {}, null, []],
  ])('%s', (_, ...[unseen, state, last, expected]) => {
    expect(found({ sources: [{ ...source, ...state }], seen: [{ node: unseen, last }] }, [unseen])).toEqual(expected);
  }); // prettier-ignore

  it('is none where another address of the node is seen', () => {
    const nodes = [node(), node({ addresses: ['198.51.100.11'] })];
    expect(found({ seen: [{ node: nodes[0]!, last: sighting() }, { node: nodes[1]!, last: null }] }, nodes)).toEqual([]); // prettier-ignore
    expect(found({ seen: nothing(nodes) }, nodes)).toEqual(['unseen helium']);
  });
});

it.each<[string, Partial<Node>, Partial<PublicSighting>, readonly string[]]>([
  ['is told', { exit: false }, {}, ['not-exit helium: 198.51.100.10']],
  ['is none where it was seen before it was ours', { exit: false, from: now - hourMs / 2 }, {}, []],
  ['is none where it was long ago', { exit: false }, { lastSeenMs: now - 4 * dayMs }, []],
])('an exit that is stated as none %s', (_, stated, seen, expected) => {
  const holder = node(stated);
  expect(found({ seen: [{ node: holder, last: sighting(seen) }] }, [holder])).toEqual(expected);
});

describe('a source in trouble', () => {
  it.each<[string, Partial<SourceState>, readonly string[]]>([
    ['that is well is no news', {}, []],
    ['that has just begun is no news', { asOfMs: null, coveredFromMs: null }, []],
    ['that failed once is no news', { failingSince: now - hourMs, trouble: 'x' }, []],
    ['that fails for hours is told', { failingSince: now - 7 * hourMs, trouble: 'x' }, ['stale-source exit-addresses']],
    ['whose data are old is told', { asOfMs: now - 2 * dayMs }, ['stale-source exit-addresses']],
  ])('%s', (_, state, expected) => {
    expect(found({ sources: [{ ...source, ...state }] })).toEqual(expected);
  }); // prettier-ignore
});
