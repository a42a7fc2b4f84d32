import { describe, expect, it } from 'vitest';
import { EXIT } from '../support/desk.ts';
import { canStart } from '../support/packages.ts';
import { received, untilReceived } from '../support/post.ts';
import { until } from '../support/servers.ts';
import { policeRequest, threat, useStories } from '../support/stories.ts';

describe.skipIf(!canStart('dovecot', 'postfix', 'sshd'))('where somebody is in danger, or an authority writes', () => {
  const { world, newDesk, complain } = useStories();

  it('a threatened person gets the letter for that, and the handler an alert at once', async () => {
    const desk = newDesk();
    await desk.start();
    await complain(desk, { subject: 'Somebody threatens to kill me', text: threat });
    const alert = await untilReceived(world(), desk.people.handler);
    expect(alert.subject).toContain('[EX-1] · somebody may be in danger');
    const letter = await untilReceived(world(), desk.people.complainant);
    expect(letter.text).toMatch(/police/);
    expect(letter.text).toContain('https://ssd.eff.org/');
    const kase = await desk.untilState(1, 'awaiting-answer');
    expect(kase.letters).toMatchObject([{ letter: 'threatening', status: 'accepted', by: null }]);
  });

  it('the police get no letter from a machine; the host is checked and a handler alerted at once', async () => {
    const desk = newDesk();
    const daemon = await desk.start();
    const { police } = desk.people;
    await complain(desk, {
      from: `Jan Vogt <${police}>`,
      subject: 'Subscriber data, ref. 4711/26',
      text: policeRequest,
    });
    await untilReceived(world(), desk.people.handler, (mail) => mail.subject?.includes('an authority writes') === true);
    const kase = await until('the host was checked', () => {
      const [first] = desk.cases();
      return first?.hosts[0]?.status === 'clean' && first;
    });
    expect(kase).toMatchObject({ state: 'needs-person', reasons: ['danger-or-authority'], letters: [] });
    expect(await daemon.stop()).toBe(0);
    expect(world().postfix.log()).not.toContain(`to=<${police}>`);
    expect(await received(world(), police)).toEqual([]);
  });

  it('a report of child abuse is sealed: nobody reads its words in an alert, a command, a digest or a log', async () => {
    const desk = newDesk();
    const daemon = await desk.start();
    const text = `Child sexual abuse material was uploaded from ${EXIT} to https://files.example/zebra-91 on 20 November 2026.`;
    await complain(desk, { subject: 'CSAM report zebra-91', text });
    const alert = await untilReceived(world(), desk.people.handler);
    const kase = await desk.untilState(1, 'needs-person');
    expect(kase).toMatchObject({ judgement: { sealed: true, risk: { category: 'child-abuse' } }, letters: [] });
    const commands = [['case', '1'], ['case', '1', '--json'], ['cases'], ['mails'], ['digest', '--print']];
    const told = await Promise.all(commands.map(async (command) => (await desk.run(...command)).out));
    expect(told.every((out) => out.includes('1'))).toBe(true);
    expect(await daemon.stop()).toBe(0);
    for (const text of [alert.raw, daemon.log(), ...told]) expect(text).not.toContain('zebra-91');
    expect(await received(world(), desk.people.complainant)).toEqual([]);
  });
});
