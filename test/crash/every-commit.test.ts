import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { answered, inDoubt, killer, untilSettled, useJourneys } from '../support/journey.ts';
import { canStart } from '../support/packages.ts';
import { received } from '../support/post.ts';
import { threat } from '../support/stories.ts';

/** What the daemon commits on the way, from the mail's arrival to the last copy read: the tables of each commit. */
const journey = [
  'raw_mails',
  'mails', // filed: only now does the server hear of it
  'cases+mails+case_nodes+journal+outbox', // read, judged, decided
  'outbox', // the host check is taken
  'checks+outbox+cases+journal', // checked
  'outbox', // the letter is taken
  'letters', // its bytes are kept, it is being sent
  'letters+outbox+cases+timers+journal', // accepted: the clock runs
  'outbox', // the copy for the Sent folder is taken
  'outbox', // filed there
  'raw_mails', // our own copy comes back ...
  'mails',
  'mails', // ... and is known
  'mails', // the same from the Sent folder
  'mails',
];

describe.skipIf(!canStart('dovecot', 'postfix', 'sshd'))('the journey of one mail, killed at a commit', () => {
  const { world, withComplaint, dieAt, finish, endOf } = useJourneys(60);

  /** The same, with what the first start commits before. */
  let steps: readonly string[] = [];
  beforeAll(async () => {
    steps = await stepsOfJourney();
  });

  it('passes these commits, each of which is a place to die', () => {
    const seen = steps.slice(steps.indexOf('raw_mails'));
    const ordered = journey.indexOf('letters') + 1;
    expect(seen.slice(0, ordered)).toEqual(journey.slice(0, ordered));
    // From here on, what comes back from the mail server meets what the desk does by itself, in any order.
    const sorted = (list: readonly string[]): readonly string[] =>
      list.slice(ordered).toSorted((a, b) => (a < b ? -1 : 1));
    expect(sorted(seen)).toEqual(sorted(journey));
  });

  it('ends as if nothing had happened wherever it died, and in doubt only where nobody can know', async () => {
    expect(steps.length).toBeGreaterThan(journey.length);
    const deaths = steps.flatMap((step, index) =>
      (['before', 'after'] as const).map((moment) => ({ moment, number: index + 1, step })),
    );
    const ends = await inPool(3, deaths, async ({ moment, number, step }) => {
      const desk = await withComplaint();
      await dieAt(desk, `${moment} ${number}`);
      await finish(desk);
      const end = await endOf(desk);
      await desk.remove();
      return { death: `${moment} ${number} ${step}`, end };
    });
    const sending = steps.indexOf('letters') + 1;
    expect(ends).toEqual(
      deaths.map(({ moment, number, step }) => ({
        death: `${moment} ${number} ${step}`,
        end: moment === 'after' && number === sending ? inDoubt : answered,
      })),
    );
  });

  it('alerts the handler at least once about a threat, and answers once, wherever it died on the way', async () => {
    const first = steps.indexOf('cases+mails+case_nodes+journal+outbox') + 1;
    const deaths = Array.from({ length: 9 }, (_unused, index) => first + index);
    const ends = await inPool(3, deaths, async (number) => {
      const desk = await withComplaint({}, { subject: 'Somebody threatens to kill me', text: threat });
      await dieAt(desk, `before ${number}`);
      await finish(desk);
      const { cases, lettersAtComplainant } = await endOf(desk);
      const alerts = (await received(world(), desk.people.handler)).length;
      await desk.remove();
      return { number, state: cases[0]?.state, lettersAtComplainant, alerted: alerts === 1 || alerts === 2 };
    });
    expect(ends).toEqual(
      deaths.map((number) => ({ number, state: 'awaiting-answer', lettersAtComplainant: 1, alerted: true })),
    );
  });

  async function stepsOfJourney(): Promise<readonly string[]> {
    const desk = await withComplaint();
    const trace = join(desk.folder, 'trace');
    const daemon = await desk.start({ imports: [killer], env: { TRACE_COMMITS: trace } });
    await untilSettled(desk);
    expect(await daemon.stop()).toBe(0);
    expect(await endOf(desk)).toEqual(answered);
    return readFileSync(trace, 'utf8').trimEnd().split('\n');
  }
});

/** Does the work for every item, so many at a time; results in the order of the items. */
async function inPool<T, R>(width: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const loop = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: width }, loop));
  return results;
}
