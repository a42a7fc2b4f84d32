import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { judgeMutants } from '../support/judge-mutants.ts';

test.skipIf(!process.env['EXITDESK_SOAK'])(
  '100,000 mails changed at random are judged without a throw, in time that fits their size',
  async () => {
    const { troubles, report } = await judgeMutants(randomInt(1_000_000), 100_000);
    expect(troubles).toEqual([]);
    expect(report?.judged).toBe(100_000);
  },
  7_200_000,
);
