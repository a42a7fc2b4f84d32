import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Destination, PolicyOptions } from '../../../src/core/tor-policy/exit-policy.ts';
import { askPolicy, wholePolicy } from '../../../src/core/tor-policy/exit-policy.ts';
import { parseRule, parseRules } from '../../../src/core/tor-policy/rule.ts';

/** Options as a torrc writes them. */
function options(lines: readonly string[], change: Partial<PolicyOptions> = {}): PolicyOptions {
  const exitPolicy = lines.flatMap(parseRules).map((parsed) => {
    if (!parsed.ok) throw new Error(parsed.problem);
    return parsed.rule;
  });
  return { exitPolicy, reducedExitPolicy: false, ipv6Exit: true, ...change };
}

function to(
  address: string | null,
  port: number | null,
  family: 4 | 6 = address?.includes(':') === true ? 6 : 4,
): Destination {
  return { family, address, port };
}

describe('a rule of an exit policy', () => {
  it.each([
    ['accept *:80', 'accept *:80'],
    ['  Reject   *:25 ', 'reject *:25'],
    ['reject *', 'reject *:*'],
    ['reject *:1-65535', 'reject *:*'],
    ['accept 18.7.22.69:*', 'accept 18.7.22.69:*'],
    ['reject 18.0.0.0/8:*', 'reject 18.0.0.0/8:*'],
    ['reject 18.7.22.69/8:135-139', 'reject 18.0.0.0/8:135-139'],
    ['reject 18.0.0.0/255.0.0.0:22', 'reject 18.0.0.0/8:22'],
    ['accept *4:443', 'accept *4:443'],
    ['accept6 *:443', 'accept *6:443'],
    ['reject6 [FC00::]/7:*', 'reject [fc00::]/7:*'],
    ['accept [2001:db8::1]:22', 'accept [2001:db8::1]:22'],
    ['accept 2001:db8::1', 'accept [2001:db8::1]:*'],
    ['reject private:*', 'reject private:*'],
    ['reject6 private', 'reject private:*'],
  ])('%s reads %s', (written, text) => {
    expect(parseRule(written)).toMatchObject({ ok: true, rule: { text } });
  });

  it.each([
    ['drop *:80', 'is no rule'],
    ['accept', 'is no rule'],
    ['accept *:0', 'is no port'],
    ['accept *:81-80', 'is no port'],
    ['accept *:70000', 'is no port'],
    ['accept 18.0.0.0/33:*', 'is no address'],
    ['accept 18.0.0.0/255.0.255.0:*', 'is no address'],
    ['accept www.example.com:80', 'is no address'],
    ['accept6 18.7.22.69:80', 'tor ignores this rule'],
  ])('%s is told as wrong: %s', (written, problem) => {
    const ignored = problem.includes('ignores');
    expect(parseRule(written)).toMatchObject({ ok: false, problem: expect.stringContaining(problem), ignored });
  });
});

describe('an exit policy', () => {
  const web = options(['accept *:80,accept *:443', 'reject *:*']);
  const port = (a: string, b: Partial<PolicyOptions> = {}) => options([a], b);

  it.each([
    ['the rules of the operator', web, to('203.0.113.9', 80), 'accepted', 'accept *:80'],
    ['what is behind them', web, to('203.0.113.9', 22), 'refused', 'reject *:*'],
    ['every destination of a port', web, to(null, 22), 'refused', 'reject *:*'],
    ['tor’s default policy behind rules that do not end', port('reject *:22'), to(null, 80), 'accepted', 'accept *:*'],
    ['mail, by tor’s default policy', port('reject *:22'), to(null, 25), 'refused', 'reject *:25'],
    [
      'the reduced policy instead',
      port('reject *:22', { reducedExitPolicy: true }),
      to(null, 25),
      'refused',
      'reject *:*',
    ],
    [
      'what the reduced policy lets out',
      options([], { reducedExitPolicy: true }),
      to(null, 22),
      'accepted',
      'accept *:22',
    ],
    ['no IPv6 without IPv6Exit', port('accept *:*', { ipv6Exit: false }), to(null, 80, 6), 'refused', 'reject *6:*'],
    ['no inner networks', port('accept *:*'), to('192.168.1.1', 80), 'refused', 'reject private:*'],
    [
      'the first rule that matches',
      options(['accept 18.7.22.69:*,reject 18.0.0.0/8:*,accept *:*']),
      to('18.7.22.69', 22),
      'accepted',
      'accept 18.7.22.69:*',
    ],
    [
      'the second where the first does not',
      options(['accept 18.7.22.69:*,reject 18.0.0.0/8:*,accept *:*']),
      to('18.1.1.1', 22),
      'refused',
      'reject 18.0.0.0/8:*',
    ],
    ['one family only', options(['reject *6:80', 'accept *:*']), to(null, 80, 4), 'accepted', 'accept *:*'],
  ] as const)('answers by %s', (...[, policy, destination, answer, rule]) => {
    expect(askPolicy(wholePolicy(policy), destination)).toMatchObject({ answer, rule: { text: rule } });
  });

  it.each([
    ['some addresses of the port are let out', ['accept 203.0.113.0/24:22', 'reject *:*'], to(null, 22)],
    ['some addresses of the port are not', ['reject 203.0.113.0/24:80', 'accept *:*'], to(null, 80)],
    ['some ports of the address are let out', ['accept *:80', 'reject *:*'], to('203.0.113.9', null)],
  ] as const)('says that it depends where %s', (_, lines, destination) => {
    expect(askPolicy(wholePolicy(options(lines)), destination)).toEqual({ answer: 'depends', rule: null });
  });
});

