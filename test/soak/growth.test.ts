import { expect, test } from 'vitest';
import { hostileMails } from '../support/hostile-mails.ts';
import { judgingMs } from '../support/judging.ts';

const mega = 1024 * 1024;

test.skipIf(!process.env['EXITDESK_SOAK']).each(Object.entries(hostileMails))(
  'the time of judging 24 MB of %s is in proportion to that of 6 MB, and within seconds',
  async (name, make) => {
    const [short, long] = [await judgingMs(make(6 * mega), 2), await judgingMs(make(24 * mega), 2)];
    process.stderr.write(`${name}: ${Math.round(short)} ms, ${Math.round(long)} ms\n`);
    expect(long).toBeLessThan(6 * short + 300);
    // The worker is killed after ten seconds.
    expect(long).toBeLessThan(4000);
  },
  120_000,
);
