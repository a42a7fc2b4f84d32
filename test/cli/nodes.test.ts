import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCase } from '../../src/cli/cases.ts';
import { runImport } from '../../src/cli/import-nodes.ts';
import { runNodes, runNodesAt } from '../../src/cli/nodes.ts';
import { type Config, inventoryOf, loadConfig } from '../../src/config.ts';
import { aComplaint, openFolderDesk, type FolderDesk } from '../support/folder-desk.ts';

const program = new URL('../../src/exitdesk.mjs', import.meta.url).pathname;
const files = join(import.meta.dirname, '..', 'corpus', 'tor-files');

let lines: string[];
const out = { write: (line: string) => void lines.push(line) };
beforeEach(() => {
  lines = [];
});

const inventory = `nodes:
  - name: helium
    addresses:
      - 198.51.100.10
      - { address: 198.51.100.12, use: management }
    from: 2024-01-01
    provider: Hoster Example
    fingerprints: ['0123456789ABCDEF0123456789ABCDEF01234567']
    exitPolicies:
      - { exitPolicy: ['reject *:22'] }
      - { from: 2026-06-01, exitPolicy: ['accept *:*'] }
    check: { transport: local }
  - { name: krypton, addresses: [192.0.2.77], from: 2024-01-01, until: 2026-03-31, check: { transport: none } }
`;

const openDesk = (): Promise<FolderDesk> =>
  openFolderDesk({ change: (yaml) => yaml.replace(/nodes:\n[\s\S]*?(?=handlers:)/, inventory) });

describe('nodes', () => {
  let desk: FolderDesk;
  beforeAll(async () => {
    desk = await openDesk();
  });
  afterAll(() => desk.stop());

  it('lists the inventory, a line an address', () => {
    expect(runNodes(desk.app, {}, out)).toBe(0);
    const rows = lines
      .join('\n')
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(rows.slice(1)).toEqual([
      ['helium', '198.51.100.10', '-', 'exit', '2024-01-01', 'now', 'Hoster Example', 'since 2026-06-01'],
      [
        'helium',
        '198.51.100.12',
        'management address',
        'no exit',
        '2024-01-01',
        'now',
        'Hoster Example',
        'since 2026-06-01',
      ],
      ['krypton', '192.0.2.77', '-', 'exit', '2024-01-01', '2026-03-31', '-', 'not known'],
    ]);
  });

  it('lists it for programs, an object a node', () => {
    runNodes(desk.app, { json: true }, out);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      name: 'helium',
      fingerprints: ['0123456789ABCDEF0123456789ABCDEF01234567'],
      addresses: [
        { address: '198.51.100.10', exit: true },
        { address: '198.51.100.12', use: 'management', exit: false },
      ],
      exitPolicies: [{ from: '2024-01-01T00:00:00.000Z', until: '2026-06-01T00:00:00.000Z' }, { until: null }],
    });
  });

  const at = (address: string, ...time: readonly string[]): string => {
    expect(runNodesAt(desk.app, [address, ...time], {}, out)).toBe(0);
    return lines.join('\n');
  };

  it('explains an exit at a time, with the policy of that time and the public record of that day', () => {
    const text = at('198.51.100.10', '2026-03-01T11:04+01:00');
    expect(text).toContain('198.51.100.10 at 2026-03-01 10:04 UTC: exit');
    expect(text).toContain('Our exit then (node helium) since 2024-01-01.');
    expect(text).toContain('exonerator.html?ip=198.51.100.10&timestamp=2026-03-01&lang=en');
    expect(text).toContain('exit policy   since 2024-01-01 until 2026-06-01');
    expect(text).toContain('    reject *:22');
    expect(text).toContain('Public Tor data: not known: no public Tor data are collected.');
  });

  it.each([
    ['a management address', '198.51.100.12', '2026-03-01', 'Ours then, but no exit: management address (node helium)'],
    ['an address given back since', '192.0.2.77', '2026-03-01T00:00Z', 'ours no more: nobody of us can look'],
    [
      'an address given back before',
      '192.0.2.77',
      '2026-04-01T00:00Z',
      'Not ours then: node krypton had it from 2024-01-01',
    ],
    ['a stranger', '203.0.113.9', '2026-03-01', 'Never ours, by the inventory.'],
    ['a time whose zone decides', '192.0.2.77', '2026-03-31 01:00', 'unknown within the window'],
  ])('explains %s', (...[, address, time, words]) => {
    expect(at(address, ...time.split(' '))).toContain(words);
  });

  it('explains for programs', () => {
    runNodesAt(desk.app, ['192.0.2.77', '2026-03-31T01:00'], { json: true }, out);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      window: { from: '2026-03-30T11:00:00.000Z', to: '2026-03-31T13:00:00.000Z' },
      standing: null,
      course: [{ standing: 'exit-then', node: 'krypton' }, { standing: 'not-ours' }],
      publicRecord: [expect.stringContaining('2026-03-30'), expect.stringContaining('2026-03-31')],
    });
  });

  it('says nothing of exit policies for an address that was none of our exits', () => {
    expect(at('203.0.113.9', '2026-03-01')).not.toContain('exit policy');
    expect(at('192.0.2.77', '2026-03-01')).toContain('exit policy   not known for that time');
  });

  it.each([
    ['an address that is none', ['198.51.100.300', '2026-03-01'], /no IP address/],
    ['a time that is none', ['198.51.100.10', 'yesterday'], /no time/],
    ['a day that is none', ['198.51.100.10', '2026-02-30'], /no time/],
    ['a local time on such a day', ['198.51.100.10', '2026-02-30', '11:04'], /no time/],
  ])('refuses %s', (_, args, words) => {
    expect(() => runNodesAt(desk.app, args, {}, out)).toThrow(words);
  });
});

