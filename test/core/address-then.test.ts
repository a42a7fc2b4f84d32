import { describe, expect, it } from 'vitest';
import { addressThen } from '../../src/core/address-then.ts';
import type { Inventory } from '../../src/core/exits.ts';
import type { PublicAnswer } from '../../src/core/public-tor.ts';
import { wholePolicy } from '../../src/core/tor-policy/exit-policy.ts';

const march = Date.UTC(2026, 2, 1, 11);
const june = Date.UTC(2026, 5, 1);
const policy = wholePolicy({ exitPolicy: [], reducedExitPolicy: true, ipv6Exit: false });
const node = { hostnames: [], until: null, exit: true };

const inventory: Inventory = {
  desk: { addresses: [], messageIdDomain: 'exits.example', authservId: '', tokenPrefix: '', providerDomains: [] },
  nodes: [
    {
      ...node,
      name: 'helium',
      addresses: ['198.51.100.10'],
      from: 0,
      provider: 'Hoster Example',
      fingerprints: ['A'.repeat(40)],
      exitPolicies: [
        { from: 0, until: march, policy },
        { from: march, until: null, policy: policy.slice(0, 2) },
      ],
    },
    { ...node, name: 'helium', addresses: ['198.51.100.12'], from: 0, exit: false, use: 'or' },
    { ...node, name: 'krypton', addresses: ['192.0.2.77'], from: 0, until: june },
  ],
};

const seen: PublicAnswer = {
  kind: 'exit',
  firstSeenMs: 0,
  lastSeenMs: march,
  fingerprint: null,
  source: 'exit-addresses',
};
const notSeen: PublicAnswer = { kind: 'not-seen', coveredFromMs: 0, coveredUntilMs: june };

function at(ip: string, publicTor: PublicAnswer | null = null, window = { from: march, to: march }) {
  return addressThen(inventory, ip, window, { seenAt: june + 1, publicTor });
}

describe('an address at a time', () => {
  it('has its node, its facts, the policies of that time and the public record of that day', () => {
    expect(at('198.51.100.10')).toMatchObject({
      standing: 'exit',
      provider: 'Hoster Example',
      fingerprints: ['A'.repeat(40)],
      policies: [{ from: march, until: null, rules: ['reject *6:*', 'reject private:*'] }],
      publicRecord: ['https://metrics.torproject.org/exonerator.html?ip=198.51.100.10&timestamp=2026-03-01&lang=en'],
      because: ['Our exit then (node helium) since 1970-01-01.'],
    });
  });

  it('has every policy and every day that an uncertain time reaches', () => {
    const then = at('198.51.100.10', null, { from: march - 1, to: march + 20 * 3_600_000 });
    expect(then.policies).toHaveLength(2);
    expect(then.publicRecord.map((link) => /timestamp=([\d-]+)/.exec(link)?.[1])).toEqual(['2026-03-01', '2026-03-02']);
  });

  it('is unknown where it changed within the window, and each part is told', () => {
    const then = at('192.0.2.77', null, { from: june - 1, to: june + 1 });
    expect(then.standing).toBeNull();
    expect(then.because).toEqual([
      'Unknown within the window from 2026-05-31 23:59 UTC to 2026-06-01 00:00 UTC: what it was changed meanwhile.',
      'Our exit then (node krypton) from 1970-01-01 until 2026-06-01; ours no more: nobody of us can look at that machine.',
      'Not ours then: node krypton had it from 1970-01-01 until 2026-06-01.',
    ]);
  });

  it.each([
    ['confirm an exit of ours', '198.51.100.10', seen, /seen as an exit from .* \(exit-addresses\)\.$/],
    ['contradict an exit of ours', '198.51.100.10', notSeen, /Was tor down then, or is the inventory wrong\?$/],
    ['contradict what we call no exit', '198.51.100.12', seen, /The inventory calls it no exit: is it right\?$/],
    ['know a stranger as an exit', '203.0.113.9', seen, /another operator’s exit then, or the inventory lacks it\.$/],
    ['say why they say nothing', '198.51.100.10', { kind: 'unknown', because: 'a gap' }, /not known: a gap\.$/],
  ] as const)('public Tor data %s', (...[, ip, answer, words]) => {
    expect(at(ip, answer).because.join(' ')).toMatch(words);
  });
});
