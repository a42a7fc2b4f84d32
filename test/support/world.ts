/** The world around a desk, for one test file: a mail server with everybody's mailbox, and an exit host. */
import { afterAll, beforeAll } from 'vitest';
import { startDovecot, type Dovecot } from './dovecot.ts';
import { startPostfix, type Postfix } from './postfix.ts';
import { freePort } from './servers.ts';
import { startSshd, type Sshd } from './sshd.ts';

/** Everybody of one story has a mailbox of their own, so that no story finds another's mail. */
export type People = {
  readonly desk: string;
  readonly handler: string;
  readonly complainant: string;
  readonly other: string;
  readonly robot: string;
  readonly police: string;
};

export type World = {
  readonly dovecot: Dovecot;
  readonly postfix: Postfix;
  /** The exit host that every desk watches unless its story says otherwise. */
  readonly host: Sshd;
  readonly newPeople: () => People;
};

/** Starts the world before the first test of a file and ends it after the last; `stories` bounds the desks. */
export function useWorld(stories: number): () => World {
  const crowds = Array.from({ length: stories }, (_unused, index) => peopleOf(index));
  let world: (World & { readonly stop: () => Promise<void> }) | null = null;
  let next = 0;
  const newPeople = (): People => {
    const people = crowds[next];
    if (people === undefined) throw new Error('more stories than mailboxes');
    next += 1;
    return people;
  };
  beforeAll(async () => {
    world = { ...(await startWorld(crowds.flatMap((people) => Object.values(people)))), newPeople };
  });
  afterAll(() => world?.stop());
  return () => {
    if (world === null) throw new Error('the world is there from the first test on, not earlier');
    return world;
  };
}

async function startWorld(
  users: readonly string[],
): Promise<Omit<World, 'newPeople'> & { readonly stop: () => Promise<void> }> {
  const port = await freePort();
  const dovecot = await startDovecot({ users, submissionPort: port });
  const domains = [...new Set(users.map((user) => user.slice(user.indexOf('@') + 1)))];
  // Known domains, unknown users: Postfix accepts them and bounces later, as mail servers behind a relay do.
  const postfix = await startPostfix({ domains, lmtpPort: dovecot.lmtpPort, authSocket: dovecot.authSocket, port });
  const host = await startSshd({ ownProcesses: true });
  const stop = async (): Promise<void> => {
    await host.stop();
    await postfix.stop();
    await dovecot.stop();
  };
  return { dovecot, postfix, host, stop };
}

function peopleOf(index: number): People {
  return {
    desk: `abuse${index}@exits.example`,
    handler: `ada${index}@exits.example`,
    complainant: `mara${index}@shop.example`,
    other: `jonas${index}@isp.example`,
    robot: `fail2ban${index}@web.example`,
    police: `inspector${index}@polizei.example`,
  };
}
