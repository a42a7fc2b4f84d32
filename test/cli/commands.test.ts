import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCase, runCases } from '../../src/cli/cases.ts';
import { runHandle } from '../../src/cli/handle.ts';
import { runProbe } from '../../src/cli/probe.ts';
import { printable, table } from '../../src/cli/table.ts';
import { takeLock } from '../../src/lock.ts';
import { latestCheck } from '../../src/store/checks.ts';
import { aComplaint, openFolderDesk, type FolderDesk } from '../support/folder-desk.ts';
import { probeText } from '../support/probe-text.ts';

const program = new URL('../../src/exitdesk.mjs', import.meta.url).pathname;

function exitdesk(...args: readonly string[]): {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
} {
  const env = { PATH: process.env['PATH'] ?? '' };
  const run = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

describe('the program', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'exitdesk-cli-'));
    writeFileSync(join(folder, 'bad.yaml'), 'desk: { name: x, nmae: y }\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('tells its version', () => {
    expect(exitdesk('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string });
  });

  it('prints the schema of its configuration as JSON', () => {
    const { code, out } = exitdesk('config-schema');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ type: 'object', properties: { desk: {}, nodes: {} } });
  });

  it.each([
    ['an unknown command', ['frobnicate'], 2, /unknown command/],
    ['a missing argument', ['case', '--config', 'x'], 2, /missing required argument/],
    ['no configuration', ['cases'], 78, /--config FILE/],
    ['a configuration that is not there', ['cases', '--config', '/nonexistent.yaml'], 78, /cannot read/],
  ] as const)('ends on %s with a code and one clear line', (_, args, code, words) => {
    const run = exitdesk(...args);
    expect(run.code).toBe(code);
    expect(run.err).toMatch(words);
    expect(run.err).not.toContain('    at ');
  });

  it('tells every problem of a configuration at once, with a hint', () => {
    const run = exitdesk('cases', '--config', join(folder, 'bad.yaml'));
    expect(run.code).toBe(78);
    expect(run.err).toContain('nmae');
    expect(run.err).toContain('mailboxes');
  });
});

