import { describe, expect, it } from 'vitest';
import { canStart } from '../support/packages.ts';
import { headerOf, received, untilReceived } from '../support/post.ts';
import { until } from '../support/servers.ts';
import { useStories } from '../support/stories.ts';

describe.skipIf(!canStart('dovecot', 'postfix', 'sshd'))('a complaint about our exit', () => {
  const { world, newDesk, complain } = useStories();

  it('is answered by a letter in the complainant’s mailbox, in the thread of the complaint', async () => {
    const desk = newDesk();
    const { people } = desk;
    const daemon = await desk.start();
    const complaintId = await complain(desk);
    const letter = await untilReceived(world(), people.complainant);

    expect(letter.from?.value).toEqual([{ address: people.desk, name: 'Abuse desk, Exits Example' }]);
    expect(letter.subject).toBe('Re: SSH attacks from your server [EX-1]');
    expect(headerOf(letter, 'In-Reply-To')).toBe(complaintId);
    expect(headerOf(letter, 'References')).toBe(complaintId);
    expect(headerOf(letter, 'Auto-Submitted')).toBe('auto-replied');
    expect(headerOf(letter, 'X-Auto-Response-Suppress')).toBe('OOF, AutoReply');
    const signed = (purpose: string): RegExp =>
      new RegExp(`^<?${people.desk.replace('@', `\\+1-${purpose}-[a-z2-7]{16}@`)}>?$`);
    expect(headerOf(letter, 'Reply-To')).toMatch(signed('r'));
    expect(headerOf(letter, 'Return-Path')).toMatch(signed('b'));
    expect(letter.text).toMatch(/^Dear Mara Lind,/);
    expect(letter.text).toContain('an exit of the Tor network');

    const kase = await desk.untilState(1, 'awaiting-answer');
    expect(kase.hosts).toMatchObject([{ node: 'helium', status: 'clean' }]);
    expect(desk.journal(1).map((row) => row.type)).toEqual(['complaint-received', 'host-checked', 'letter-accepted']);
    expect(await daemon.stop()).toBe(0);
    expect(postfixTook(letter.messageId)).toBe(1);
  });

  it('leaves the letter in the Sent folder once, and its own copy as proof that it was accepted', async () => {
    const desk = newDesk();
    const { people } = desk;
    await desk.start();
    await complain(desk);
    const letter = await untilReceived(world(), people.complainant);
    const copies = await until('both copies are read', () => {
      const ours = desk.mails().filter((mail) => mail.stage === 'own-copy');
      return ours.length === 2 && ours;
    });
    expect(copies.map((copy) => copy.folder).toSorted()).toEqual(['inbox', 'sent']);
    expect(copies.every((copy) => copy.caseId === 1)).toBe(true);
    const sent = await received(world(), people.desk, 'Sent');
    expect(sent.map((mail) => mail.messageId)).toEqual([letter.messageId]);
    const own = await untilReceived(world(), people.desk, (mail) => mail.messageId === letter.messageId);
    expect(headerOf(own, 'Delivered-To')).toMatch(/^abuse\d+\+1-c-[a-z2-7]{16}@exits\.example$/);
    expect(desk.cases()).toHaveLength(1);
  });

  it('is a case of its own each time, also when one sender complains twice', async () => {
    const desk = newDesk();
    const { people } = desk;
    await desk.start();
    const ids = [await complain(desk), await complain(desk)];
    await desk.untilState(1, 'awaiting-answer');
    await desk.untilState(2, 'awaiting-answer');
    const letters = await until('two letters lie there', async () => {
      const all = await received(world(), people.complainant);
      return all.length === 2 && all;
    });
    expect(new Set(letters.map((letter) => headerOf(letter, 'In-Reply-To')))).toEqual(new Set(ids));
    expect(new Set(letters.map((letter) => /\[EX-\d\]$/.exec(letter.subject ?? '')?.[0]))).toEqual(
      new Set(['[EX-1]', '[EX-2]']),
    );
  });

  it('is one case when the same message is delivered twice', async () => {
    const desk = newDesk();
    const { people } = desk;
    await desk.start();
    const message = { messageId: '<same@shop.example>', date: new Date() };
    await complain(desk, message);
    await complain(desk, message);
    const mails = await until('both deliveries are read', () => {
      const read = desk.mails().filter((mail) => mail.stage === 'case' || mail.stage === 'duplicate');
      return read.length === 2 && read;
    });
    expect(mails.map((mail) => mail.stage)).toEqual(['case', 'duplicate']);
    await desk.untilState(1, 'awaiting-answer');
    expect(desk.cases()).toHaveLength(1);
    expect(await received(world(), people.complainant)).toHaveLength(1);
  });

  it('sends nothing in observe mode, and shows a handler what would have been sent', async () => {
    const desk = newDesk({ settings: { policy: { mode: 'observe' } } });
    const daemon = await desk.start();
    await complain(desk);
    const kase = await desk.untilState(1, 'needs-person');
    expect(kase).toMatchObject({
      reasons: ['observed'],
      letters: [{ letter: 'non-threatening', status: 'would-send' }],
    });
    expect(await daemon.stop()).toBe(0);
    expect(world().postfix.log()).not.toContain(`to=<${desk.people.complainant}>`);
    expect(await received(world(), desk.people.desk, 'Sent')).toEqual([]);
  });

  it('waits in approve mode for a handler, and the running daemon acts on the approval within two seconds', async () => {
    const desk = newDesk({ settings: { policy: { mode: 'approve' } } });
    await desk.start();
    await complain(desk);
    expect(await desk.untilState(1, 'needs-person')).toMatchObject({ reasons: ['approval'] });
    expect(await received(world(), desk.people.complainant)).toEqual([]);
    const approved = await desk.run('approve', '1', '--by', 'ada');
    expect(approved).toMatchObject({ code: 0, out: expect.stringMatching(/^EX-1 is answering/) });
    await desk.untilState(1, 'awaiting-answer');
    const [from, until] = ['approved', 'letter-accepted'].map((type) =>
      desk.journal(1).find((row) => row.type === type),
    );
    expect((until?.at ?? Infinity) - (from?.at ?? 0)).toBeLessThan(2000);
    expect(from?.by).toBe('ada');
    await untilReceived(world(), desk.people.complainant);
  });

  it('is finished after a restart when SIGTERM came in the middle of its host check', async () => {
    const desk = newDesk();
    const daemon = await desk.start();
    await complain(desk);
    await desk.untilState(1, 'checking');
    expect(await daemon.stop()).toBe(0);
    expect(daemon.log()).toContain('"msg":"stopped"');
    await desk.start();
    await desk.untilState(1, 'awaiting-answer');
    await untilReceived(world(), desk.people.complainant);
    expect(await received(world(), desk.people.complainant)).toHaveLength(1);
  });

  it('is answered although the mail server threw the desk out before it came', async () => {
    const desk = newDesk();
    await desk.start();
    const logins = (): number => world().dovecot.log().split(`Login: user=<${desk.people.desk}>`).length - 1;
    await until('the desk is logged in', () => logins() === 1);
    world().dovecot.doveadm('kick', desk.people.desk);
    await complain(desk);
    await untilReceived(world(), desk.people.complainant);
    expect(logins()).toBeGreaterThan(1);
  });

  it('is answered once, when the mailbox is rebuilt and numbers all its messages anew', async () => {
    const desk = newDesk();
    const { people } = desk;
    const daemon = await desk.start();
    await complain(desk);
    await desk.untilState(1, 'awaiting-answer');
    world().dovecot.doveadm('mailbox', 'update', '-u', people.desk, '--uid-validity', '77', 'INBOX');
    await complain(desk, { subject: 'More attacks from your server' });
    await desk.untilState(2, 'awaiting-answer');
    await until('all copies are read', () => desk.mails().every((mail) => mail.stage !== 'filed'));
    expect(desk.mails().map((mail) => mail.stage)).toContain('duplicate');
    expect(desk.cases()).toHaveLength(2);
    expect(await received(world(), people.complainant)).toHaveLength(2);
    expect(daemon.running()).toBe(true);
  });

  /** How many messages with this Message-ID the mail server took from the desk. */
  function postfixTook(messageId: string | undefined): number {
    return world().postfix.log().split(`message-id=${messageId}`).length - 1;
  }
});
