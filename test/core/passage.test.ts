import { describe, expect, it } from 'vitest';
import type { Node } from '../../src/core/exits.ts';
import type { Flow, Traffic } from '../../src/core/judgement.ts';
import { passageOf, raisesSuspicion } from '../../src/core/passage.ts';
import { wholePolicy } from '../../src/core/tor-policy/exit-policy.ts';
import { parseRules } from '../../src/core/tor-policy/rule.ts';
import { anAddress } from '../support/a-case.ts';

const january = Date.UTC(2026, 0, 1);
const june = Date.UTC(2026, 5, 1);
const july = Date.UTC(2026, 6, 1);

function policy(text: string) {
  const exitPolicy = parseRules(text).flatMap((p) => (p.ok ? [p.rule] : []));
  return wholePolicy({ exitPolicy, reducedExitPolicy: false, ipv6Exit: true });
}

const noSsh = policy('reject *:22,accept *:*');
const all = policy('accept *:*');

function node(exitPolicies: Node['exitPolicies']): Node {
  const base = { name: 'helium', addresses: ['198.51.100.10', '2001:db8:e1::10'], hostnames: [] };
  return { ...base, from: null, until: null, exit: true, ...(exitPolicies === undefined ? {} : { exitPolicies }) };
}

function sent(...flows: readonly Partial<Flow>[]): Traffic {
  const flow = { protocol: 'tcp', port: null, address: null, stated: true } as const;
  return { flows: flows.map((f) => ({ ...flow, ...f })), whole: true, synOnly: false };
}

const at = { from: july, to: july };
const always = [{ from: null, until: null, policy: noSsh }];

describe('could it have come through us', () => {
  it.each([
    ['UDP', sent({ protocol: 'udp', port: 123 }), [], 'impossible', ['not-tcp']],
    ['ICMP', sent({ protocol: 'icmp' }), [], 'impossible', ['not-tcp']],
    ['a name lookup of the exit itself', sent({ protocol: 'udp', port: 53 }), always, 'possible', ['name-lookup']],
    ['UDP to a port that nobody names', sent({ protocol: 'udp' }), always, 'possible', ['name-lookup']],
    ['a port that the policy refuses', sent({ port: 22 }), always, 'impossible', ['refused']],
    ['the same with no protocol named', sent({ protocol: null, port: 22 }), always, 'impossible', ['refused']],
    ['a port that it lets out', sent({ port: 443 }), always, 'possible', []],
    ['TCP to no named port', sent({}), always, 'possible', []],
    [
      'a port of which some addresses are let out',
      sent({ port: 22 }),
      [{ from: null, until: null, policy: policy('accept 203.0.113.0/24:22,reject *:*') }],
      'possible',
      [],
    ],
    [
      'an address that is refused',
      sent({ port: 80, address: '203.0.113.9' }),
      [{ from: null, until: null, policy: policy('reject 203.0.113.0/24:*') }],
      'impossible',
      ['refused'],
    ],
    ['a policy that is not known', sent({ port: 22 }), [], 'unknown', []],
    ['a policy that begins later', sent({ port: 22 }), [{ from: july + 1, until: null, policy: noSsh }], 'unknown', []],
    ['a policy that ended before', sent({ port: 22 }), [{ from: null, until: june, policy: noSsh }], 'unknown', []],
    [
      'two tor processes, one of which lets it out',
      sent({ port: 22 }),
      [...always, { from: null, until: null, policy: all }],
      'possible',
      [],
    ],
    ['an sshd’s log, whose port is only concluded', sent({ port: 22, stated: false }), always, 'doubtful', ['refused']],
    ['some of it', sent({ protocol: 'udp', port: 123 }, { port: 443 }), always, 'partly', ['not-tcp']],
  ] as const)('%s: %#', (...[, traffic, exitPolicies, verdict, whys]) => {
    const passage = passageOf(traffic, '198.51.100.10', [node(exitPolicies)], at);
    expect(passage).toMatchObject({ verdict });
    expect(passage.because.map((r) => r.why)).toEqual(whys);
  });

  it('names the line that decides and since when it held', () => {
    const spans = [{ from: january, until: null, policy: noSsh }];
    expect(passageOf(sent({ port: 22 }), '198.51.100.10', [node(spans)], at).because).toEqual([
      { why: 'refused', port: 22, address: null, rule: 'reject *:22', since: january, stated: true },
    ]);
  });

  it('asks every policy of an uncertain span, and says nothing where one lets it out', () => {
    const changed = [
      { from: january, until: june, policy: all },
      { from: june, until: null, policy: noSsh },
    ];
    const window = (from: number) => ({ from, to: july });
    const verdict = (from: number) =>
      passageOf(sent({ port: 22 }), '198.51.100.10', [node(changed)], window(from)).verdict;
    expect([verdict(june), verdict(june - 1), verdict(january - 1)]).toEqual(['impossible', 'possible', 'unknown']);
  });

  it('names no policy where the complaint gives no time', () => {
    expect(passageOf(sent({ port: 22 }), '198.51.100.10', [node(always)], null).verdict).toBe('unknown');
  });

  it('holds the policy of IPv6 against an IPv6 address of ours', () => {
    const four = wholePolicy({ exitPolicy: [], reducedExitPolicy: false, ipv6Exit: false });
    const spans = [{ from: null, until: null, policy: four }];
    expect(passageOf(sent({ port: 443 }), '2001:db8:e1::10', [node(spans)], at).because).toMatchObject([
      { rule: 'reject *6:*' },
    ]);
  });

  it('is never impossible where some evidence was not read', () => {
    expect(
      passageOf({ ...sent({ protocol: 'udp', port: 123 }), whole: false }, '198.51.100.10', [node([])], at).verdict,
    ).toBe('partly');
  });

  it('doubts first packets to port 22, and no others', () => {
    const verdict = (port: number) =>
      passageOf(
        { ...sent({ port }), synOnly: true },
        '198.51.100.10',
        [node([{ from: null, until: null, policy: all }])],
        at,
      );
    expect(verdict(22)).toEqual({ verdict: 'doubtful', because: [{ why: 'syn-only' }] });
    expect(verdict(443).verdict).toBe('possible');
  });
});

describe('what raises the suspicion', () => {
  it.each([
    ['nothing is known', undefined, false],
    ['it may have come through Tor', { verdict: 'possible', because: [] }, false],
    ['none of it can', { verdict: 'impossible', because: [] }, true],
    ['some of it cannot', { verdict: 'partly', because: [] }, true],
    ['it may be forged', { verdict: 'doubtful', because: [{ why: 'syn-only' }] }, true],
    ['only a concluded port is refused', { verdict: 'doubtful', because: [] }, false],
  ] as const)('%s: %#', (_, passage, raised) => {
    expect(raisesSuspicion(anAddress(passage === undefined ? {} : { passage }))).toBe(raised);
  });
});
