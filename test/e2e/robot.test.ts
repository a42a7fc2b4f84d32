import { describe, expect, it } from 'vitest';
import { EXIT } from '../support/desk.ts';
import { startFail2ban } from '../support/fail2ban.ts';
import { canStart } from '../support/packages.ts';
import { headerOf, received, untilReceived } from '../support/post.ts';
import { until } from '../support/servers.ts';
import { useStories } from '../support/stories.ts';

describe.skipIf(!canStart('dovecot', 'postfix', 'sshd', 'fail2ban'))('a report that the real fail2ban writes', () => {
  const { world, newDesk } = useStories();

  it.each(['complain', 'xarf-login-attack'] as const)(
    'by its action %s is taken for a robot’s and answered with the request for a human',
    async (action) => {
      const desk = newDesk();
      const { robot } = desk.people;
      const fail2ban = await startFail2ban(world(), { action, from: robot, contact: desk.people.desk });
      try {
        await desk.start();
        fail2ban.failLogins(EXIT);
        const letter = await untilReceived(world(), robot).catch((error: unknown) => {
          throw new Error(`${String(error)}\n${fail2ban.log()}`);
        });
        const kase = await desk.untilState(1, 'awaiting-answer');
        expect(kase.judgement.sender).toMatchObject({ address: robot, automated: true });
        expect(kase.judgement.risk).toMatchObject({ level: 'non-threatening', category: 'login-attack' });
        expect(kase.judgement.addresses).toMatchObject([{ ip: EXIT, role: 'reported', standing: 'exit' }]);
        expect(kase.letters).toMatchObject([{ letter: 'ask-for-human', to: robot, status: 'accepted' }]);
        expect(headerOf(letter, 'Auto-Submitted')).toBe('auto-replied');
        expect((await desk.run('digest', '--print')).out).toMatch(
          /Automated sender: a person should step in \(1\)\n.*EX-1/,
        );
      } finally {
        await fail2ban.stop();
      }
    },
  );

  it('a second time on one day is over the budget: no second letter leaves, the case keeps its clock', async () => {
    const desk = newDesk();
    const { robot } = desk.people;
    const fail2ban = await startFail2ban(world(), { action: 'complain', from: robot, contact: desk.people.desk });
    try {
      await desk.start();
      fail2ban.failLogins(EXIT);
      await desk.untilState(1, 'awaiting-answer');
      fail2ban.forget(EXIT);
      fail2ban.failLogins(EXIT);
      const second = await desk.untilState(2, 'awaiting-answer');
      expect(second.letters).toMatchObject([{ letter: 'ask-for-human', status: 'withheld' }]);
      await until('everything is read', () => desk.mails().every((mail) => mail.stage !== 'filed'));
      expect(await received(world(), robot)).toHaveLength(1);
    } finally {
      await fail2ban.stop();
    }
  });
});
