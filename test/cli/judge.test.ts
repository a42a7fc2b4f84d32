import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runJudge } from '../../src/cli/judge.ts';

const samples = join(import.meta.dirname, '..', 'corpus', 'judge');
const folder = mkdtempSync(join(tmpdir(), 'judge-'));
const inventory = join(folder, 'inventory.json');
writeFileSync(
  inventory,
  JSON.stringify({
    desk: {
      addresses: ['abuse@exits.example'],
      messageIdDomain: 'exits.example',
      authservId: 'mx.exits.example',
      tokenPrefix: 'EX',
    },
    nodes: [{ name: 'helium', addresses: ['198.51.100.8/29'], from: null, until: null, exit: true }],
  }),
);
afterAll(() => rmSync(folder, { recursive: true }));

async function judged(files: readonly string[], options: Parameters<typeof runJudge>[1]): Promise<string[]> {
  const lines: string[] = [];
  await runJudge(files, options, { write: (line) => lines.push(line) });
  return lines;
}

describe('exitdesk judge', () => {
  it('prints one JSON object a mail, with the file and the time it took', async () => {
    const [line, ...more] = await judged([join(samples, 'sv-threat.eml')], { inventory, json: true });
    expect(more).toEqual([]);
    const judgement = JSON.parse(line ?? '') as Record<string, unknown>;
    expect(judgement).toMatchObject({
      file: join(samples, 'sv-threat.eml'),
      kind: 'complaint',
      language: 'sv',
      risk: { level: 'threatening' },
    });
    expect(judgement['ms']).toBeGreaterThan(0);
  });

  it('takes a folder as every .eml file in it, sorted by name', async () => {
    const lines = await judged([samples], { inventory, json: true });
    const names = lines.map((line) => (JSON.parse(line) as { file: string }).file);
    expect(names.length).toBeGreaterThan(20);
    expect(names).toEqual([...names].sort());
  });

  it('shows people the verdict and marks the address and the deciding words in the mail', async () => {
    const shown = (await judged([join(samples, 'sv-threat.eml')], { inventory, colour: true })).join('\n');
    expect(shown).toContain('threatening in en to karin@odlarna.example');
    expect(shown).toContain('\u001b[30;43m198.51.100.10\u001b[0m');
    expect(shown).toMatch(/\u001b\[97;41m[^\u001b]*vet var[^\u001b]*\u001b\[0m/);
  });

  it('lets no control character of a mail reach the terminal', async () => {
    const path = join(folder, 'escape.eml');
    writeFileSync(
      path,
      'From: a@b.example\r\nSubject: x\r\n\r\nport scan from 198.51.100.10 \u001b]0;owned\u0007\u001b[31m\r\n',
    );
    const shown = (await judged([path], { inventory, colour: false })).join('\n');
    expect(shown).not.toMatch(/[\u001b\u0007]/);
    expect(shown).toContain('\\x1b');
  });

  it('shows nothing of a sealed mail', async () => {
    const file = join(samples, 'en-sealed.eml');
    const shown = (await judged([file], { inventory, colour: false })).join('\n');
    const json = (await judged([file], { inventory, json: true })).join('\n');
    for (const output of [shown, json]) expect(output).not.toMatch(/sexual|Classification|Do not forward|Notice 4471/);
    expect(shown).toContain('sealed');
  });

  it('names every problem of an inventory that cannot be used', async () => {
    const path = join(folder, 'broken.json');
    writeFileSync(path, JSON.stringify({ desk: {}, nodes: [{ name: 'x', addresses: ['nonsense'] }] }));
    await expect(judged([samples], { inventory: path })).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringMatching(/nodes\[0\]\.addresses\[0\]/) as string,
    });
  });

  it('says which file cannot be read', async () => {
    await expect(judged([join(folder, 'nowhere.eml')], { inventory })).rejects.toMatchObject({
      code: 'file-unreadable',
    });
  });
});
