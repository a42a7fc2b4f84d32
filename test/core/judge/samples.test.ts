import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/core/judge/judge.ts';
import { detectLanguage } from '../../../src/judging/detect-language.ts';
import { parseInventory } from '../../../src/judging/inventory-file.ts';
import { loadJudgementData } from '../../../src/judging/load-judgement-data.ts';
import { parseMail } from '../../../src/mail/parse.ts';

const folder = join(import.meta.dirname, '..', '..', 'corpus', 'judge');
const inventory = parseInventory({
  desk: {
    addresses: ['abuse@exits.example'],
    messageIdDomain: 'exits.example',
    authservId: 'mx.exits.example',
    tokenPrefix: 'EX',
  },
  nodes: [
    {
      name: 'helium',
      addresses: ['198.51.100.10', '198.51.100.11', '198.51.100.12'],
      from: '2024-01-01T00:00:00Z',
      until: null,
      exit: true,
    },
  ],
});
const context = { inventory, data: loadJudgementData(), detectLanguage, letterLanguages: ['en'], handling: {} };

type Expected = {
  readonly kind: string;
  readonly automated?: boolean;
  readonly risk?: string;
  readonly riskNot?: string;
  readonly category?: string;
  readonly handling?: string;
  readonly template?: string;
  readonly to?: string;
  readonly language?: string;
  readonly sealed?: boolean;
};

describe('our own sample mails are judged as their labels say', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.eml'));
  it.each(names)('%s', async (name) => {
    const expected = JSON.parse(readFileSync(join(folder, name.replace('.eml', '.json')), 'utf8')) as Expected;
    const raw = readFileSync(join(folder, name));
    const parsed = await parseMail(raw);
    if (!parsed.ok) throw new Error(parsed.reason);
    const judgement = judge(parsed.mail, context);
    const got: Record<string, unknown> = {
      kind: judgement.kind,
      automated: judgement.sender.automated,
      risk: judgement.risk.level,
      category: judgement.risk.category,
      handling: judgement.risk.handling,
      template: judgement.letter?.template,
      to: judgement.letter?.to,
      language: judgement.language,
      sealed: judgement.sealed,
    };
    const { riskNot, ...wanted } = expected;
    expect(Object.fromEntries(Object.keys(wanted).map((key) => [key, got[key]]))).toEqual(wanted);
    if (riskNot !== undefined) expect(judgement.risk.level).not.toBe(riskNot);
    if (expected.sealed === true) {
      const shown = JSON.stringify([
        judgement.risk.because,
        judgement.sender.because,
        judgement.addresses,
        judgement.event.text,
      ]);
      expect(shown).not.toMatch(/sexual|material|Classification|Notice 4471/i);
    }
  });
});
