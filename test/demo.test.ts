import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The demo runs on whatever machine this is: what it says of the machine must be what the desk found, clean or not. */
const root = join(import.meta.dirname, '..');
const base = mkdtempSync(join(tmpdir(), 'exitdesk-demo-'));
const folder = join(base, 'run');

type CaseLine = {
  readonly id: number;
  readonly state: string;
  readonly outcome: string | null;
  readonly risk: string | null;
  readonly category: string;
  readonly automated: boolean | null;
  readonly sealed: boolean;
  readonly nodes: readonly string[];
  readonly reasons: readonly string[];
  readonly letters: readonly { readonly letter: string; readonly status: string }[];
};

const run = promisify(execFile);
let told = '';
let cases = new Map<number, CaseLine>();
let machine = '';

beforeAll(async () => {
  told = (await run(process.execPath, ['scripts/demo.ts', folder], { cwd: root })).stdout;
  const args = ['src/exitdesk.mjs', 'cases', '--json', '--config', join(folder, 'demo.yaml')];
  const lines = (await run(process.execPath, args, { cwd: root })).stdout.trim().split('\n');
  cases = new Map(lines.map((line) => JSON.parse(line) as CaseLine).map((kase) => [kase.id, kase]));
  machine = /was really looked at \(\d+ ms\): ([a-z-]+)\./.exec(told)?.[1] ?? 'not told';
}, 90_000);

afterAll(() => {
  rmSync(base, { recursive: true, force: true });
});

/** A row of the table, its wrapped lines joined cell by cell. */
function rowOf(start: string): readonly string[] {
  const lines = told.split('\n');
  const rule = lines.find((line) => line.startsWith('───')) ?? '';
  const spans = [...rule.matchAll(/─+/g)].map((match) => [match.index, match.index + match[0].length] as const);
  const from = lines.findIndex((line) => line.startsWith(start));
  const until = lines.indexOf('', from);
  return spans.map(([left, right]) =>
    lines
      .slice(from, until)
      .map((line) => line.slice(left, right).trim())
      .filter((text) => text !== '')
      .join(' '),
  );
}

describe('the demo', () => {
  it('tells of every sample in one table, with three moments for each', () => {
    expect(told).toMatch(/^COMPLAINT +WHAT IT IS +FROM +AT ONCE +AFTER 1 WEEK +AFTER 2 WEEKS$/m);
    expect([...cases.keys()].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    for (const id of cases.keys()) expect(rowOf(`EX-${id} `).slice(0, 4)).not.toContain('');
    expect(rowOf('- Rank higher')).toEqual([
      expect.stringContaining('Rank higher on every search engine'),
      'no complaint (unrelated)',
      '-',
      'filed and listed; nobody is answered',
      '',
      '',
    ]);
  });

  it.each([
    [1, 'login-attack', 'non-threatening', false],
    [2, 'login-attack', 'non-threatening', true],
    [3, 'threat-of-violence', 'threatening', false],
    [4, 'stalking', 'threatening', false],
    [6, 'scan', 'non-threatening', false],
    [7, 'login-attack', 'non-threatening', true],
    [9, 'web-attack', 'non-threatening', false],
    [10, 'dos', 'non-threatening', false],
    [12, 'login-attack', 'non-threatening', false],
  ])('judges sample %i as %s, %s', (id, category, risk, automated) => {
    expect(cases.get(id)).toMatchObject({ category, risk, automated });
  });

  it('says of this machine what the check found', () => {
    expect(['clean', 'suspicious', 'could-not-check']).toContain(machine);
    const first = cases.get(1);
    if (machine === 'clean') expect(first).toMatchObject({ state: 'closed', outcome: 'never-answered' });
    else expect(first?.letters.filter((letter) => letter.status === 'accepted')).toEqual([]);
    if (machine === 'suspicious') expect(told).toContain('probe this-machine --clear');
  });

  it('answers for an exit that was given back without looking at any machine, follows up and closes', () => {
    expect(cases.get(9)).toMatchObject({ state: 'closed', outcome: 'never-answered', nodes: [] });
    expect(rowOf('EX-9 ').slice(3)).toEqual([
      'letter “non-threatening” sent',
      'letter “follow-up” sent',
      'closed: “Successfully Solved” (never answered)',
    ]);
  });

  it('leaves police, child protection, what is not ours and what names no address to a person', () => {
    for (const id of [5, 8, 10, 11]) {
      expect(cases.get(id)?.state).toBe('needs-person');
      expect(cases.get(id)?.letters).toEqual([]);
      expect(rowOf(`EX-${id} `)[5]).toBe('still waits for a person');
    }
  });

  it('plays an out-of-office note and an answer by a person, where a letter had left', () => {
    if (machine !== 'clean') return expect(rowOf('EX-12 ')[4]).toBe('still waits for a person');
    expect(rowOf('EX-1 ')[4]).toContain('out-of-office note came');
    expect(rowOf('EX-1 ')[4]).toContain('letter “follow-up” sent');
    expect(cases.get(12)).toMatchObject({ state: 'in-discussion' });
    expect(rowOf('EX-12 ')[4]).toContain('a person answered');
  });

  it('shows no word of the sealed mail, in the table or in anything it wrote', () => {
    expect(cases.get(11)).toMatchObject({ sealed: true, category: 'child-abuse', subject: null });
    const written = readdirSync(join(folder, 'letters', 'new')).map((name) =>
      readFileSync(join(folder, 'letters', 'new', name), 'utf8'),
    );
    for (const text of [told, ...written]) {
      expect(text).not.toContain('2026-1187');
      expect(text).not.toContain('picture service');
    }
  });

  it('ends with a folder of letters and commands that exist', async () => {
    expect(told).toContain('Where to look');
    expect(readdirSync(join(folder, 'letters', 'new')).length).toBeGreaterThan(5);
    const args = ['src/exitdesk.mjs', 'case', '3', '--config', join(folder, 'demo.yaml')];
    expect((await run(process.execPath, args, { cwd: root })).stdout).toContain('[EX-3]');
  });

  it('leaves a folder alone that is not its own', async () => {
    const foreign = join(base, 'foreign');
    mkdirSync(foreign);
    writeFileSync(join(foreign, 'thesis.txt'), 'mine');
    await expect(run(process.execPath, ['scripts/demo.ts', foreign], { cwd: root })).rejects.toThrow(/not a folder of/);
    expect(readdirSync(foreign)).toEqual(['thesis.txt']);
  });
});
