import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/core/judge/judge.ts';
import type { JudgingContext } from '../../../src/core/judge/judging-context.ts';
import type { Judgement } from '../../../src/core/judgement.ts';
import { detectLanguage } from '../../../src/judging/detect-language.ts';
import { parseInventory } from '../../../src/judging/inventory-file.ts';
import { loadJudgementData } from '../../../src/judging/load-judgement-data.ts';
import { parseMail } from '../../../src/mail/parse.ts';

/**
 * Blocks of reports.txt: "== name | kind | robot, person or open | category | event | accused", then the mail with the few header
 * fields that matter. "-" is not looked at; an event is an instant, "local:" and a time without zone, or "null" for none.
 */
const reports = readFileSync(join(import.meta.dirname, '..', '..', 'corpus', 'judge', 'reports.txt'), 'utf8')
  .split(/^== /m)
  .slice(1)
  .map((block) => {
    const end = block.indexOf('\n');
    const [name = '', kind = '', author = '', category = '', event = '', accused = ''] = block
      .slice(0, end)
      .split('|')
      .map((part) => part.trim());
    const ips = accused === '' ? [] : accused.split(' ').sort();
    return { name, kinds: kind.split('/'), author, category, event, accused: ips, raw: mailOf(block.slice(end + 1)) };
  });

function mailOf(text: string): string {
  const [head = '', ...body] = text.trimEnd().split('\n\n');
  const own = /^Content-Type:/m.test(head) ? '' : '\nContent-Type: text/plain; charset=utf-8';
  const fields = `${head}${own}\nTo: abuse@exits.example\nDate: Tue, 06 Oct 2026 09:12:44 +0000\nMIME-Version: 1.0`;
  return `${fields}\n\n${body.join('\n\n')}\n`.replaceAll('\n', '\r\n');
}

const data = loadJudgementData();

function contextWith(addresses: readonly string[]): JudgingContext {
  const node = { name: 'n', addresses, from: '2020-01-01T00:00:00Z', until: null, exit: true };
  const desk = {
    addresses: ['abuse@exits.example'],
    messageIdDomain: 'exits.example',
    authservId: 'mx.exits.example',
    tokenPrefix: 'EX',
  };
  const inventory = parseInventory({ desk, nodes: addresses.length === 0 ? [] : [node] });
  return { inventory, data, detectLanguage, letterLanguages: ['en'], handling: {} };
}

async function judged(raw: string, addresses: readonly string[]): Promise<Judgement> {
  const parsed = await parseMail(Buffer.from(raw));
  if (!parsed.ok) throw new Error(parsed.reason);
  return judge(parsed.mail, contextWith(addresses));
}

function reported({ addresses }: Judgement): string[] {
  return addresses
    .filter((a) => a.role === 'reported')
    .map((a) => a.ip)
    .sort();
}

function eventOf({ event }: Judgement): string {
  return event.at?.replace('.000', '') ?? (event.local === null ? 'null' : `local:${event.local}`);
}

describe('the makes of reports that reach operators of exits', () => {
  it.each(reports)('$name accuses exactly $accused where nothing is ours', async ({ raw, accused }) => {
    expect(reported(await judged(raw, []))).toEqual(accused);
  });

  it.each(reports)('$name accuses nobody else where these are ours', async ({ raw, accused }) => {
    expect(reported(await judged(raw, accused))).toEqual(accused);
  });

  it.each(reports)('$name is a $kinds of a $author about $category', async (report) => {
    const judgement = await judged(report.raw, report.accused);
    expect(report.kinds).toContain(judgement.kind);
    const author = { robot: true, person: false }[report.author] ?? null;
    if (author !== null) expect(judgement.sender.automated).toBe(author);
    if (report.category !== '-') expect(judgement.risk.category).toBe(report.category);
    if (report.event !== '-') expect(eventOf(judgement)).toBe(report.event);
  });
});
