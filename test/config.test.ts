import { mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { configSchema, handlerOnDuty, inventoryOf, loadConfig, probeTargetOf, requirementsOf } from '../src/config.ts';
import { weekdays } from '../src/config/schema.ts';
import { categories } from '../src/core/judgement.ts';
import { DeskError } from '../src/errors.ts';

const dayMs = 86_400_000;
const minimal = `
desk: { name: Abuse desk, organisation: Exits Example, addresses: [Abuse@Exits.example] }
mailboxes: [{ maildir: { path: inbox } }]
sending: { folder: { path: letters } }
nodes: [{ name: helium, addresses: [198.51.100.10, '2001:DB8:e1:0::10'], check: { transport: local } }]
handlers: [{ name: ada, address: ada@exits.example }]
`;
const secrets = { EXITDESK_MAILBOX_ABUSE_PASSWORD: 'one', EXITDESK_SMTP_PASSWORD: 'two' };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exitdesk-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(text: string): string {
  const file = join(folder, 'exitdesk.yaml');
  writeFileSync(file, text);
  return file;
}

/** The minimal configuration with parts replaced, or with whole sections taken away (undefined). */
function written(changes: Record<string, unknown>): string {
  return write(stringify({ ...(parse(minimal) as object), ...changes }));
}

function problemsOf(file: string, env: Record<string, string> = {}): string {
  try {
    loadConfig(file, env);
  } catch (error) {
    expect(error).toBeInstanceOf(DeskError);
    expect((error as DeskError).code).toBe('config-invalid');
    return (error as Error).message;
  }
  throw new Error('the configuration loaded');
}

test('the shipped example loads, and says nothing to worry about', () => {
  const config = loadConfig(resolve('config/example.yaml'), secrets);
  expect(config.warnings).toEqual([]);
  expect(config.nodes.map((n) => n.name)).toEqual(['helium', 'krypton']);
  expect(config.mailboxes[0]).toMatchObject({ type: 'imap', password: 'one' });
  expect(config.sending).toMatchObject({ type: 'smtp', password: 'two', ownCopy: true, sentCopy: 'abuse' });
});

test('the example shows the defaults: what it leaves at its default reads the same when it is taken out', () => {
  const example = loadConfig(resolve('config/example.yaml'), secrets);
  const { policy, limits, storage, digest } = loadConfig(write(minimal), {});
  expect(policy.budgets).toEqual(example.policy.budgets);
  expect({ ...policy, modes: [], handling: {} }).toEqual({ ...example.policy, modes: [], handling: {} });
  expect(limits).toEqual(example.limits);
  expect(digest.dailyAt).toBe(example.digest.dailyAt);
  expect(storage.path).toBe(join(folder, 'data/exitdesk.sqlite'));
});

test('the demo loads without any secret and sends nothing anywhere', () => {
  const config = loadConfig(resolve('config/demo.yaml'), {});
  expect(config).toMatchObject({ rehearsal: true, backlog: 'answer', sending: { type: 'folder' } });
  expect(config.policy.mode).toBe('auto');
  expect(config.warnings).toEqual([]);
});

test('the example mentions every setting there is', () => {
  const example = readFileSync('config/example.yaml', 'utf8');
  const namesIn = (schema: object): string[] =>
    Object.entries(schema).flatMap(([key, value]): string[] => {
      if (typeof value !== 'object' || value === null) return [];
      return key === 'properties'
        ? [...Object.keys(value as object), ...namesIn(value as object)]
        : namesIn(value as object);
    });
  const categoriesAndDays = new Set([...categories, ...weekdays] as string[]);
  const missing = namesIn(configSchema()).filter(
    (n) => !categoriesAndDays.has(n) && !new RegExp(`\\b${n}:`).test(example),
  );
  expect(missing).toEqual([]);
});

test('a minimal configuration is observing, gets defaults, absolute paths and canonical addresses', () => {
  const config = loadConfig(write(minimal), {});
  expect(config.desk).toMatchObject({
    address: 'abuse@exits.example',
    messageIdDomain: 'exits.example',
    subaddress: '+',
  });
  expect(config.mailboxes[0]).toMatchObject({ name: 'inbox', path: join(folder, 'inbox') });
  expect(config.nodes[0]?.addresses.map((a) => a.address)).toEqual(['198.51.100.10', '2001:db8:e1::10']);
  expect(config.policy).toMatchObject({ mode: 'observe', followUpAfterMs: 7 * dayMs, closeAfterMs: 7 * dayMs });
  expect(config.digest.recipients).toEqual(['ada@exits.example']);
  expect(config.limits.mailBytes).toBe(25_000_000);
  expect(requirementsOf(config.nodes[0]!)).toMatchObject({
    required: ['logins', 'sessions', 'processes', 'open-files'],
  });
});

test('every problem is reported at once, each with its line, its path and what was probably meant', () => {
  const message = problemsOf(
    write(`desk:
  name: Abuse desk
  nme: x
  organisation: Exits Example
  addresses: [abuse@exits.example]
mailboxes:
  - imap: { host: imap.example, user: x, password: geheim }
nodes:
  - { name: n, addresses: [198.51.100.10/8] }
  - { name: p, adresses: [198.51.100.11] }
handlers: [{ name: ada, address: ada@exits.example }]
rota: { default: adda }
policy: { mode: atuo, followUpAfter: 7, handling: { child-abuse: letter } }
`),
  );
  for (const line of [
    'line 3: desk.nme: unknown key; did you mean "name"?',
    'line 7: mailboxes[0].imap.password: secrets do not stand in this file',
    'line 9: nodes[0].addresses[0]: not an IP address or prefix',
    'line 10: nodes[1].adresses: unknown key; did you mean "addresses"?',
    'line 12: rota.default: no handler is named "adda"; did you mean "ada"?',
    'line 13: policy.mode: expected one of "observe"|"approve"|"auto"',
    'line 13: policy.followUpAfter: write a duration with its unit',
    'sending: is missing (How letters leave)',
  ])
    expect(message).toContain(line);
  expect(message).not.toContain('geheim');
});

test('a file that is no YAML is refused with the place', () => {
  expect(problemsOf(write('desk: {name: [}'))).toMatch(/at line 1, column/);
  expect(problemsOf(write('desk: 1\ndesk: 2'))).toContain('unique');
});

test('a file whose aliases grow without bound is refused, not expanded', () => {
  const bomb = Array.from(
    { length: 9 },
    (_, i) => `a${i}: &a${i} [${i === 0 ? 'x' : `*a${i - 1}, *a${i - 1}, *a${i - 1}, *a${i - 1}`}]`,
  );
  expect(problemsOf(write(bomb.join('\n')))).toContain('its aliases cannot be resolved');
});

test('an empty file names every section that is needed', () => {
  const message = problemsOf(write(''));
  for (const section of ['desk', 'mailboxes', 'sending', 'nodes', 'handlers'])
    expect(message).toContain(`${section}: is missing`);
});

test('a configuration that is not there has a code of its own', () => {
  expect(() => loadConfig(join(folder, 'none.yaml'), {})).toThrow(expect.objectContaining({ code: 'config-missing' }));
});

test.each([
  [
    'two nodes with one address at one time',
    { nodes: [node('a', '198.51.100.0/24'), node('b', '198.51.100.10')] },
    'belongs to node "a"',
  ],
  [
    'prefixes that contain each other',
    { nodes: [node('a', '2001:db8::/48'), node('b', '2001:db8::/32')] },
    'belongs to node "a"',
  ],
  [
    'two nodes with one address of its own time',
    {
      nodes: [
        { ...node('a', ''), addresses: [{ address: '198.51.100.1', from: '2026-01-01' }] },
        { ...node('b', ''), addresses: [{ address: '198.51.100.1', until: '2026-01-02' }] },
      ],
    },
    'nodes[1].addresses[0]: 198.51.100.1 belongs to node "a"',
  ],
  [
    'an address that was never the node’s',
    {
      nodes: [{ ...node('a', ''), until: '2026-01-01', addresses: [{ address: '198.51.100.1', from: '2026-01-01' }] }],
    },
    "was never the node's",
  ],
  [
    'an address twice',
    { nodes: [{ ...node('a', ''), addresses: ['198.51.100.1', { address: '198.51.100.1', use: 'or' }] }] },
    'is here twice',
  ],
  [
    'an address that is none',
    { nodes: [{ ...node('a', ''), addresses: [{ address: '198.51.100.300' }] }] },
    'nodes[0].addresses[0].address: not an IP address',
  ],
  [
    'an unknown key of an address',
    { nodes: [{ ...node('a', ''), addresses: [{ address: '198.51.100.1', util: '2026-01-01' }] }] },
    'did you mean "until"',
  ],
  [
    'a line that is none of an exit policy',
    { nodes: [{ ...node('a', '198.51.100.1'), exitPolicies: [{ exitPolicy: ['reject *:25', 'deny *:80'] }] }] },
    'nodes[0].exitPolicies[0].exitPolicy[1]: "deny *:80" is no rule',
  ],
  [
    'a fingerprint that is none',
    { nodes: [{ ...node('a', '198.51.100.1'), fingerprints: ['ABC'] }] },
    'nodes[0].fingerprints[0]: not a fingerprint',
  ],
  [
    'two nodes of one name at one time',
    { nodes: [node('a', '198.51.100.1'), node('a', '198.51.100.2')] },
    'two nodes are named "a"',
  ],
  [
    'a node that ends before it begins',
    { nodes: [{ ...node('a', '198.51.100.1'), from: '2026-02-01', until: '2026-01-01' }] },
    'must be later',
  ],
  [
    'a node for SSH without a host key',
    { nodes: [{ name: 'a', addresses: ['198.51.100.1'], check: { keyFile: 'k' } }] },
    'hostKeys is missing',
  ],
  [
    'a mailbox in the clear over the network',
    { mailboxes: [{ imap: { host: 'imap.example', user: 'x', security: 'none' } }] },
    'in the clear',
  ],
  [
    'both smtp and folder',
    { sending: { smtp: { host: 'smtp.example' }, folder: { path: 'x' } } },
    'state either smtp or folder',
  ],
  [
    'a Sent copy in a mailbox that is not there',
    { sending: { folder: { path: 'x' }, sentCopy: 'inbux' } },
    'did you mean "inbox"?',
  ],
  ['police handled by a machine', { policy: { handling: { 'law-enforcement': 'letter' } } }, 'always goes to a person'],
  [
    'a handler at the desk’s own address',
    { handlers: [{ name: 'ada', address: 'abuse@exits.example' }] },
    'an address of the desk itself',
  ],
  ['a digest to nobody known', { digest: { recipients: ['adda'] } }, 'did you mean "ada"?'],
  ['a time zone that does not exist', { digest: { timeZone: 'Europe/Berlinn' } }, 'not a time zone'],
  ['more than two letters a case', { policy: { budgets: { perCase: 3 } } }, 'policy.budgets.perCase'],
  ['links that are none', { letters: { facts: { torLinks: [] } } }, 'at least one link'],
  [
    'an address too long to be signed',
    { desk: { name: 'x', organisation: 'y', addresses: [`${'a'.repeat(31)}@exits.example`] } },
    'too long before the @',
  ],
  [
    'a header break in a name',
    { desk: { name: 'x\nBcc: y', organisation: 'y', addresses: ['a@exits.example'] } },
    'one line of text',
  ],
])('refused: %s', (_, changes, expected) => {
  expect(problemsOf(written(changes as Record<string, unknown>))).toContain(expected);
});

test('an address may move from one node to another when the first has ended', () => {
  const nodes = [
    { ...node('a', '198.51.100.1'), until: '2026-01-01' },
    { ...node('b', '198.51.100.1'), from: '2026-01-01' },
  ];
  expect(loadConfig(written({ nodes }), {}).nodes).toHaveLength(2);
});

test('an address of a node may have a time and a use of its own, and is an entry of the inventory by itself', () => {
  const addresses = [
    '198.51.100.1',
    { address: '198.51.100.2', from: '2026-01-01', until: '2026-06-01' },
    { address: '198.51.100.3', use: 'or' },
    { address: '198.51.100.4', use: 'management' },
    { address: '198.51.100.5', use: 'exit', from: '2020-01-01' },
  ];
  const config = loadConfig(written({ nodes: [{ ...node('a', ''), from: '2025-01-01', addresses }] }), {});
  const [y2025, y2026, june] = ['2025-01-01', '2026-01-01', '2026-06-01'].map((day) => Date.parse(day));
  expect(inventoryOf(config).nodes).toMatchObject([
    { name: 'a', addresses: ['198.51.100.1'], from: y2025, until: null, exit: true },
    { name: 'a', addresses: ['198.51.100.2'], from: y2026, until: june, exit: true },
    { name: 'a', addresses: ['198.51.100.3'], from: y2025, until: null, exit: false, use: 'or' },
    { name: 'a', addresses: ['198.51.100.4'], from: y2025, until: null, exit: false, use: 'management' },
    { name: 'a', addresses: ['198.51.100.5'], from: y2025, until: null, exit: true, use: 'exit' },
  ]);
  expect(config.nodes[0]?.check.host).toBe('198.51.100.4');
});

test('exit policies follow each other: one without an end holds until the next begins', () => {
  const exitPolicies = [
    { exitPolicy: ['reject *:25'] },
    { from: '2026-01-01', reducedExitPolicy: true },
    { from: '2026-01-01', exitPolicy: ['accept *:80,reject *:*'], ipv6Exit: true },
  ];
  const config = loadConfig(written({ nodes: [{ ...node('a', '198.51.100.1'), exitPolicies }] }), {});
  const y2026 = Date.parse('2026-01-01');
  const policies = config.nodes[0]?.exitPolicies ?? [];
  expect(policies.map(({ from, until }) => [from, until])).toEqual([
    [null, y2026],
    [y2026, null],
    [y2026, null],
  ]);
  expect(policies.map(({ policy }) => policy.slice(0, 3).map((rule) => rule.text))).toEqual([
    ['reject *6:*', 'reject private:*', 'reject *:25'],
    ['reject *6:*', 'reject private:*', 'accept *:20-21'],
    ['reject private:*', 'accept *:80', 'reject *:*'],
  ]);
});

test('plain text is fine to this machine, and anywhere when it is forced', () => {
  const imap = { host: '127.0.0.1', user: 'x', security: 'none' };
  const env = { EXITDESK_MAILBOX_INBOX_PASSWORD: 'p' };
  expect(loadConfig(written({ mailboxes: [{ imap }] }), env).mailboxes[0]).toMatchObject({
    port: 143,
    security: 'none',
  });
  const forced = { ...imap, host: 'imap.example', allowPlaintext: true };
  expect(loadConfig(written({ mailboxes: [{ imap: forced }] }), env).mailboxes[0]).toMatchObject({
    host: 'imap.example',
  });
});

test('a secret comes from the environment, a file that the environment names, or a file that the configuration names', () => {
  writeFileSync(join(folder, 'pw'), 'from a file\n', { mode: 0o600 });
  const smtp = { host: 'smtp.example', user: 'x' };
  const password = (sending: object, env: Record<string, string>) =>
    (loadConfig(written({ sending }), env).sending as { password?: string | null }).password;
  expect(password({ smtp }, { EXITDESK_SMTP_PASSWORD: 'direct' })).toBe('direct');
  expect(password({ smtp }, { EXITDESK_SMTP_PASSWORD_FILE: join(folder, 'pw') })).toBe('from a file');
  expect(password({ smtp: { ...smtp, passwordFile: 'pw' } }, {})).toBe('from a file');
  expect(password({ smtp: { host: 'smtp.example' } }, {})).toBeNull();
});

test('a secret that is missing, stated twice, unreadable or empty is a problem like any other', () => {
  writeFileSync(join(folder, 'empty'), '\n');
  const smtp = { host: 'smtp.example', user: 'x' };
  const withFile = (passwordFile: string) => written({ sending: { smtp: { ...smtp, passwordFile } } });
  expect(problemsOf(written({ sending: { smtp } }))).toContain(
    'set EXITDESK_SMTP_PASSWORD or EXITDESK_SMTP_PASSWORD_FILE',
  );
  expect(problemsOf(withFile('pw'), { EXITDESK_SMTP_PASSWORD: 'x' })).toContain('stated more than once');
  expect(problemsOf(withFile('none'))).toContain('ENOENT');
  expect(problemsOf(withFile('empty'))).toContain('is empty');
});

test('a key that anybody could guess signs nothing', () => {
  expect(problemsOf(write(minimal), { EXITDESK_SECRET: 'short' })).toContain('the key is too short');
  expect(loadConfig(write(minimal), { EXITDESK_SECRET: 'x'.repeat(32) }).desk.secret).toHaveLength(32);
});

test('a secret that everybody can read is warned about', () => {
  writeFileSync(join(folder, 'pw'), 'x');
  chmodSync(join(folder, 'pw'), 0o644);
  const sending = { smtp: { host: 'smtp.example', user: 'x', passwordFile: 'pw' } };
  expect(loadConfig(written({ sending }), {}).warnings.join('\n')).toContain('chmod 600');
});

test('what is allowed and yet probably not meant is warned about', () => {
  const changes = {
    policy: { mode: 'auto', backlog: 'answer' },
    alerts: { recipients: [] },
    nodes: [node('a', '198.51.100.1')],
  };
  const warnings = loadConfig(written(changes), {}).warnings.join('\n');
  for (const part of ['alerts.recipients is empty', 'authservId', 'wait for a person', 'policy.backlog'])
    expect(warnings).toContain(part);
});

test('not-ours waits for a handler in auto mode, whatever other rules say, unless a rule names it', () => {
  const modes = [{ risk: 'non-threatening', mode: 'auto' }];
  const auto = loadConfig(written({ policy: { mode: 'auto', modes } }), {}).policy;
  expect(auto.modes[0]).toEqual({ letter: 'not-ours', mode: 'approve' });
  const stated = loadConfig(
    written({ policy: { mode: 'auto', modes: [{ letter: 'not-ours', mode: 'auto' }] } }),
    {},
  ).policy;
  expect(stated.modes).toEqual([{ letter: 'not-ours', mode: 'auto' }]);
  expect(loadConfig(write(minimal), {}).policy.modes[0]).toEqual({ letter: 'not-ours', mode: 'observe' });
});

test('a fact holds for every language, or is stated for each', () => {
  const letters = {
    languages: ['en', 'de'],
    facts: { noLogs: true, organisationDescription: { en: 'a club', de: 'ein Verein' }, who: { en: 'we' } },
  };
  const { facts } = loadConfig(written({ letters }), {}).letters;
  expect(facts['de']).toMatchObject({ noLogs: true, organisationDescription: 'ein Verein' });
  expect(facts['de']).not.toHaveProperty('who');
  expect(facts['en']).toMatchObject({ organisationDescription: 'a club', who: 'we' });
});

test('the date goes before the weekday, the weekday before the default, in the desk’s own zone', () => {
  const config = loadConfig(
    written({
      desk: { name: 'x', organisation: 'y', addresses: ['a@exits.example'], timeZone: 'Pacific/Auckland' },
      handlers: ['ada', 'ben', 'cem'].map((name) => ({ name, address: `${name}@exits.example` })),
      rota: { weekly: { sunday: 'ben' }, dates: [{ from: '2026-12-26', until: '2026-12-27', handler: 'cem' }] },
    }),
    {},
  );
  const onDuty = (iso: string) => handlerOnDuty(config, Date.parse(iso)).name;
  expect(onDuty('2026-12-18T12:00:00Z')).toBe('ada'); // Saturday there as here
  expect(onDuty('2026-12-19T12:00:00Z')).toBe('ben'); // Saturday here, Sunday there
  expect(onDuty('2026-12-20T10:59:59Z')).toBe('ben');
  expect(onDuty('2026-12-20T11:00:00Z')).toBe('ada');
  expect(onDuty('2026-12-25T11:00:00Z')).toBe('cem');
  expect(onDuty('2026-12-27T10:59:00Z')).toBe('cem');
  expect(onDuty('2026-12-27T11:00:00Z')).toBe('ada');
});

test('judging and probing get their share of the configuration', () => {
  const config = loadConfig(resolve('config/example.yaml'), secrets);
  expect(inventoryOf(config).nodes.at(-1)).toEqual({
    name: 'krypton',
    addresses: ['192.0.2.77'],
    hostnames: [],
    from: Date.parse('2024-01-01T00:00:00Z'),
    until: Date.parse('2026-03-31T10:00:00Z'),
    exit: true,
    use: null,
    provider: null,
    fingerprints: [],
    exitPolicies: [],
  });
  expect(probeTargetOf(config.nodes[0]!)).toMatchObject({
    transport: 'ssh',
    port: 22,
    keyFile: resolve('config/secrets/helium_ed25519'),
  });
  expect(probeTargetOf(config.nodes[1]!)).toBeNull();
});

test('the JSON Schema describes what is written: durations as text, unknown keys refused, secrets nowhere', () => {
  const schema = configSchema() as {
    properties: Record<string, { properties?: Record<string, object> }>;
    additionalProperties: boolean;
  };
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties['policy']?.properties?.['followUpAfter']).toMatchObject({
    type: 'string',
    default: '7 days',
  });
  const names = JSON.stringify(schema).match(/"password\w*"/g);
  expect(new Set(names)).toEqual(new Set(['"passwordFile"']));
});

function node(name: string, address: string): object {
  return { name, addresses: [address], check: { transport: 'none' } };
}
