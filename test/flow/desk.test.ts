import { afterEach, describe, expect, it } from 'vitest';
import { signCaseAddress } from '../../src/core/case-address.ts';
import type { CaseId } from '../../src/core/case.ts';
import { applyEvent } from '../../src/flow/apply-event.ts';
import { clearSuspicion } from '../../src/flow/clear-node.ts';
import { latestMails } from '../../src/store/mails.ts';
import { outboxInStatus } from '../../src/store/outbox.ts';
import { dayMs, hourMs, minuteMs, weekMs } from '../support/a-case.ts';
import { aComplaint, aRobotsComplaint, headerOf, openFolderDesk, type FolderDesk } from '../support/folder-desk.ts';
import { probeText } from '../support/probe-text.ts';

let desk: FolderDesk;
afterEach(() => desk.stop());

const deskLetters = (): readonly string[] => desk.letters().filter((raw) => headerOf(raw, 'Subject').includes('[EX-'));
const ids = (mails: readonly { stage: string }[], stage: string): number =>
  mails.filter((m) => m.stage === stage).length;
/** A process that no clean machine shows: a program that was started from a world-writable folder. */
const brokenIn = probeText({
  processes: { rows: ['stat 77 1 0 S www-data kdevtmpfsi', 'exe 77 /tmp/.x/kdevtmpfsi', 'args 77 ./kdevtmpfsi'] },
});

describe('one complaint is one case', () => {
  it('the same message delivered again is the same complaint', async () => {
    desk = await openFolderDesk();
    const raw = aComplaint();
    desk.drop(raw);
    desk.drop(`Received: from elsewhere by mx.exits.example; Mon, 02 Nov 2026 08:00:00 +0000\n${raw}`);
    await desk.pass();
    const mails = latestMails(desk.app.db, { toPerson: false, limit: 10 });
    expect([ids(mails, 'case'), ids(mails, 'duplicate')]).toEqual([1, 1]);
    expect(deskLetters()).toHaveLength(1);
  });

  it('two complaints of one sender, alike but for their identity, are two cases', async () => {
    desk = await openFolderDesk();
    desk.drop(aComplaint());
    desk.drop(aComplaint());
    await desk.pass();
    expect(desk.case(1).state).toBe('awaiting-answer');
    expect(desk.case(2).state).toBe('awaiting-answer');
    expect(deskLetters()).toHaveLength(2);
  });

  it('mail older than the installation is filed and listed, never answered', async () => {
    desk = await openFolderDesk({ change: (yaml) => yaml.replace('backlog: answer', 'backlog: file') });
    desk.clock.now -= dayMs;
    desk.drop(aComplaint());
    desk.clock.now += dayMs;
    desk.drop(aComplaint());
    await desk.pass();
    const mails = latestMails(desk.app.db, { toPerson: false, limit: 10 });
    expect([ids(mails, 'backlog'), ids(mails, 'case')]).toEqual([1, 1]);
    expect(deskLetters()).toHaveLength(1);
  });
});

