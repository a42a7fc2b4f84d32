import { describe, expect, it } from 'vitest';
import { breakIns } from '../support/break-ins.ts';
import { hasTool, rehearse } from '../support/rehearsal.ts';
import { hasSandbox } from '../support/sandbox.ts';

/**
 * The short form of test/soak/break-in.test.ts, over this machine's own root file system: what no other test that runs meanwhile
 * can see, for only the rehearsal may plant processes.
 */
describe.skipIf(!hasSandbox() || !hasTool('/', 'dpkg'))('a sandbox over this machine’s root file system', () => {
  const planted = breakIns('files').filter(
    ({ seenOutside, needs, plant }) =>
      seenOutside !== true && needs.every((tool) => hasTool('/', tool)) && !/sleep \d\d/.test(plant),
  );

  it('is clean on ordinary days, shows no stranger, and shows each thing that an intruder plants', async () => {
    const host = await rehearse({ name: 'here', root: '/', logs: 'files' });
    for (const day of [1, 2, 3]) {
      const check = await host.check('', day);
      expect({ day, because: check.because, verdict: check.verdict }).toEqual({ day, because: [], verdict: 'clean' });
      expect(check.host.strangers.filter((stranger) => check.text.includes(stranger))).toEqual([]);
    }
    // All at once: each has its own rules and its own line.
    const check = await host.check(planted.map(({ plant }) => plant).join('\n'));
    const loud = check.findings.filter((f) => f.severity === 'suspicious');
    expect(loud.map((f) => f.rule)).toEqual(expect.arrayContaining(planted.flatMap(({ rules }) => [...rules])));
    for (const { says } of planted) expect(loud.map((f) => f.line).join('\n')).toContain(says);
    expect(planted.length).toBeGreaterThan(10);
  });
});
