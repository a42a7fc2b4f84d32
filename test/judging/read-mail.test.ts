import { afterAll, describe, expect, test } from 'vitest';
import { emptyInventory } from '../../src/judging/inventory-file.ts';
import { createMailReader } from '../../src/judging/read-mail.ts';
import { defaultParseLimits } from '../../src/mail/parse-limits.ts';
import { hostileMails } from '../support/hostile-mails.ts';
import { plainHeaders, rawMail } from '../support/raw-mail.ts';

const mega = 1024 * 1024;

describe('a mail made to take long', () => {
  const reader = createMailReader({
    inventory: emptyInventory,
    judgementFolder: null,
    letterLanguages: ['en'],
    handling: {},
    limits: defaultParseLimits,
    deadlineMs: 10_000,
  });
  afterAll(() => reader.close());

  // That the time grows no faster than the mail is measured up to 24 MB by npm run soak (test/soak/growth.test.ts).
  test.each(Object.entries(hostileMails))(
    'of %s is judged before its deadline, or refused for what it has too much of',
    async (_, make) => {
      const { judgement, problem } = await reader.read(make(2 * mega), { truncated: false });
      if (problem === null) expect(judgement.kind).not.toBe('unreadable');
      else expect(problem).toMatch(/^over a limit: /);
    },
  );
});

describe('a mail that takes longer than its deadline', () => {
  // Within the usual limits no mail takes that long: here there are none.
  const reader = createMailReader({
    inventory: emptyInventory,
    judgementFolder: null,
    letterLanguages: ['en'],
    handling: {},
    limits: { ...defaultParseLimits, bytes: 400 * mega, textChars: 400 * mega },
    deadlineMs: 1500,
  });
  afterAll(() => reader.close());

  test('is unreadable, a person looks, and the next mail is read as ever', async () => {
    const long = hostileMails['short paragraphs']?.(80 * mega) ?? Buffer.alloc(0);
    const [first, second] = await Promise.all([
      reader.read(long, { truncated: false }),
      reader.read(rawMail(plainHeaders, 'Scans from 198.51.100.10 since Monday.'), { truncated: false }),
    ]);
    expect(first).toMatchObject({
      mail: null,
      judgement: { kind: 'unreadable', risk: { handling: 'person' } },
      problem: 'reading took longer than 1500 ms',
    });
    expect(second).toMatchObject({ judgement: { kind: 'complaint' }, problem: null });
  }, 60_000);
});
