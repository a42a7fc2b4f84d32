import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeScript } from '../../src/hosts/probe-script.ts';
import type { Desk, Settings } from '../support/desk.ts';
import { startHoldingServer, type HoldingServer } from '../support/holding-server.ts';
import { canStart } from '../support/packages.ts';
import { received } from '../support/post.ts';
import { run, scratchFolder, until } from '../support/servers.ts';
import { startSshd, type Sshd } from '../support/sshd.ts';
import { useStories } from '../support/stories.ts';

const killer = fileURLToPath(new URL('../support/die-at-commit.ts', import.meta.url));

/** What became of a journey: what a person, the complainant and the mail server can tell of it. */
type End = {
  readonly cases: readonly { readonly state: string; readonly letters: readonly string[] }[];
  readonly journal: readonly string[];
  readonly lettersAtComplainant: number;
  readonly lettersTakenByServer: number;
};

const answered: End = {
  cases: [{ state: 'awaiting-answer', letters: ['accepted'] }],
  journal: ['complaint-received', 'host-checked', 'letter-accepted'],
  lettersAtComplainant: 1,
  lettersTakenByServer: 1,
};
/** Nobody knows whether the letter left, and nothing proved that it did: a person decides. */
const inDoubt: End = {
  cases: [{ state: 'needs-person: letter-unknown', letters: ['unknown'] }],
  journal: ['complaint-received', 'host-checked', 'letter-unknown'],
  lettersAtComplainant: 0,
  lettersTakenByServer: 0,
};

