import { existsSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Desk } from '../support/desk.ts';
import { startHoldingServer, type HoldingServer } from '../support/holding-server.ts';
import { answered, inDoubt, untilSettled, useJourneys } from '../support/journey.ts';
import { canStart } from '../support/packages.ts';
import { received } from '../support/post.ts';
import { until } from '../support/servers.ts';
import { startSshd } from '../support/sshd.ts';

describe.skipIf(!canStart('dovecot', 'postfix', 'sshd'))('the journey of one mail, interrupted', () => {
  const { world, hostOutput, withComplaint, dieAt, finish, endOf } = useJourneys(20);

  it('is read again when the desk died while it read', async () => {
    const desk = await withComplaint();
    await dieAt(desk, 'reading');
    expect(desk.mails().map((mail) => mail.stage)).toEqual(['filed']);
    await finish(desk);
    expect(await endOf(desk)).toEqual(answered);
  });

  it('asks the host again when the desk died during the host check', async () => {
    const [begun, goOn] = [`${hostOutput()}.begun`, `${hostOutput()}.go-on`];
    const waiting = `touch ${begun}; until [ -e ${goOn} ]; do sleep 0.1; done; cat ${hostOutput()}`;
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
  ] as const)('died after DATA, before the server’s answer: the server %s', async (_what, fate, end) => {
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
      expect(await endOf(desk)).toMatchObject({ ...answered, unmarked: expect.any(Number) });
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
});
