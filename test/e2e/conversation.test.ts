import { describe, expect, it } from 'vitest';
import type { Desk } from '../support/desk.ts';
import { answerAway } from '../support/vacation.ts';
import { canStart } from '../support/packages.ts';
import { headerOf, post, received, untilReceived, type Received } from '../support/post.ts';
import { until } from '../support/servers.ts';
import { policeRequest, useStories } from '../support/stories.ts';

const hour = 3_600_000;
const day = 86_400_000;

describe.skipIf(!canStart('dovecot', 'postfix', 'sshd', 'vacation'))('after the first letter', () => {
  const { world, newDesk, complain } = useStories();

  it('an answer stops the clock, and nothing more is sent by itself', async () => {
    const { desk, letter } = await answered();
    await desk.start();
    await answer(desk, letter);
    const kase = await desk.untilState(1, 'in-discussion');
    expect(kase).toMatchObject({ humanAnswered: true, handler: 'ada' });
    expect(desk.read((db) => db.prepare('SELECT count(*) AS n FROM timers').get())).toEqual({ n: 0 });
    expect(await received(world(), desk.people.complainant)).toHaveLength(1);
  });

  it('a week without an answer brings the follow-up, another one closes the case as solved', async () => {
    const { desk, letter } = await answered();
    const { people } = desk;
    const accepted = letterOf(desk).acceptedAt ?? 0;
    await pass(desk, accepted + 7 * day - 60_000);
    expect(desk.cases()).toMatchObject([{ state: 'awaiting-answer' }]);
    await pass(desk, accepted + 7 * day + 60_000);
    const [, followUp] = await until('the follow-up lies there', async () => {
      const letters = await received(world(), people.complainant);
      return letters.length === 2 && letters;
    });
    if (followUp === undefined) throw new Error('no follow-up');
    expect(desk.cases()).toMatchObject([{ state: 'followed-up' }]);
    expect(headerOf(followUp, 'Auto-Submitted')).toBe('auto-generated');
    expect(headerOf(followUp, 'References')).toContain(letter.messageId);
    expect(followUp.subject).toBe('Re: SSH attacks from your server [EX-1]');
    await pass(desk, accepted + 14 * day + 120_000);
    expect(desk.cases()).toMatchObject([{ state: 'closed', label: 'Successfully Solved', outcome: 'never-answered' }]);
    expect(await received(world(), people.complainant)).toHaveLength(2);
  });

  it('an answer that came while the desk was down is read before any timer fires', async () => {
    const { desk, letter } = await answered();
    await answer(desk, letter);
    await pass(desk, (letterOf(desk).acceptedAt ?? 0) + 20 * day);
    expect(desk.cases()).toMatchObject([{ state: 'in-discussion', humanAnswered: true }]);
    expect(await received(world(), desk.people.complainant)).toHaveLength(1);
  });

  it('a handler who writes from the mail client takes the case out of the automation', async () => {
    const { desk } = await answered();
    const { desk: address, handler, complainant } = desk.people;
    const [complaint] = await received(world(), address);
    const head = [`From: Ada <${handler}>`, `To: ${complainant}`, 'Subject: Re: SSH attacks from your server'];
    const thread = [`In-Reply-To: ${complaint?.messageId}`, 'Message-ID: <by-hand@exits.example>'];
    const own = [...head, ...thread, '', 'Dear Mara, let me explain this in my own words.', ''].join('\r\n');
    world().dovecot.deliver(address, own, 'Sent');
    await desk.start();
    expect(await desk.untilState(1, 'in-discussion')).toMatchObject({ handler: 'ada', humanAnswered: false });
    expect(desk.journal(1).at(-1)).toMatchObject({ type: 'handler-wrote', by: 'ada' });
  });

  it('an answer that comes after the closing opens the case again', async () => {
    const { desk, letter } = await answered();
    expect(await desk.run('close', '1', '--by', 'ada')).toMatchObject({ code: 0 });
    await answer(desk, letter);
    await desk.start();
    await desk.untilState(1, 'reopened');
    expect(desk.cases()).toHaveLength(1);
  });

  it('a vacation note changes no timer and gets no answer', async () => {
    const desk = rehearsal();
    const { people } = desk;
    await desk.start();
    await complain(desk);
    await desk.untilState(1, 'awaiting-answer');
    const timers = timersOf(desk);
    const letter = await untilReceived(world(), people.complainant);
    // A responder that knows nothing of RFC 3834 answers whatever a mail says about itself.
    answerAway(world(), people.complainant, letter.raw.replace(/^Auto-Submitted:.*\r\n/m, ''));
    const note = await untilReceived(world(), people.desk, (mail) => mail.text?.includes('back in December') === true);
    expect(headerOf(note, 'Delivered-To')).toMatch(/\+1-b-/);
    await until('the note is read', () => desk.journal(1).some((row) => row.type === 'machine-answered'));
    expect(desk.cases()).toMatchObject([{ state: 'awaiting-answer', humanAnswered: false }]);
    expect(timersOf(desk)).toEqual(timers);
    expect(await received(world(), people.complainant)).toHaveLength(1);
  });

  it('a well-behaved vacation responder does not answer an automatic letter at all', async () => {
    const desk = rehearsal();
    const { desk: address, complainant } = desk.people;
    world().dovecot.setSieve(complainant, 'require "vacation";\nvacation "I am back in December.";\n');
    await desk.start();
    await complain(desk);
    await untilReceived(world(), complainant);
    const local = address.slice(0, address.indexOf('@'));
    await until('the responder has decided', () =>
      new RegExp(`discarding vacation response to auto-submitted message from <${local}\\+1-b-`).test(
        world().dovecot.log(),
      ),
    );
  });

  it('a bounce sends the case to a person, and no letter goes to that address again', async () => {
    const desk = rehearsal();
    const gone = 'nobody@shop.example';
    await desk.start();
    await complain(desk, { from: `Mara Lind <${gone}>` });
    const kase = await desk.untilState(1, 'needs-person');
    expect(kase).toMatchObject({ reasons: ['bounced'] });
    await complain(desk, { from: `Mara Lind <${gone}>`, subject: 'More attacks from your server' });
    expect(await desk.untilState(2, 'needs-person')).toMatchObject({ reasons: ['dead-address'] });
    expect(world().postfix.log().split(`to=<${gone}>`).length - 1).toBe(1);
  });

  it('the digest comes once a day and lists first what needs a person', async () => {
    const desk = newDesk({ settings: { rehearsal: true, digest: { daily: '08:00', recipients: ['ada'] } } });
    const { handler, police } = desk.people;
    const daemon = await desk.start();
    await complain(desk);
    await desk.untilState(1, 'awaiting-answer');
    await complain(desk, { from: police, subject: 'Subscriber data', text: policeRequest });
    await desk.untilState(2, 'needs-person');
    await daemon.stop();
    // The next eight o'clock, whatever hour these tests run at.
    const due = Math.ceil((Date.now() - 8 * hour) / day) * day + 8 * hour;
    for (const seconds of [-60, 30, 90]) await pass(desk, due + seconds * 1000);
    const isDigest = (mail: Received): boolean => mail.subject?.includes('igest') === true;
    const digest = await untilReceived(world(), handler, isDigest);
    for (const text of [digest.text, digest.html]) {
      expect(text).toMatch(
        /Needs a person[^]*EX-2[^]*New cases[^]*EX-1[^]*Letters sent[^]*EX-1[^]*Waiting for an answer[^]*EX-1/,
      );
    }
    expect((await received(world(), handler)).filter(isDigest)).toHaveLength(1);
  });

  const rehearsal = (): Desk => newDesk({ settings: { rehearsal: true } });

  /** A desk whose first letter has left; its daemon has ended. */
  async function answered(): Promise<{ readonly desk: Desk; readonly letter: Received }> {
    const desk = rehearsal();
    const daemon = await desk.start();
    await complain(desk);
    await desk.untilState(1, 'awaiting-answer');
    const letter = await untilReceived(world(), desk.people.complainant);
    expect(await daemon.stop()).toBe(0);
    return { desk, letter };
  }

  const letterOf = (desk: Desk) => desk.cases()[0]?.letters[0] ?? { acceptedAt: null };
  const timersOf = (desk: Desk): unknown => desk.read((db) => db.prepare('SELECT kind, due_at FROM timers').all());

  /** One full pass at another instant (ms UTC). */
  async function pass(desk: Desk, at: number): Promise<void> {
    expect(await desk.run('once', '--now', new Date(at).toISOString())).toMatchObject({ code: 0 });
  }

  /** The complainant presses "reply" and writes. */
  async function answer(desk: Desk, letter: Received): Promise<void> {
    await post(world(), {
      from: `Mara Lind <${desk.people.complainant}>`,
      to: headerOf(letter, 'Reply-To') ?? '',
      subject: `Re: ${letter.subject}`,
      inReplyTo: letter.messageId ?? '',
      references: [letter.messageId ?? ''],
      text: 'Hello Ada,\n\nthank you, I did not know this. Could you block our address on your side?\n\nMara\n',
    });
  }
});