/** What the daemon commits on the way, from its first start to the last copy read: the tables of each commit. */
const steps = [
  'migrations',
  'settings', // when it was installed
  'settings', // the key that signs addresses
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

describe.skipIf(!canStart('dovecot', 'postfix', 'sshd'))('the journey of one mail, killed on its way', () => {
  const { world, newDesk, complain } = useStories({ stories: 80 });
  const scratch = scratchFolder('crash');
  const output = (): string => join(scratch.path, 'probe-output');
  let host: Sshd;
  beforeAll(async () => {
    // The same script on a real host, run once: what is killed here is the desk.
    writeFileSync(output(), run('unshare', ['--mount', '--pid', '--fork', '--mount-proc', 'sh', '-s'], probeScript));
    host = await startSshd({ forcedCommand: `cat ${output()}` });
  });
  afterAll(async () => {
    await host.stop();
    scratch.remove();
  });

  it('passes these commits, each of which is a place to die', async () => {
    expect(await stepsOfJourney()).toEqual(steps);
  });

  it('ends as if nothing had happened wherever it died, and in doubt only where nobody can know', async () => {
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

  it('begins its reading again when it died while it read', async () => {
    const desk = await withComplaint();
    await dieAt(desk, 'reading');
    expect(desk.mails().map((mail) => mail.stage)).toEqual(['filed']);
    await finish(desk);
    expect(await endOf(desk)).toEqual(answered);
  });

  it('looks at the host again when it died during the host check', async () => {
    const [begun, goOn] = [join(scratch.path, 'begun'), join(scratch.path, 'go-on')];
    const waiting = `touch ${begun}; until [ -e ${goOn} ]; do sleep 0.1; done; cat ${output()}`;
    const slow = await startSshd({ forcedCommand: waiting });
    try {
      const desk = await withComplaint({ host: slow });
      const daemon = await desk.start();
      await until('the check is under way', () => existsSync(begun));
      daemon.kill('SIGKILL');
      await daemon.ended;
      writeFileSync(goOn, '');
      await finish(desk);
      expect(await endOf(desk)).toEqual(answered);
    } finally {
      await slow.stop();
    }
  });

  it.each([
    ['took the letter, once: its own copy proves it', 'passed on', answered],
    ['lost the letter, and a handler is told that nobody knows', 'lost', inDoubt],
  ] as const)('died after DATA, before the server’s answer, where the server %s', async (_what, fate, end) => {
    await withHoldingServer(async (server, desk) => {
      server.holdNext(fate);
      const daemon = await desk.start();
      await server.holding();
      daemon.kill('SIGKILL');
      await daemon.ended;
      await finish(desk);
      expect(await endOf(desk)).toEqual(end);
      const alerts = (await received(world(), desk.people.handler)).map((mail) => mail.subject);
      expect(alerts).toEqual(
        end === answered ? [] : [expect.stringContaining('nobody knows whether a letter arrived')],
      );
    });
  });

  it('is answered once where only the connection died after DATA', async () => {
    await withHoldingServer(async (server, desk) => {
      server.holdNext('passed on');
      const daemon = await desk.start();
      await server.holding();
      server.hangUp();
      await untilSettled(desk);
      expect(await daemon.stop()).toBe(0);
      expect(await endOf(desk)).toEqual(answered);
    });
  });

  it('is finished first when SIGTERM comes while the letter is under way', async () => {
    await withHoldingServer(async (server, desk) => {
      server.holdNext('passed on');
      const daemon = await desk.start();
      await server.holding();
      daemon.kill('SIGTERM');
      await until('the daemon has heard it', () => daemon.log().includes('"msg":"stopping"'));
      server.answer();
      expect(await daemon.ended).toBe(0);
      expect(await endOf(desk)).toEqual(answered);
    });
  });

  it('reaches its end also when every start dies a little further', async () => {
    const desk = await withComplaint();
    const deaths = ['after raw_mails', 'after mails', 'reading', 'before cases', 'after cases', 'before checks'];
    for (const place of [...deaths, 'after checks', 'before letters']) await dieAt(desk, place);
    await finish(desk);
    expect(await endOf(desk)).toEqual(answered);
  });

  it.each([
    ['host check', 'before checks', 'needs-person: host-not-checkable', []],
    ['letter', 'before letters', 'needs-person: letter-failed', ['failed']],
  ])('goes to a person when the desk died at its %s three times', async (_what, death, state, letters) => {
    const desk = await withComplaint();
    for (let times = 0; times < 3; times += 1) await dieAt(desk, death);
    await finish(desk);
    expect(await endOf(desk)).toMatchObject({ cases: [{ state, letters }], lettersAtComplainant: 0 });
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

  async function dieAt(desk: Desk, place: string): Promise<void> {
    const daemon = desk.launch({ imports: [killer], env: { DIE_AT: place } });
    expect(await daemon.ended, daemon.log()).toBe('SIGKILL');
  }

  /** A desk that sends through a server which can be silent after DATA. */
  async function withHoldingServer(work: (server: HoldingServer, desk: Desk) => Promise<void>): Promise<void> {
    const server = await startHoldingServer(world().postfix.smtpPort);
    try {
      const smtp = { port: server.port, security: 'none', user: undefined, passwordFile: undefined, caFile: undefined };
      await work(server, await withComplaint({ settings: { sending: { smtp } } }));
    } finally {
      await server.stop();
    }
  }

  /** Starts the daemon as a supervisor would, and stops it when everything is done. */
  async function finish(desk: Desk): Promise<void> {
    const daemon = await desk.start();
    await untilSettled(desk);
    expect(await daemon.stop()).toBe(0);
  }

  /** A desk in whose mailbox a complaint lies that it has not seen yet. */
  async function withComplaint(options: { host?: Sshd; settings?: Settings } = {}): Promise<Desk> {
    const settings = { policy: { backlog: 'answer' }, ...options.settings };
    const desk = newDesk({ host: options.host ?? host, settings });
    await complain(desk);
    await until('the complaint lies there', () => world().dovecot.messages(desk.people.desk).length === 1);
    return desk;
  }

  /** Until nothing is under way any more: every mail read, every copy of an accepted letter seen, no row open. */
  async function untilSettled(desk: Desk): Promise<void> {
    await until('the journey is at its end', () => {
      const [kase] = desk.cases();
      if (kase === undefined || kase.state === 'checking' || kase.state === 'answering') return false;
      const open = desk.read((db) =>
        db
          .prepare(
            `SELECT (SELECT count(*) FROM outbox WHERE status NOT IN ('done', 'parked')) +
                           (SELECT count(*) FROM mails WHERE stage = 'filed') AS n`,
          )
          .get(),
      ) as { n: number };
      const copies = desk.mails().filter((mail) => mail.stage === 'own-copy').length;
      return open.n === 0 && (kase.state !== 'awaiting-answer' || copies === 2);
    });
  }

  async function endOf(desk: Desk): Promise<End> {
    const log = world().postfix.log();
    const ids = desk.read((db) =>
      db.prepare('SELECT message_id AS id FROM letters WHERE case_id IS NOT NULL').all(),
    ) as { id: string }[];
    return {
      cases: desk.cases().map((kase) => ({
        state: kase.state === 'needs-person' ? `needs-person: ${kase.reasons.join(', ')}` : kase.state,
        letters: kase.letters.map((letter) => letter.status),
      })),
      journal: desk.journal(1).map((row) => row.type),
      lettersAtComplainant: (await received(world(), desk.people.complainant)).length,
      lettersTakenByServer: ids.reduce((sum, { id }) => sum + log.split(`message-id=${id}`).length - 1, 0),
    };
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