describe('what belongs to a case', () => {
  const answer = (from: string, subject: string, headers: readonly string[] = []): string =>
    aComplaint({ from, subject, headers, text: 'Thank you, but can you tell me more about it? I still see this.\n' });

  it('is a mail that carries our Message-ID', async () => {
    desk = await openFolderDesk();
    desk.drop(aComplaint());
    await desk.pass();
    const id = headerOf(deskLetters()[0] ?? '', 'Message-ID');
    desk.drop(answer('someone@other.example', 'no token here', [`In-Reply-To: ${id}`]));
    await desk.pass();
    expect(desk.case(1)).toMatchObject({ state: 'in-discussion', humanAnswered: true });
  });

  it('is a mail to the signed address of the case', async () => {
    desk = await openFolderDesk();
    desk.drop(aComplaint());
    await desk.pass();
    const to = signCaseAddress(desk.app.config.desk, 1 as CaseId, 'reply', desk.app.secret);
    desk.drop(aComplaint({ from: 'new@other.example', to, subject: 'hello', text: 'I have a question about this.\n' }));
    await desk.pass();
    expect(desk.case(1).state).toBe('in-discussion');
  });

  it('is a mail with the token from the complainant’s organisation', async () => {
    desk = await openFolderDesk();
    desk.drop(aComplaint());
    await desk.pass();
    desk.drop(answer('boss@mail.site.example', 'Re: Attack on our server [EX-1]'));
    await desk.pass();
    expect(desk.case(1).state).toBe('in-discussion');
  });

  it('is not a mail with the token from a stranger, nor one to an address that we never signed', async () => {
    desk = await openFolderDesk();
    desk.drop(aComplaint());
    await desk.pass();
    desk.drop(answer('eve@evil.example', 'Re: Attack on our server [EX-1]'));
    desk.drop(answer('eve@evil.example', 'hello').replace('abuse@exits', 'abuse+1-r-aaaaaaaaaaaaaaaa@exits'));
    await desk.pass();
    expect(desk.case(1).state).toBe('awaiting-answer');
    expect(latestMails(desk.app.db, { toPerson: false, limit: 10 }).filter((mail) => mail.caseId === 1)).toHaveLength(
      1,
    );
  });

  it('a handler’s own mail in the Sent folder stops the automation', async () => {
    desk = await openFolderDesk();
    const raw = aComplaint();
    desk.drop(raw);
    await desk.pass();
    const mine = aComplaint({
      from: 'ada@exits.example',
      to: 'jane@site.example',
      subject: 'Re: Attack on our server',
      headers: [`In-Reply-To: ${headerOf(raw, 'Message-ID')}`],
      text: 'Dear Jane, I looked into it myself.\n',
    });
    desk.drop(mine, 'sent');
    await desk.pass();
    expect(desk.case(1)).toMatchObject({ state: 'in-discussion', handler: 'ada' });
  });
});

describe('the two weeks', () => {
  it('go by themselves: follow-up after seven days, closed after another seven', async () => {
    desk = await openFolderDesk();
    desk.drop(aComplaint());
    await desk.pass();
    desk.clock.now += weekMs;
    await desk.pass();
    expect(headerOf(deskLetters()[1] ?? '', 'Auto-Submitted')).toBe('auto-generated');
    expect(desk.case(1).state).toBe('followed-up');
    desk.clock.now += weekMs;
    await desk.pass();
    expect(desk.case(1)).toMatchObject({ state: 'closed', outcome: 'never-answered', label: 'Successfully Solved' });
    expect(deskLetters()).toHaveLength(2);
  });

  it('after days of being down, replies are read before any timer fires', async () => {
    desk = await openFolderDesk();
    desk.drop(aComplaint());
    await desk.pass();
    const id = headerOf(deskLetters()[0] ?? '', 'Message-ID');
    desk.clock.now += 5 * dayMs;
    desk.drop(
      aComplaint({ subject: 'Re: Attack', headers: [`In-Reply-To: ${id}`], text: 'Please explain, what is Tor?\n' }),
    );
    desk.clock.now += 5 * dayMs;
    await desk.restart();
    await desk.pass();
    expect(desk.case(1).state).toBe('in-discussion');
    expect(deskLetters()).toHaveLength(1);
  });

  it('after days of being down, follow-ups leave under the hourly ceiling', async () => {
    desk = await openFolderDesk({
      change: (yaml) =>
        yaml.replace(
          '  mode: auto',
          '  mode: auto\n  budgets: { perHour: 3, domainPerDay: 50, personAddressPerDay: 50 }',
        ),
    });
    for (let i = 0; i < 3; i += 1) desk.drop(aComplaint());
    await desk.pass();
    desk.clock.now += hourMs + minuteMs;
    for (let i = 0; i < 2; i += 1) desk.drop(aComplaint());
    await desk.pass();
    expect(deskLetters()).toHaveLength(5);
    desk.clock.now += 2 * weekMs;
    await desk.pass();
    expect(deskLetters()).toHaveLength(8);
    desk.clock.now += hourMs + minuteMs;
    await desk.pass();
    expect(deskLetters()).toHaveLength(10);
  });
});

