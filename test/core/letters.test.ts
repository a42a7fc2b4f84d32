import { expect, test } from 'vitest';
import { letterNames, letterView, type LetterInput } from '../../src/core/letters.ts';
import { sampleInput } from '../../src/core/letters/sample.ts';
import type { LetterName } from '../../src/core/policy.ts';

const facts = { noLogs: true };

/** The sample case with changes to its judgement. */
function inputFor(letter: LetterName, changes: Partial<LetterInput['judgement']> = {}): LetterInput {
  const input = sampleInput(letter, 'en', facts);
  return { ...input, judgement: { ...input.judgement, ...changes } };
}

function accused(
  ip: string,
  standing: 'exit' | 'exit-then' | 'not-exit' | 'not-ours',
): LetterInput['judgement']['addresses'][number] {
  return { ip, role: 'reported', standing, node: null, because: '' };
}

test('the standing of an address, the reported time beside UTC, and the public record of that very day', () => {
  const view = letterView('non-threatening', inputFor('non-threatening'));
  expect(view.addresses[0]).toEqual({
    ip: '198.51.100.10',
    since: '2024-01-01',
    until: null,
    wasExit: true,
    wasOursNoExit: false,
    wasNotOurs: false,
    givenBack: false,
    publicRecord: 'https://metrics.torproject.org/exonerator.html?ip=198.51.100.10&timestamp=2026-03-01&lang=en',
    uncertain: false,
    seenAsExit: { from: '2025-12-02', to: '2026-03-02' },
  });
  expect(view.addresses[1]?.publicRecord).toContain('ip=2001%3Adb8%3Ae1%3A%3A10&timestamp=2026-03-01');
  expect(view).toMatchObject({
    reportedTime: '01 Mar 2026 12:04 CET',
    utcTime: '2026-03-01 11:04 UTC',
    timeMissing: false,
  });
});

test('the day of the record is the day in UTC, as the public record counts', () => {
  const event = { at: '2026-03-01T23:30:00-05:00', local: null, text: null };
  const view = letterView('threatening', inputFor('threatening', { event }));
  expect(view.addresses[0]?.publicRecord).toContain('timestamp=2026-03-02');
  expect(view).toMatchObject({ utcTime: '2026-03-02 04:30 UTC', reportedTime: '2026-03-02 04:30 UTC' });
});

test('a time without a zone stays as written and is said to lack one', () => {
  const event = { at: null, local: '2026-03-01T12:04', text: null };
  const view = letterView('non-threatening', inputFor('non-threatening', { event }));
  expect(view).toMatchObject({
    reportedTime: '2026-03-01 12:04',
    utcTime: null,
    zoneMissing: true,
    timeMissing: false,
  });
  expect(view.addresses[0]?.publicRecord).toContain('timestamp=2026-03-01');
});

test('without a time the day of the complaint is looked up, and that is said', () => {
  const event = { at: null, local: null, text: null };
  const view = letterView('non-threatening', inputFor('non-threatening', { event }));
  expect(view).toMatchObject({ reportedTime: null, utcTime: null, timeMissing: true });
  expect(view.addresses[0]?.publicRecord).toContain('timestamp=2026-03-02');
});

test('an address given back since then is stated with both dates', () => {
  const input = inputFor('non-threatening', { addresses: [accused('198.51.100.10', 'exit-then')] });
  const until = Date.parse('2026-03-02T00:00:00Z');
  const nodes = input.inventory.nodes.map((n) => ({ ...n, until }));
  const view = letterView('non-threatening', { ...input, inventory: { ...input.inventory, nodes } });
  expect(view.addresses[0]).toMatchObject({ since: '2024-01-01', until: '2026-03-02', wasExit: true, givenBack: true });
  expect(view.allGivenBack).toBe(true);
});

