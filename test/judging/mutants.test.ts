import { expect, test } from 'vitest';
import { judgeMutants } from '../support/judge-mutants.ts';

// npm run soak judges 100,000 (test/soak/mutants.test.ts)
test('2,000 mails changed at random are judged without a throw, in time that fits their size', async () => {
  const { troubles, report } = await judgeMutants(1, 2000);
  expect(troubles).toEqual([]);
  expect(report?.mails).toBeGreaterThan(50);
}, 600_000);