describe('the budgets', () => {
  it('withhold a robot’s second letter of a day, and the case closes as over budget', async () => {
    desk = await openFolderDesk();
    desk.drop(aRobotsComplaint());
    desk.drop(aRobotsComplaint());
    await desk.pass();
    expect(deskLetters()).toHaveLength(1);
    expect(desk.case(2).letters).toMatchObject([{ letter: 'ask-for-human', status: 'withheld' }]);
    desk.clock.now += weekMs;
    await desk.pass();
    desk.clock.now += weekMs;
    await desk.pass();
    expect(desk.case(1)).toMatchObject({ state: 'closed', outcome: 'never-answered' });
    expect(desk.case(2)).toMatchObject({ state: 'closed', outcome: 'over-budget' });
  });

  it('let a person’s sixth letter of a day wait for a handler, who may send it', async () => {
    desk = await openFolderDesk();
    for (let i = 0; i < 6; i += 1) desk.drop(aComplaint());
    await desk.pass();
    expect(deskLetters()).toHaveLength(5);
    expect(desk.case(6)).toMatchObject({ state: 'needs-person', reasons: ['over-ceiling'] });
    applyEvent(desk.app, 6 as CaseId, { type: 'approved', by: 'ada', text: null }, 'test:approve');
    await desk.pass();
    expect(deskLetters()).toHaveLength(6);
    expect(desk.case(6).state).toBe('awaiting-answer');
  });
});

describe('a node under suspicion', () => {
  it('holds every letter for it, follow-ups included, until a handler clears it', async () => {
    desk = await openFolderDesk();
    desk.drop(aComplaint());
    await desk.pass();
    expect(deskLetters()).toHaveLength(1);
    desk.clock.now += weekMs - minuteMs;
    desk.host.output = brokenIn;
    desk.drop(aComplaint());
    await desk.pass();
    expect(desk.case(2)).toMatchObject({ state: 'needs-person', reasons: ['host-suspicious'] });
    desk.clock.now += 2 * minuteMs;
    await desk.pass();
    expect(deskLetters()).toHaveLength(1);
    expect(outboxInStatus(desk.app.db, 'held')).toHaveLength(1);
    clearSuspicion(desk.app, 'helium', { by: 'ada', note: 'our own test', key: 'k' });
    await desk.pass();
    expect(deskLetters()).toHaveLength(3);
    expect(desk.case(1).state).toBe('followed-up');
    expect(desk.case(2).state).toBe('awaiting-answer');
    // What was cleared stands in the logs for weeks: it does not raise the suspicion again, something new does.
    desk.clock.now += dayMs;
    desk.drop(aComplaint());
    await desk.pass();
    expect(desk.case(3).state).toBe('awaiting-answer');
    desk.host.output = probeText({
      processes: { rows: ['stat 78 1 0 S www-data x', 'exe 78 /dev/shm/x', 'args 78 ./x'] },
    });
    desk.clock.now += dayMs;
    desk.drop(aComplaint());
    await desk.pass();
    expect(desk.case(4)).toMatchObject({ reasons: ['host-suspicious'] });
  });

  it('one fresh check serves the cases that arrive meanwhile, and one alert tells of it', async () => {
    desk = await openFolderDesk();
    desk.host.output = brokenIn;
    desk.drop(aComplaint());
    desk.drop(aComplaint());
    await desk.pass();
    const alerts = desk.letters().filter((raw) => headerOf(raw, 'To').includes('ada@'));
    expect(alerts).toHaveLength(1);
    expect(desk.case(1).hosts[0]?.checkId).toBe(desk.case(2).hosts[0]?.checkId);
  });
});

