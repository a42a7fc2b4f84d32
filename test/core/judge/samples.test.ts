import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeRaw } from '../../support/judging.ts';

const folder = join(import.meta.dirname, '..', '..', 'corpus', 'judge');
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
    const { judgement } = await judgeRaw(readFileSync(join(folder, name)));
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
