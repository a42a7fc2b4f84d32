import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIntruder } from '../support/intruder.ts';
import { canStart } from '../support/packages.ts';
import { received, untilReceived } from '../support/post.ts';
import { scratchFolder, until } from '../support/servers.ts';
import { startSshd, makeKey, type Sshd } from '../support/sshd.ts';
import { useStories } from '../support/stories.ts';

describe.skipIf(!canStart('dovecot', 'postfix', 'sshd'))('an exit host that is not to be trusted', () => {
  const { world, newDesk, complain } = useStories();
  const scratch = scratchFolder('keys');
  let broken: Sshd;
  beforeAll(async () => {
    broken = await startSshd({ ownProcesses: true });
  });
  afterAll(async () => {
    await broken.stop();
    scratch.remove();
  });

  it('stops the letter and alerts the handler when an intruder is at work on it, until a handler clears it', async () => {
    const desk = newDesk({ host: broken });
    const { people } = desk;
    const intruder = createIntruder(broken);
    try {
      const daemon = await desk.start();
      await complain(desk);
      const alert = await untilReceived(world(), people.handler);
      expect(alert.subject).toContain('a host looks suspicious · helium');
      expect(alert.text).toContain(intruder.program);
      expect(await desk.untilState(1, 'needs-person')).toMatchObject({ reasons: ['host-suspicious'] });

      // A complaint that comes meanwhile is held by the same suspicion.
      await complain(desk, { subject: 'More attacks from your server' });
      await desk.untilState(2, 'needs-person');
      expect(await received(world(), people.complainant)).toEqual([]);
      expect(daemon.running()).toBe(true);

      // On top of the digest, before everything else that waits.
      const digest = await desk.run('digest', '--print');
      expect(digest.out.indexOf('Hosts under suspicion')).toBeGreaterThan(0);
      expect(digest.out.indexOf('Hosts under suspicion')).toBeLessThan(digest.out.indexOf('Needs a person'));

      intruder.end();
      const note = ['--by', 'ada', '--note', 'ended it, nothing else was touched'];
      expect(await desk.run('probe', 'helium', '--clear', ...note)).toMatchObject({ code: 0 });
      await desk.untilState(1, 'awaiting-answer');
      await desk.untilState(2, 'awaiting-answer');
      expect((await desk.run('digest', '--print')).out).not.toContain('Hosts under suspicion');
      await until('both letters lie there', async () => (await received(world(), people.complainant)).length === 2);
    } finally {
      intruder.end();
    }
  });

  it('stops the letter and alerts the handler when it shows another host key than the pinned one', async () => {
    const other = readFileSync(`${makeKey(join(scratch.path, 'other'))}.pub`, 'utf8').trim();
    const desk = newDesk({ host: { ...world().host, hostKeyLine: other } });
    const daemon = await desk.start();
    const logins = (): number => world().host.log().split('Accepted publickey').length;
    const before = logins();
    await complain(desk);
    const alert = await untilReceived(world(), desk.people.handler);
    expect(alert.subject).toContain('the host key is unknown or has changed · helium');
    const kase = await until('the check has failed', () => {
      const [first] = desk.cases();
      return first?.hosts[0]?.status === 'could-not-check' && first;
    });
    expect(kase).toMatchObject({ state: 'checking', letters: [], hosts: [{ retryAt: expect.any(Number) }] });
    expect(await daemon.stop()).toBe(0);
    expect(logins()).toBe(before);
    expect(await received(world(), desk.people.complainant)).toEqual([]);
  });
});