describe('a command', () => {
  let desk: FolderDesk;
  afterEach(() => desk.stop());
  const lines: string[] = [];
  const out = { write: (line: string) => void lines.push(line) };
  afterEach(() => void lines.splice(0));

  it('lists the cases for people as a table, for programs as one JSON object a line', async () => {
    desk = await openFolderDesk();
    desk.drop(aComplaint());
    desk.drop(aComplaint());
    await desk.pass();
    runCases(desk.app, {}, out);
    expect(lines[0]).toMatch(/^CASE +STATE +CATEGORY/);
    expect(lines[0]).toContain('EX-2');
    runCases(desk.app, { json: true, state: 'awaiting-answer' }, out);
    expect(lines.slice(1).map((line) => (JSON.parse(line) as { id: number }).id)).toEqual([2, 1]);
    expect(() => runCases(desk.app, { state: 'sleeping' }, out)).toThrow(/one of received, checking/);
  });

  it('shows one case with its journal, judgement, probe, letters and timers', async () => {
    desk = await openFolderDesk();
    desk.drop(aComplaint());
    await desk.pass();
    runCase(desk.app, 'EX-1', { json: true }, out);
    const shown = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(shown).toMatchObject({
      id: 1,
      state: 'awaiting-answer',
      judgement: { kind: 'complaint' },
      probe: [{ node: 'helium', status: 'clean', check: { verdict: 'clean' } }],
      letters: [{ letter: 'non-threatening', status: 'accepted' }],
      timers: [{ kind: 'follow-up' }],
    });
    expect((shown['journal'] as { type: string }[]).map((line) => line.type)).toEqual([
      'complaint-received',
      'host-checked',
      'letter-accepted',
    ]);
    expect(() => runCase(desk.app, 'seventeen', {}, out)).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(() => runCase(desk.app, '99', {}, out)).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('of a handler is an event in the journal, with the name; one that makes no sense is refused and leaves no trace', async () => {
    desk = await openFolderDesk();
    desk.drop(aComplaint());
    await desk.pass();
    runHandle(desk.app, 'note', { id: '1', text: 'called them', options: { by: 'ada' } }, out);
    expect(() => runHandle(desk.app, 'note', { id: '1', text: ' ', options: { by: 'ada' } }, out)).toThrow(/empty/);
    runHandle(desk.app, 'hold', { id: '1', text: null, options: { by: 'ada', note: 'court order' } }, out);
    expect(desk.journal(1).slice(-2)).toEqual(['noted', 'held']);
    const before = desk.journal(1);
    expect(() => runHandle(desk.app, 'close', { id: '1', text: null, options: { by: 'ada' } }, out)).toThrow(/on hold/);
    expect(() =>
      runHandle(desk.app, 'judge-as', { id: '1', text: null, options: { by: 'a\nb', risk: 'x' } }, out),
    ).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(desk.journal(1)).toEqual(before);
  });

  it('that performs effects is refused while another process does', async () => {
    desk = await openFolderDesk();
    const path = desk.app.config.storage.path;
    const unlock = takeLock(path);
    expect(() => takeLock(path)).toThrow(expect.objectContaining({ code: 'already-running' }));
    unlock();
    takeLock(path)();
  });
});

describe('text from outside on a terminal', () => {
  it('cannot move the cursor, colour or reverse what a handler reads', () => {
    expect(printable('a\u001b[31mb\u202ec\r\nd')).toBe('a\\u001b[31mb\\u202ec\\u000d d');
    expect(table(['A', 'B'], [['x\ny', '\u001b]0;t\u0007']])).not.toMatch(/[\u001b\u0007]/);
  });
});

describe('probe', () => {
  let desk: FolderDesk;
  afterEach(() => desk.stop());
  const lines: string[] = [];
  const out = { write: (line: string) => void lines.push(line) };
  afterEach(() => void lines.splice(0));

  it('--accept makes what the host shows now its normal state: what differs later is found', async () => {
    desk = await openFolderDesk();
    const normal = { accounts: { rows: ['account root 0 /bin/bash'] } };
    desk.host.output = probeText(normal);
    expect(await runProbe(desk.app, 'helium', { accept: true, by: 'ada' }, out)).toBe(0);
    expect(lines.at(-1)).toContain('ada accepted as normal 1 accounts');
    expect(await runProbe(desk.app, 'helium', {}, out)).toBe(0);
    desk.host.output = probeText({
      accounts: { rows: ['account root 0 /bin/bash', 'account support 1001 /bin/bash'] },
    });
    expect(await runProbe(desk.app, 'helium', { json: true }, out)).toBe(3);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      verdict: 'suspicious',
      findings: expect.arrayContaining([expect.objectContaining({ rule: 'new-account' })]) as unknown,
    });
  });

  it('of a node that is not configured says which are', async () => {
    desk = await openFolderDesk();
    await expect(runProbe(desk.app, 'radon', {}, out)).rejects.toThrow(/helium, neon/);
  });

  it('says what it knows of tor there, and where the check is not proved asks for a sample', async () => {
    desk = await openFolderDesk();
    const tor = ['process 700 106 /usr/bin/tor', 'since 700 1779000000', 'package 0.4.8.16-1'];
    desk.host.output = probeText({ tor: { rows: tor } }, { system: 'alpine 3.20', release: 'Alpine Linux v3.20' });
    await runProbe(desk.app, 'helium', {}, out);
    expect(lines.join('\n')).toContain('tor: running since 2026-05-17T06:40:00Z, version 0.4.8.16-1');
    expect(lines.join('\n')).toContain(
      'not proved on this system yet: please record what it says (exitdesk probe helium --record FILE)',
    );
    lines.splice(0);
    desk.host.output = probeText({}, { system: 'debian 12', release: 'Debian GNU/Linux 12 (bookworm)' });
    await runProbe(desk.app, 'helium', {}, out);
    expect(lines.join('\n')).toContain('system: Debian GNU/Linux 12 (bookworm)');
    expect(lines.join('\n')).not.toContain('not proved');
  });

  it('--record writes a sample without names for its reader alone, over no file, and stores nothing', async () => {
    desk = await openFolderDesk();
    desk.host.output = probeText({
      accounts: { rows: ['account margarethe 1000 /bin/bash'] },
      logins: { rows: ['row margarethe pts/0 198.51.100.10 Wed'] },
    });
    const file = join(desk.folder, 'sample.txt');
    expect(await runProbe(desk.app, 'helium', { record: file }, out)).toBe(0);
    expect(lines).toHaveLength(2);
    expect(lines.every((line) => line.length < 200)).toBe(true);
    expect(lines.join(' ')).toMatch(/sample\.txt was written: .*stands at its head\. Read it before you send it\.$/);
    const sample = readFileSync(file, 'utf8');
    expect(sample).toContain('= accounts account user1 1000 /bin/bash');
    expect(sample).not.toMatch(/margarethe|198\.51\.100\.10/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(latestCheck(desk.app.db, 'helium')).toBeNull();
    await expect(runProbe(desk.app, 'helium', { record: file }, out)).rejects.toThrow(/already/);
    lines.splice(0);
    await runProbe(desk.app, 'helium', { record: true }, out);
    expect(`${lines[0]}\n`).toBe(sample);
    desk.host.output = 'This account is not available.\n';
    await expect(runProbe(desk.app, 'helium', { record: true }, out)).rejects.toThrow(
      /not the output of the host check/,
    );
  });

  it('shows when something was changed as a date, and keeps the line of the host as evidence', async () => {
    desk = await openFolderDesk();
    const seconds = Math.floor(desk.app.now() / 1000) - 3_600;
    const row = `${seconds} ${'dd572d18'.repeat(8)} /root/.profile`;
    desk.host.output = probeText({ autostart: { rows: [`file ${row}`] } }, { now: String(seconds + 3_600) });
    await runProbe(desk.app, 'helium', {}, out);
    expect(lines.join('\n')).toMatch(/\/root\/\.profile, last changed \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    expect(lines.join('\n')).not.toContain('dd572d18');
    expect(latestCheck(desk.app.db, 'helium')?.findings).toContainEqual(expect.objectContaining({ line: row }));
  });

  it('--print-setup prints the script with the one public key of the node, and nothing else that lies in its place', async () => {
    desk = await openFolderDesk();
    const keyFile = join(desk.folder, 'key');
    const app = {
      ...desk.app,
      config: {
        ...desk.app.config,
        nodes: desk.app.config.nodes.map((node) => ({
          ...node,
          check: { ...node.check, transport: 'ssh' as const, keyFile },
        })),
      },
    };
    const print = async (content: string): Promise<string> => {
      lines.splice(0);
      writeFileSync(`${keyFile}.pub`, content);
      await runProbe(app, 'helium', { printSetup: true }, out);
      return lines.join('\n');
    };
    await expect(runProbe(app, 'helium', { printSetup: true }, out)).rejects.toThrow(/ssh-keygen -y/);
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
    expect(await print(`${key}\n`)).toContain(` ${key}\nEND\n`);
    expect(await print(`${key} exitdesk of helium\n`)).toContain(` ${key} exitdesk of helium\nEND\n`);
    for (const other of ['', `${key}\n${key}\n`, '-----BEGIN OPENSSH PRIVATE KEY-----\n', `from="x" ${key}\n`])
      await expect(print(other)).rejects.toThrow(/does not hold one public key/);
    expect(lines).toEqual([]);
  });

  it('--accept by nobody that can be named looks at no host', async () => {
    desk = await openFolderDesk();
    await expect(runProbe(desk.app, 'helium', { accept: true, by: ' ' }, out)).rejects.toThrow(/--by/);
    expect(latestCheck(desk.app.db, 'helium')).toBeNull();
  });

  it('--clear takes a note, and only where there is a suspicion', async () => {
    desk = await openFolderDesk();
    await expect(runProbe(desk.app, 'helium', { clear: true, by: 'ada' }, out)).rejects.toThrow(/--note/);
    await expect(runProbe(desk.app, 'helium', { clear: true, by: 'ada', note: 'x' }, out)).rejects.toThrow(
      /no suspicion/,
    );
  });
});

describe('judgement data of an operator', () => {
  it('that does not load is told with its file before the first mail, as a matter of configuration', async () => {
    const desk = await openFolderDesk({
      change: (yaml) => `${yaml}judgement: { folder: words }\n`,
      words: 'nonsense: [',
    });
    await expect(desk.app.prepareReading()).rejects.toThrow(
      expect.objectContaining({ code: 'judgement-data-invalid', message: expect.stringContaining('words') as string }),
    );
    await desk.stop();
  });
});
