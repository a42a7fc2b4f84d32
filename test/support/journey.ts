/** The journey of one mail through a desk that may die on its way, and what became of it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from 'vitest';
import { probeScript } from '../../src/hosts/probe-script.ts';
import type { Desk, Settings } from './desk.ts';
import { onHost } from './intruder.ts';
import { received, type Post } from './post.ts';
import { scratchFolder, until } from './servers.ts';
import { startSshd, type Sshd } from './sshd.ts';
import { useStories } from './stories.ts';
import type { World } from './world.ts';

/** To be loaded into a daemon that is to die, or to tell its commits. */
export const killer = fileURLToPath(new URL('./die-at-commit.ts', import.meta.url));

/** What became of a journey: what a person, the complainant and the mail server can tell of it. */
export type End = {
  readonly cases: readonly { readonly state: string; readonly letters: readonly string[] }[];
  readonly journal: readonly string[];
  readonly lettersAtComplainant: number;
  readonly lettersTakenByServer: number;
  /** Mails in the desk's mailbox that do not carry its keyword. */
  readonly unmarked: number;
};

export const answered: End = {
  cases: [{ state: 'awaiting-answer', letters: ['accepted'] }],
  journal: ['complaint-received', 'host-checked', 'letter-accepted'],
  lettersAtComplainant: 1,
  lettersTakenByServer: 1,
  unmarked: 0,
};
/** Nobody knows whether the letter left, and nothing proved that it did: a person decides. */
export const inDoubt: End = {
  cases: [{ state: 'needs-person: letter-unknown', letters: ['unknown'] }],
  journal: ['complaint-received', 'host-checked', 'letter-unknown'],
  lettersAtComplainant: 0,
  lettersTakenByServer: 0,
  unmarked: 0,
};

export type Journeys = {
  readonly world: () => World;
  /** The file with what a real host answered to the host check. */
  readonly hostOutput: () => string;
  /** A desk in whose mailbox a complaint lies that it has not seen yet. */
  readonly withComplaint: (
    options?: { readonly host?: Sshd; readonly settings?: Settings },
    mail?: Partial<Post>,
  ) => Promise<Desk>;
  /** Starts the daemon, which dies at this place (die-at-commit.ts). */
  readonly dieAt: (desk: Desk, place: string) => Promise<void>;
  /** Starts the daemon as a supervisor would, and stops it when everything is done. */
  readonly finish: (desk: Desk) => Promise<void>;
  readonly endOf: (desk: Desk) => Promise<End>;
};

export function useJourneys(count: number): Journeys {
  const { world, newDesk, complain } = useStories({ stories: count });
  const scratch = scratchFolder('crash');
  const hostOutput = (): string => join(scratch.path, 'host-output');
  let host: Sshd;
  beforeAll(async () => {
    // A real host, asked once: what is killed here is the desk.
    writeFileSync(hostOutput(), onHost(world().host, 'sh -s', probeScript));
    host = await startSshd({ forcedCommand: `cat ${hostOutput()}` });
  });
  afterAll(async () => {
    await host.stop();
    scratch.remove();
  });
  return {
    world,
    hostOutput,
    withComplaint: async (options = {}, mail = {}) => {
      const settings = { policy: { backlog: 'answer' }, ...options.settings };
      const desk = newDesk({ host: options.host ?? host, settings });
      await complain(desk, mail);
      await until('the complaint lies there', () => world().dovecot.messages(desk.people.desk).length === 1);
      return desk;
    },
    dieAt: async (desk, place) => {
      const daemon = desk.launch({ imports: [killer], env: { DIE_AT: place } });
      expect(await daemon.ended, daemon.log()).toBe('SIGKILL');
    },
    finish: async (desk) => {
      const daemon = await desk.start();
      await untilSettled(desk);
      expect(await daemon.stop()).toBe(0);
    },
    endOf: (desk) => endOf(world(), desk),
  };
}

/** Until nothing is under way any more: every mail read, every copy of an accepted letter seen, no row open. */
export async function untilSettled(desk: Desk): Promise<void> {
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

async function endOf(world: World, desk: Desk): Promise<End> {
  const log = world.postfix.log();
  const unmarked = ['fetch', '-u', desk.people.desk, 'uid', 'mailbox', 'INBOX', 'unkeyword', '$Exitdesk'];
  const ids = desk.read((db) => db.prepare('SELECT message_id AS id FROM letters WHERE case_id IS NOT NULL').all()) as {
    id: string;
  }[];
  return {
    cases: desk.cases().map((kase) => ({
      state: kase.state === 'needs-person' ? `needs-person: ${kase.reasons.join(', ')}` : kase.state,
      letters: kase.letters.map((letter) => letter.status),
    })),
    journal: desk.journal(1).map((row) => row.type),
    lettersAtComplainant: (await received(world, desk.people.complainant)).length,
    lettersTakenByServer: ids.reduce((sum, { id }) => sum + log.split(`message-id=${id}`).length - 1, 0),
    unmarked: world.dovecot
      .doveadm('-f', 'flow', ...unmarked)
      .split('\n')
      .filter(Boolean).length,
  };
}