const octet = fc.integer({ min: 0, max: 255 });
const network = fc.oneof(
  fc.constantFrom('*', '*4', '*6', 'private'),
  fc
    .tuple(octet, octet, octet, octet, fc.integer({ min: 0, max: 32 }))
    .map(([a, b, c, d, n]) => `${a}.${b}.${c}.${d}/${n}`),
  fc
    .tuple(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 128 }))
    .map(([a, n]) => `[2001:db8:${a.toString(16)}::]/${n}`),
);
const ports = fc.oneof(
  fc.constant('*'),
  fc
    .tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 0, max: 300 }))
    .map(([p, n]) => `${p}-${Math.min(p + n, 65_535)}`),
);
const ruleText = fc.tuple(fc.constantFrom('accept', 'reject'), network, ports).map(([a, n, p]) => `${a} ${n}:${p}`);

describe('every exit policy', () => {
  it('answers the same in another thread: it is plain data', () => {
    const policy = wholePolicy(options(['reject 18.0.0.0/8:*,reject [2001:db8::]/32:80', 'accept *:*']));
    for (const destination of [to('18.1.1.1', 22), to('2001:db8::1', 80), to('10.0.0.1', 80), to('203.0.113.1', 80)]) {
      expect(askPolicy(structuredClone(policy), destination)).toEqual(askPolicy(policy, destination));
    }
  });

  it('has rules that read the same when their own text is read again', () => {
    fc.assert(
      fc.property(ruleText, (text) => {
        const once = parseRule(text);
        if (!once.ok) throw new Error(once.problem);
        expect(parseRule(once.rule.text)).toEqual(once);
      }),
    );
  });

  it('lets the first rule that matches win, whatever stands behind it', () => {
    const target = fc.tuple(octet, octet, fc.integer({ min: 1, max: 65_535 }));
    fc.assert(
      fc.property(
        fc.array(ruleText, { maxLength: 8 }),
        fc.array(ruleText, { maxLength: 8 }),
        target,
        (first, more, [a, b, p]) => {
          const destination = to(`198.18.${a}.${b}`, p);
          const short = askPolicy(options(first).exitPolicy, destination);
          const long = askPolicy(options([...first, ...more]).exitPolicy, destination);
          if (short.answer !== 'depends') expect(long).toEqual(short);
        },
      ),
    );
  });

  it('answers for a known destination as for all of them where it answers for all', () => {
    const target = fc.tuple(octet, octet, fc.integer({ min: 1, max: 65_535 }));
    fc.assert(
      fc.property(fc.array(ruleText, { maxLength: 8 }), target, (lines, [a, b, p]) => {
        const policy = wholePolicy(options(lines));
        const all = askPolicy(policy, to(null, p));
        const one = askPolicy(policy, to(`203.0.${a}.${b}`, p));
        if (all.answer !== 'depends') expect(one.answer).toBe(all.answer);
      }),
    );
  });

  it('never throws on any text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => typeof parseRule(text).ok === 'boolean'));
  });
});