test('what the exit cannot have let out is stated with its reason, and what a person may have to know stays out', () => {
  const because = [
    { why: 'not-tcp', protocol: 'udp', port: 123 },
    { why: 'refused', port: 25, address: '203.0.113.9', rule: 'reject *:25', since: null, stated: true },
    { why: 'refused', port: 22, address: null, rule: 'reject *:22', since: null, stated: false },
    { why: 'name-lookup' },
  ] as const;
  const address = (verdict: 'impossible' | 'partly', change = {}) => ({
    ...accused('198.51.100.10', 'exit'),
    node: 'helium',
    passage: { verdict, because },
    ...change,
  });
  const passageOf = (...addresses: ReturnType<typeof address>[]) =>
    letterView('non-threatening', inputFor('non-threatening', { addresses })).passage;
  expect(passageOf(address('impossible'))).toEqual({
    ruledOut: true,
    all: true,
    notTcp: 'UDP port 123',
    refused: [{ to: 'TCP port 25 of 203.0.113.9', rule: 'reject *:25' }],
    synOnly: false,
    machineChecked: true,
  });
  expect(passageOf(address('partly'))).toMatchObject({ all: false });
  // Two exits of ours: only what neither let out is said.
  const other = address('impossible', {
    ip: '198.51.100.11',
    node: 'neon',
    passage: { verdict: 'impossible', because: because.slice(0, 1) },
  });
  expect(passageOf(address('impossible'), other)).toMatchObject({
    notTcp: 'UDP port 123',
    refused: [],
    machineChecked: false,
  });
  // Not even sure that it was ours then.
  expect(passageOf(address('impossible', { uncertain: true }))).toBeNull();
  expect(passageOf(accused('198.51.100.10', 'exit') as ReturnType<typeof address>)).toBeNull();
});

test('an end that lies ahead is nobody’s business and is not told', () => {
  const input = inputFor('non-threatening');
  const nodes = input.inventory.nodes.map((n) => ({ ...n, until: input.now + 1 }));
  const view = letterView('non-threatening', { ...input, inventory: { ...input.inventory, nodes } });
  expect(view.addresses[0]).toMatchObject({ until: null, givenBack: false });
});

test('only addresses that were exits of ours are called so; mentioned ones do not appear at all', () => {
  const addresses = [
    accused('198.51.100.10', 'exit'),
    accused('203.0.113.9', 'not-ours'),
    accused('198.51.100.99', 'not-exit'),
    { ...accused('198.51.100.10', 'exit'), ip: '198.51.100.77', role: 'mentioned' as const },
  ];
  const view = letterView('non-threatening', inputFor('non-threatening', { addresses }));
  expect(view).toMatchObject({
    exitList: '198.51.100.10',
    severalExits: false,
    addressList: '198.51.100.10, 198.51.100.99, 203.0.113.9',
  });
  expect(view.addresses.map((a) => a.publicRecord === null)).toEqual([false, true, true]);
});

test('a report in bulk is stated with ours first, within bounds, and the rest is counted', () => {
  const strangers = Array.from({ length: 2000 }, (_, i) => accused(`203.0.${i >> 8}.${i & 255}`, 'not-ours'));
  const view = letterView(
    'non-threatening',
    inputFor('non-threatening', { addresses: [...strangers, accused('198.51.100.10', 'exit')] }),
  );
  expect(view.addresses).toHaveLength(50);
  expect(view.addresses[0]?.ip).toBe('198.51.100.10');
  expect(view).toMatchObject({ leftOut: 1951, exitList: '198.51.100.10' });
  expect(view.addressList).toMatch(/^198\.51\.100\.10(?:, 203\.0\.0\.\d){4}, …$/);
});

test('the public record of the last two days is said to be incomplete', () => {
  const soon = inputFor('non-threatening');
  expect(letterView('non-threatening', soon).recordIncomplete).toBe(true);
  expect(letterView('non-threatening', { ...soon, now: soon.now + 3 * 86_400_000 }).recordIncomplete).toBe(false);
});

test('letters to people who were threatened carry a name only where the operator says so', () => {
  for (const letter of letterNames) {
    const threatened = letter === 'threatening' || letter === 'follow-up-threatening';
    const input = { ...inputFor(letter), signThreateningByPerson: false };
    expect(letterView(letter, input).signedBy).toBe(threatened ? null : 'Ada');
    expect(letterView(letter, { ...input, signThreateningByPerson: true }).signedBy).toBe('Ada');
  }
});

