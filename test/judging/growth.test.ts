import { expect, test } from 'vitest';
import { hostileMails } from '../support/hostile-mails.ts';
import { judgingMs } from '../support/judging.ts';

const mega = 1024 * 1024;

// npm run soak does the same with 6 and 24 MB (test/soak/growth.test.ts)
test.each(Object.entries(hostileMails))(
  'the time of judging a mail of %s grows with its size and no faster',
  async (_, make) => {
    const [one, four] = [make(mega), make(4 * mega)];
    // Half as long again as the size tells, and 100 ms for the collector; a square would be sixteen times as long.
    let [short, long] = [await judgingMs(one), await judgingMs(four)];
    if (long > 6 * short + 100) [short, long] = [await judgingMs(one, 3), await judgingMs(four, 3)];
    expect(long).toBeLessThan(6 * short + 100);
    // Half a second on an idle machine.
    expect(long).toBeLessThan(3000);
  },
  60_000,
);