describe('a case', () => {
  let desk: FolderDesk;
  afterEach(() => desk.stop());

  it('shows what its addresses were then, and whether Tor can have carried it', async () => {
    desk = await openDesk();
    const log = 'Mar  1 06:12:01 gw kernel: IN=eth0 SRC=198.51.100.10 DST=203.0.113.9 PROTO=TCP SPT=40221 DPT=22 SYN\n';
    desk.drop(
      aComplaint({ text: `Hello,\n\n198.51.100.10 attacked us on 2026-03-01 06:12:01 UTC.\n\n${log}\nJane Miller\n` }),
    );
    await desk.pass();
    runCase(desk.app, '1', {}, out);
    const text = lines.join('\n');
    expect(text).toContain('What the addresses were then');
    expect(text).toContain('reported time: 2026-03-01 06:12:01 UTC (2026-03-01 06:12 UTC)');
    expect(text).toContain('Our exit then (node helium) since 2024-01-01.');
    // The second policy, which held when the complaint was written, lets it out: nothing is claimed.
    expect(text).toContain('maybe not through Tor: only first packets (SYN) to port 22');
  });
});

describe('nodes import', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'exitdesk-import-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The printed nodes as the section of a whole configuration. */
  function load(yaml: string): Config {
    const file = join(folder, 'desk.yaml');
    const rest =
      'desk: { name: x, organisation: y, addresses: [a@exits.example] }\nmailboxes: [{ maildir: { path: in } }]\nsending: { folder: { path: out } }\nhandlers: [{ name: ada, address: ada@exits.example }]\n';
    writeFileSync(file, `${rest}nodes:\n${yaml}`);
    return loadConfig(file, {});
  }

  it('of a torrc and its fingerprint prints nodes that load as they are', () => {
    expect(runImport([join(files, 'torrc'), join(files, 'fingerprint')], {}, out)).toBe(0);
    const [node] = load(lines.join('\n')).nodes;
    expect(node).toMatchObject({
      name: 'helium',
      fingerprints: ['0123456789ABCDEF0123456789ABCDEF01234567'],
      addresses: [
        { address: '198.51.100.11', use: 'exit', exit: true },
        { address: '2001:db8:e1::11', use: 'exit', exit: true },
        { address: '198.51.100.10', use: 'or', exit: false },
        { address: '2001:db8:e1::10', use: 'or', exit: false },
      ],
    });
    expect(node?.exitPolicies[0]?.policy.map((rule) => rule.text)).toContain('reject [2001:db8:beef::]/48:*');
    expect(lines.join('\n')).toContain('# line 4: %include /etc/tor/torrc.d/*.conf was not followed');
  });

  it('gives a fingerprint to the torrc of that nickname only, in whatever order the files stand', () => {
    const other = faulty('neon', 'Nickname neon\nORPort 198.51.100.40:9001\n');
    expect(runImport([join(files, 'fingerprint'), other, join(files, 'torrc')], { json: true }, out)).toBe(0);
    const nodes = lines.map((line) => JSON.parse(line) as { name: string; fingerprints: string[]; notes: string[] });
    expect(nodes.map((n) => [n.name, n.fingerprints.length, n.notes.join().includes('tells no fingerprint')])).toEqual([
      ['neon', 0, true],
      ['helium', 1, false],
    ]);
  });

  it('writes instants for programs as the other commands do', () => {
    runImport([join(files, 'details.json')], { contact: 'exits.example', json: true }, out);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      addresses: [{ from: '2025-06-01T12:00:00.000Z' }, {}, {}],
      exitPolicies: [{ from: '2026-10-01T10:00:00.000Z' }],
    });
  });

  it('of Onionoo details prints the relays that are ours, and they load', () => {
    expect(runImport([join(files, 'details.json')], { contact: 'exits.example' }, out)).toBe(0);
    const { nodes } = load(lines.join('\n'));
    expect(nodes.map((node) => [node.name, node.exit])).toEqual([
      ['helium', true],
      ['neon', false],
    ]);
    expect(
      inventoryOf(load(lines.join('\n')))
        .nodes.filter((n) => n.exit)
        .flatMap((n) => n.addresses),
    ).toEqual(['198.51.100.11', '2001:db8:e1::10']);
  });

  it('finds nothing where no relay is ours', () => {
    expect(runImport([join(files, 'details.json')], { fingerprint: ['F'.repeat(40)] }, out)).toBe(3);
  });

  it.each([
    ['a file that is not there', (): string => 'absent', 2, /absent cannot be read \(ENOENT\)/],
    [
      'a faulty line',
      (): string => faulty('torrc', 'ORPort 9001\nExitPolicy deny *:80\n'),
      2,
      /torrc, line 2: "deny \*:80" is no rule/,
    ],
    ['bytes that are no text', (): string => faulty('core', 'ELF\u0000'), 2, /is no text/],
    ['half a document', (): string => faulty('half.json', '{"relays": ['), 2, /half\.json: is not JSON/],
  ] as const)('ends on %s with a code and one clear message', (...[, path, code, words]) => {
    const run = spawnSync(process.execPath, [program, 'nodes', 'import', path()], { encoding: 'utf8', env: {} });
    expect(run.status).toBe(code);
    expect(run.stderr).toMatch(words);
    expect(run.stderr).not.toContain('    at ');
  });

  function faulty(name: string, text: string): string {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  }

  it('takes the fingerprints that are wanted from the command line', () => {
    expect(() => runImport([join(files, 'details.json')], { fingerprint: ['12'] }, out)).toThrow(/no fingerprint/);
    expect(
      runImport([join(files, 'details.json')], { fingerprint: ['$2123456789abcdef0123456789abcdef01234567'] }, out),
    ).toBe(0);
    expect(lines.join('\n')).toContain('198.51.100.30');
  });
});
