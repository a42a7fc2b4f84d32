import { detectLanguage } from '../../src/judging/detect-language.ts';
import { parseInventory } from '../../src/judging/inventory-file.ts';
import { judgeBytes, type ReadingResult } from '../../src/judging/judge-bytes.ts';
import { loadJudgementData } from '../../src/judging/load-judgement-data.ts';
import { defaultParseLimits } from '../../src/mail/parse-limits.ts';
import type { JudgingContext } from '../../src/core/judge/judging-context.ts';

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
      hostnames: ['helium.exits.example'],
      addresses: ['198.51.100.10', '2001:db8:e1::10'],
      from: '2024-01-01T00:00:00Z',
    },
    { name: 'argon', addresses: ['198.51.100.0/28', '2001:db8:e2::/48'] },
  ],
});
let context: JudgingContext | null = null;

/** Raw bytes to a judgement, as the worker thread does it, with the shipped data and the usual limits. */
export function judgeRaw(raw: Buffer): Promise<ReadingResult> {
  context ??= { inventory, data: loadJudgementData(), detectLanguage, letterLanguages: ['en'], handling: {} };
  return judgeBytes(raw, { truncated: false }, context, defaultParseLimits);
}

/** CPU time of reading and judging, the least of `times`: other work on the machine may disturb one. Fails where reading does. */
export async function judgingMs(raw: Buffer, times = 1): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < times; i++) {
    const began = process.cpuUsage();
    const { problem } = await judgeRaw(raw);
    const { user, system } = process.cpuUsage(began);
    if (problem?.startsWith('reading failed')) throw new Error(problem);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