test('a complainant behind a provider’s forward is not greeted by the name of the provider’s staff', () => {
  const { judgement } = sampleInput('provider', 'en', facts);
  expect(letterView('provider', inputFor('provider', judgement)).name).toBe('Max Muster');
  expect(letterView('non-threatening', inputFor('non-threatening', judgement)).name).toBeNull();
});

test.each([
  ['Jane Doe', 'Jane Doe'],
  ['{{secret}}', '{{secret}}'],
  ['Jane\r\nBcc: x', 'Jane Bcc: x'],
  ['see https://evil.example', null],
  ['www.evil.example', null],
  ['jane@site.example', null],
  ['\u202e\u200b', null],
  [null, null],
])('the name %j is greeted as %j', (greeting, name) => {
  const input = inputFor('threatening');
  const sender = { ...input.judgement.sender, greeting };
  expect(letterView('threatening', inputFor('threatening', { sender })).name).toBe(name);
});

test('a provider reads of clean checks alone, and of no line of the host', () => {
  const input = inputFor('provider');
  const [check] = input.checks;
  const checks = [
    check!,
    { ...check!, node: 'neon', verdict: 'suspicious' as const },
    { ...check!, node: 'argon', verdict: 'could-not-check' as const },
  ];
  const view = letterView('provider', { ...input, checks });
  expect(view.checks).toEqual([
    {
      node: 'helium',
      at: '2026-03-02 08:30 UTC',
      looksAt: { logins: true, sessions: true, processes: true, openFiles: true, logs: true },
    },
  ]);
});

test('a part that was not done is not claimed', () => {
  const input = inputFor('provider');
  const checks = input.checks.map((c) => ({
    ...c,
    parts: c.parts.map((p) => ({ ...p, status: p.part === 'processes' ? ('done' as const) : ('missing' as const) })),
  }));
  expect(letterView('provider', { ...input, checks }).checks[0]?.looksAt).toEqual({
    logins: false,
    sessions: false,
    processes: true,
    openFiles: false,
    logs: false,
  });
});

test('what became of the complainant: answered on a day, being answered, named, or unknown to us', () => {
  const input = inputFor('provider');
  const view = (letters: LetterInput['letters']) => letterView('provider', { ...input, letters });
  const first = { letter: 'non-threatening' as const, to: 'jane@site.example' };
  expect(view([{ ...first, acceptedAt: input.now }])).toMatchObject({
    complainantAnsweredOn: '2 March 2026',
    complainantBeingAnswered: false,
  });
  expect(view([{ ...first, acceptedAt: null }])).toMatchObject({
    complainantAnsweredOn: null,
    complainantBeingAnswered: true,
  });
  expect(view([{ letter: 'provider', to: 'abuse@hoster.example', acceptedAt: input.now }])).toMatchObject({
    complainantAnsweredOn: null,
    complainantBeingAnswered: false,
    complainantNamed: true,
  });
});

test('a provider’s ticket stays in the subject; other letters of the case do not carry it', () => {
  const input = sampleInput('provider', 'en', facts);
  expect(letterView('provider', input).subject).toBe('Attack from your network [AbuseID:1A2B3C:4D]');
  expect(letterView('non-threatening', input).subject).toBe('Attack from your network');
});

test('an address whose standing the zone of the time decides is stated as that, and not as ours', () => {
  const addresses = [{ ...accused('198.51.100.10', 'exit'), uncertain: true as const }];
  expect(letterView('non-threatening', inputFor('non-threatening', { addresses })).addresses[0]).toMatchObject({
    uncertain: true,
  });
});

test('what public Tor data show is stated of exits and strangers, and never of what we call no exit', () => {
  const view = (standing: 'exit' | 'not-exit' | 'not-ours') =>
    letterView('non-threatening', inputFor('non-threatening', { addresses: [accused('198.51.100.10', standing)] }));
  expect(['exit', 'not-ours', 'not-exit'].map((s) => view(s as 'exit').addresses[0]?.seenAsExit !== null)).toEqual([
    true,
    true,
    false,
  ]);
});