describe('the modes', () => {
  it('observe sends nothing, and switching to auto sends nothing that was decided before', async () => {
    desk = await openFolderDesk({ change: (yaml) => yaml.replace('mode: auto', 'mode: observe') });
    desk.drop(aComplaint());
    await desk.pass();
    expect(deskLetters()).toHaveLength(0);
    expect(desk.case(1)).toMatchObject({
      state: 'needs-person',
      reasons: ['observed'],
      letters: [{ status: 'would-send' }],
    });
    await desk.restart((yaml) => yaml.replace('mode: observe', 'mode: auto'));
    desk.clock.now += 2 * weekMs;
    await desk.pass();
    expect(deskLetters()).toHaveLength(0);
    desk.drop(aComplaint());
    await desk.pass();
    expect(deskLetters()).toHaveLength(1);
  });
});

describe('mail that is no complaint', () => {
  it('a vacation note to our letter belongs to the case and moves nothing', async () => {
    desk = await openFolderDesk();
    desk.drop(aComplaint());
    await desk.pass();
    const before = desk.case(1);
    const id = headerOf(deskLetters()[0] ?? '', 'Message-ID');
    desk.clock.now += hourMs;
    desk.drop(
      aComplaint({
        subject: 'Out of office: Re: Attack on our server [EX-1]',
        headers: [`In-Reply-To: ${id}`, 'Auto-Submitted: auto-replied (vacation)', 'Precedence: bulk'],
        text: 'I am out of the office until 20 November and will answer after that.\n',
      }),
    );
    await desk.pass();
    expect(desk.case(1)).toEqual(before);
    expect(desk.journal(1)).toContain('machine-answered');
    expect(deskLetters()).toHaveLength(1);
  });

  it('a hard bounce stops letters to that address for good', async () => {
    desk = await openFolderDesk();
    desk.drop(aComplaint());
    await desk.pass();
    const letter = deskLetters()[0] ?? '';
    const bounce = [
      'Return-Path: <>',
      'From: MAILER-DAEMON@mx.exits.example (Mail Delivery System)',
      'To: abuse@exits.example',
      'Subject: Undelivered Mail Returned to Sender',
      'Auto-Submitted: auto-replied',
      'Message-ID: <bounce-1@mx.exits.example>',
      'Date: Mon, 02 Nov 2026 08:10:00 +0000',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'This is the mail system at host mx.exits.example. I could not deliver your message.',
      '--b',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.exits.example',
      '',
      'Final-Recipient: rfc822; jane@site.example',
      'Action: failed',
      'Status: 5.1.1',
      '--b',
      'Content-Type: text/rfc822-headers',
      '',
      `Message-ID: ${headerOf(letter, 'Message-ID')}`,
      '--b--',
      '',
    ].join('\n');
    desk.drop(bounce);
    await desk.pass();
    expect(desk.case(1)).toMatchObject({ state: 'needs-person', reasons: ['bounced'] });
    desk.drop(aComplaint());
    await desk.pass();
    expect(desk.case(2)).toMatchObject({ state: 'needs-person', reasons: ['dead-address'] });
    expect(deskLetters()).toHaveLength(1);
  });
});

describe('doing anything twice', () => {
  it('is a no-op: the same event key changes nothing', async () => {
    desk = await openFolderDesk();
    desk.drop(aComplaint());
    await desk.pass();
    const event = { type: 'noted', by: 'ada', text: 'once' } as const;
    expect(applyEvent(desk.app, 1 as CaseId, event, 'note:1')).not.toBeNull();
    const before = desk.journal(1);
    expect(applyEvent(desk.app, 1 as CaseId, event, 'note:1')).toBeNull();
    expect(desk.journal(1)).toEqual(before);
    await desk.restart();
    await desk.pass();
    expect(desk.journal(1)).toEqual(before);
    expect(deskLetters()).toHaveLength(1);
  });
});
