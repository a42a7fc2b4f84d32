import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Mail } from '../../src/core/mail.ts';
import { defaultParseLimits } from '../../src/mail/parse-limits.ts';
import { parseMail } from '../../src/mail/parse.ts';
import { base64Lines, multipartMail, plainHeaders, rawMail } from '../support/raw-mail.ts';

async function read(raw: Buffer, limits = defaultParseLimits): Promise<Mail> {
  const result = await parseMail(raw, limits);
  if (!result.ok) throw new Error(result.reason);
  return result.mail;
}

describe('the head of a mail', () => {
  test('is read into its fields, with the zone that the date was written in', async () => {
    const mail = await read(rawMail([...plainHeaders, 'Reply-To: Desk <desk@shop.example>', 'Cc: b@c.example'], 'Hi.'));
    expect(mail).toMatchObject({
      messageId: '<1.ann@shop.example>',
      from: [{ address: 'ann@shop.example', name: 'Ann Ames' }],
      replyTo: [{ address: 'desk@shop.example', name: 'Desk' }],
      to: [{ address: 'abuse@exits.example', name: null }],
      cc: [{ address: 'b@c.example', name: null }],
      subject: 'Scans from your network',
      date: { at: Date.UTC(2026, 10, 3, 8, 12), offsetMinutes: 60 },
      contentType: 'text/plain',
      text: 'Hi.',
      html: null,
      truncated: false,
      encrypted: false,
      defects: [],
    });
  });

  test('has no date where the Date header cannot be read, and never the present', async () => {
    const headers = plainHeaders.map((line) => (line.startsWith('Date:') ? 'Date: (invalid)' : line));
    expect((await read(rawMail(headers))).date).toBeNull();
  });

  test.each([
    ['<>', ''],
    ['<Bounce+7@Shop.EXAMPLE>', 'Bounce+7@shop.example'],
    ['MAILER-DAEMON', 'MAILER-DAEMON'],
  ])('reads the envelope sender %s', async (written, expected) => {
    expect((await read(rawMail([`Return-Path: ${written}`, ...plainHeaders]))).returnPath).toBe(expected);
  });

  test('has no envelope sender where the server noted none', async () => {
    expect((await read(rawMail(plainHeaders))).returnPath).toBeUndefined();
  });

  test('keeps every header line in order, Authentication-Results of several servers among them', async () => {
    const results = [
      'Authentication-Results: mx.exits.example; dmarc=pass',
      'Authentication-Results: other; dmarc=fail',
    ];
    const { headers } = await read(rawMail([...results, ...plainHeaders]));
    expect(headers.slice(0, 2)).toEqual(
      results.map((line) => ({ name: 'authentication-results', value: line.slice('Authentication-Results: '.length) })),
    );
  });

  test('takes the first of several From headers and says so', async () => {
    const mail = await read(rawMail(['From: a@first.example', 'From: b@second.example', 'Subject: x']));
    expect(mail.from).toEqual([{ address: 'a@first.example', name: null }]);
    expect(mail.defects).toContain('several From headers');
  });

  test.each([
    ['=?utf-8?B?R3LDvMOfZQ==?=', 'Grüße'],
    ['=?iso-8859-1?Q?Gr=FC=DFe?= an =?utf-8?q?alle?=', 'Grüße an alle'],
    ['=?utf-8?B?w6nD?= =?utf-8?B?qQ==?=', 'éé'],
    ['=?ISO-2022-JP?B?GyRCSVQ1LhsoQg==?= =?ISO-2022-JP?B?GyRCJUobKEI=?=', '不貴ナ'],
    ['=?koi8-r?B?6sTJ?=', 'Йди'],
    ['=?utf-7?Q?+ADw-b?=', '+ADw-b'],
    ['=?no-such-charset?Q?plain?=', 'plain'],
    ['Roh: Grüße', 'Roh: Grüße'],
  ])('decodes the subject %s', async (written, expected) => {
    expect((await read(rawMail([`Subject: ${written}`, 'From: a@b.example']))).subject).toBe(expected);
  });

  test('does not let an encoded word make up an address', async () => {
    const mail = await read(rawMail(['From: =?utf-8?Q?admin=40bank.example?= <x@evil.example>', 'Subject: x']));
    expect(mail.from[0]).toMatchObject({ address: 'x@evil.example' });
    const hidden = await read(rawMail(['From: =?utf-8?Q?a=40bank.example=3E?=@evil.example', 'Subject: x']));
    expect(hidden.from.map((from) => from.address)).not.toContain('a@bank.example');
  });

  test('dissolves groups, keeps international domains as they travel, and says "" for what is no address', async () => {
    const mail = await read(
      rawMail(['From: root', 'To: Team: a@b.example, "C, D" <c@xn--bcher-kva.example>;', 'Subject: x']),
    );
    expect(mail.from.map((from) => from.address)).toEqual(['']);
    expect(mail.to).toEqual([
      { address: 'a@b.example', name: null },
      { address: 'c@xn--bcher-kva.example', name: 'C, D' },
    ]);
  });

  test('takes only well-formed Message-IDs into the thread', async () => {
    const mail = await read(
      rawMail([
        'Message-ID: broken id',
        'In-Reply-To: <a@b.example> (ann, tuesday)',
        'References: <1@x.example>\r\n <2@x.example> nonsense',
        'From: a@b.example',
      ]),
    );
    expect(mail.messageId).toBeNull();
    expect(mail.inReplyTo).toEqual(['<a@b.example>']);
    expect(mail.references).toEqual(['<1@x.example>', '<2@x.example>']);
  });
});

describe('a mail that breaks the rules', () => {
  test('without a blank line is read as head and text', async () => {
    const mail = await read(Buffer.from('From: a@b.example\nSubject: x\nYour host 192.0.2.7 scans us\n'));
    expect(mail).toMatchObject({ subject: 'x', text: 'Your host 192.0.2.7 scans us\n' });
    expect(mail.defects).toContain('no blank line between header and body');
  });

  test('without any header is all text', async () => {
    expect((await read(Buffer.from('192.0.2.7 attacks us.\nPlease stop.'))).text).toBe(
      '192.0.2.7 attacks us.\nPlease stop.',
    );
  });

  test('keeps its headers around a stray line', async () => {
    const mail = await read(Buffer.from('Received: from x\n>From a@b Tue\nFrom: a@b.example\nSubject: x\n\ntext'));
    expect(mail).toMatchObject({ subject: 'x', text: 'text' });
  });

  test('with bare CR line ends is read', async () => {
    const mail = await read(Buffer.from('From: a@b.example\rSubject: x\r\rline 1\rline 2'));
    expect(mail).toMatchObject({ subject: 'x', text: 'line 1\nline 2' });
  });

  test('with an mbox line, a byte order mark or blank lines in front is read', async () => {
    for (const front of ['From a@b Tue Nov  3 09:12:00 2026\n', '\ufeff', '\r\n\r\n'])
      expect((await read(Buffer.from(`${front}From: a@b.example\nSubject: x\n\ntext`))).subject).toBe('x');
  });

  test('keeps NUL bytes from its header values', async () => {
    const mail = await read(rawMail(['From: a@b.example', 'Subject: a\0b'], 'c\0d'));
    expect(mail.subject).toBe('a b');
    expect(mail.text).toContain('d');
  });

  test('with a header over the limit is read without the rest of it', async () => {
    const mail = await read(rawMail(['Subject: x', `X-Long: ${'a'.repeat(300_000)}`, 'From: a@b.example'], 'text'));
    expect(mail).toMatchObject({ subject: 'x', text: 'text' });
    expect(mail.defects).toContain('header over the limit, cut');
  });

  test('with a multipart type and no boundary is split where its parts visibly begin', async () => {
    const body =
      '--x1\nContent-Type: text/plain\n\nhello\n--x1\nContent-Type: text/csv; name=a.csv\n\nip,port\n--x1--\n';
    const mail = await read(rawMail([...plainHeaders, 'Content-Type: multipart/mixed'], body));
    expect(mail.text.trim()).toBe('hello');
    expect(mail.attachments).toMatchObject([{ contentType: 'text/csv', text: 'ip,port' }]);
  });

  test('with a multipart type and no parts at all is text', async () => {
    const mail = await read(rawMail([...plainHeaders, 'Content-Type: multipart/mixed; boundary=zz'], 'just text'));
    expect(mail.text).toBe('just text');
  });
});

describe('body text', () => {
  test.each([
    ['koi8-r', Buffer.from([0xd0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4]), 'привет'],
    ['iso-2022-jp', Buffer.from('\x1b$BF|K\\\x1b(B'), '日本'],
    ['gb18030', Buffer.from([0xc4, 0xe3, 0xba, 0xc3]), '你好'],
    ['utf-16le', Buffer.from('hé', 'utf16le'), 'hé'],
    ['utf-16', Buffer.from('\ufeffhé', 'utf16le'), 'hé'],
    ['windows-1252', Buffer.from([0x80, 0x20, 0xfc]), '€ ü'],
    ['ks_c_5601-1987', Buffer.from([0xc7, 0xd1]), '한'],
    ['utf-7', Buffer.from('+ADw-'), '+ADw-'],
    ['us-ascii', Buffer.from('Grüße'), 'Grüße'],
    ['', Buffer.from([0x47, 0xfc]), 'Gü'],
    ['x-no-such', Buffer.from('Grüße'), 'Grüße'],
  ])('in %s is decoded', async (charset, bytes, expected) => {
    const type = charset === '' ? 'text/plain' : `text/plain; charset="${charset}"`;
    const raw = rawMail(
      [...plainHeaders, `Content-Type: ${type}`, 'Content-Transfer-Encoding: base64'],
      base64Lines(bytes),
    );
    expect((await read(raw)).text).toBe(expected);
  });

  test('in quoted-printable loses its soft breaks', async () => {
    const raw = rawMail(
      [...plainHeaders, 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: quoted-printable'],
      'Gr=C3=BC=\nsse 1=3D1 \n=zz',
    );
    expect((await read(raw)).text).toBe('Grüsse 1=1\n=zz');
  });

  test('format=flowed is unfolded, quote marks kept', async () => {
    const raw = rawMail(
      [...plainHeaders, 'Content-Type: text/plain; charset=utf-8; format=flowed'],
      '> one \n> two\n three \nfour\n-- \nAnn',
    );
    expect((await read(raw)).text).toBe('> one two\nthree four\n-- \nAnn');
  });

  test('signed in the clear loses its armour and dash escapes', async () => {
    const body = [
      'Before.',
      '-----BEGIN PGP SIGNED MESSAGE-----',
      'Hash: SHA512',
      '',
      '- -- 198.51.100.7',
      'text',
      '-----BEGIN PGP SIGNATURE-----',
      '',
      'iQ==',
      '-----END PGP SIGNATURE-----',
      'After.',
    ].join('\n');
    expect((await read(rawMail(plainHeaders, body))).text).toBe('Before.\n-- 198.51.100.7\ntext\nAfter.');
  });

  test('beside HTML keeps both alternatives', async () => {
    const mail = await read(
      multipartMail(plainHeaders, 'alternative', [
        { headers: ['Content-Type: text/plain'], body: 'see the page' },
        { headers: ['Content-Type: text/html'], body: '<table><tr><td>198.51.100.7</td><td>22</td></tr></table>' },
      ]),
    );
    expect(mail.text).toBe('see the page');
    expect(mail.html?.visible).toBe('198.51.100.7\t22');
  });

  test('of an HTML page that names its charset itself is decoded by it', async () => {
    const page = Buffer.concat([Buffer.from('<meta charset="windows-1251">'), Buffer.from([0xef, 0xf0, 0xe8])]);
    const raw = rawMail(
      [...plainHeaders, 'Content-Type: text/html', 'Content-Transfer-Encoding: base64'],
      base64Lines(page),
    );
    expect((await read(raw)).html?.visible).toBe('при');
  });
});

describe('attachments', () => {
  test('of a report stay apart from the text, an inline sample mail too', async () => {
    const mail = await read(
      multipartMail(plainHeaders, 'report; report-type=feedback-report', [
        { headers: ['Content-Type: text/plain'], body: 'A report.' },
        { headers: ['Content-Type: message/feedback-report'], body: 'Feedback-Type: abuse\nSource-IP: 198.51.100.7' },
        {
          headers: ['Content-Type: message/rfc822', 'Content-Disposition: inline'],
          body: 'From: spam@x.example\nSubject: Buy\n\nI will kill prices',
        },
      ]),
    );
    expect(mail).toMatchObject({ contentType: 'multipart/report', reportType: 'feedback-report', text: 'A report.' });
    expect(mail.attachments).toMatchObject([
      { contentType: 'message/feedback-report', text: 'Feedback-Type: abuse\nSource-IP: 198.51.100.7' },
      { contentType: 'message/rfc822', text: null, mail: { subject: 'Buy', text: 'I will kill prices' } },
    ]);
  });

  test('of a delivery report are kept, its returned headers among them', async () => {
    const mail = await read(
      multipartMail(plainHeaders, 'report; report-type="delivery-status"', [
        { headers: ['Content-Type: text/plain'], body: 'It failed.' },
        { headers: ['Content-Type: message/delivery-status'], body: 'Status: 5.1.1' },
        { headers: ['Content-Type: text/rfc822-headers'], body: 'Subject: ours' },
      ]),
    );
    expect(mail.reportType).toBe('delivery-status');
    expect(mail.text).toBe('It failed.');
    expect(mail.attachments.map((part) => part.text)).toEqual(['Status: 5.1.1', 'Subject: ours']);
  });

  test('with a file name are documents even where they are inline text', async () => {
    const mail = await read(
      multipartMail(plainHeaders, 'mixed', [
        { headers: ['Content-Type: text/plain'], body: 'See the report.' },
        { headers: ['Content-Type: text/plain; name="report.txt"'], body: 'Source: 198.51.100.7' },
      ]),
    );
    expect(mail.text).toBe('See the report.');
    expect(mail.attachments).toMatchObject([{ filename: 'report.txt', text: 'Source: 198.51.100.7' }]);
  });

  test('are decoded where they are text of any kind, and not where they are pictures', async () => {
    const part = (type: string, name: string, body: Buffer | string): { headers: string[]; body: string } => ({
      headers: [
        `Content-Type: ${type}`,
        `Content-Disposition: attachment; filename="${name}"`,
        'Content-Transfer-Encoding: base64',
      ],
      body: base64Lines(body),
    });
    const mail = await read(
      multipartMail(plainHeaders, 'mixed', [
        { headers: ['Content-Type: text/plain'], body: 'Attached.' },
        part('text/csv; charset=utf-16le', 'a.csv', Buffer.from('ip;port', 'utf16le')),
        part('application/json', 'x.json', '{"ip":"198.51.100.7"}'),
        part('application/octet-stream', 'auth.log.1', 'sshd[1]: Invalid user'),
        part('image/png', 'x.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1])),
        part('application/octet-stream', 'x.bin', Buffer.from([0, 1, 2, 3])),
      ]),
    );
    expect(mail.attachments.map((attachment) => attachment.text)).toEqual([
      'ip;port',
      '{"ip":"198.51.100.7"}',
      'sshd[1]: Invalid user',
      null,
      null,
    ]);
  });

  test('of gzip are unpacked', async () => {
    const mail = await read(
      multipartMail(plainHeaders, 'mixed', [
        { headers: ['Content-Type: text/plain'], body: 'Attached.' },
        {
          headers: ['Content-Type: application/gzip; name="hits.csv.gz"', 'Content-Transfer-Encoding: base64'],
          body: base64Lines(gzipSync('198.51.100.7,22')),
        },
      ]),
    );
    expect(mail.attachments).toMatchObject([
      { filename: 'hits.csv.gz', text: null },
      { filename: 'hits.csv', contentType: 'text/csv', text: '198.51.100.7,22' },
    ]);
  });

  test('that unpack to more than the budget are left packed, and the mail says so', async () => {
    const mail = await read(
      multipartMail(plainHeaders, 'mixed', [
        { headers: ['Content-Type: text/plain'], body: 'Attached.' },
        {
          headers: ['Content-Type: application/gzip; name="bomb.gz"', 'Content-Transfer-Encoding: base64'],
          body: base64Lines(gzipSync(Buffer.alloc(30_000_000))),
        },
      ]),
    );
    expect(mail.attachments).toHaveLength(1);
    expect(mail.defects).toContain('gzip content over the limit');
  });

  test('that are mails are read three deep and no deeper', async () => {
    let inner = 'From: deep@x.example\nSubject: level 5\n\nbottom';
    for (let level = 4; level >= 1; level--)
      inner = `From: deep@x.example\nSubject: level ${level}\nContent-Type: message/rfc822\n\n${inner}`;
    const mail = await read(Buffer.from(inner));
    const third = mail.attachments[0]?.mail?.attachments[0]?.mail?.attachments[0]?.mail;
    expect(third?.subject).toBe('level 4');
    expect(third?.attachments[0]).toMatchObject({
      mail: null,
      text: 'From: deep@x.example\nSubject: level 5\n\nbottom',
    });
    expect(third?.defects).toContain('attached mails nested too deep');
  });
});

describe('limits', () => {
  test('a mail over the size limit is read in part and counts as truncated', async () => {
    const limits = { ...defaultParseLimits, bytes: 2000, truncatedBytes: 1000 };
    const mail = await read(rawMail(plainHeaders, 'x'.repeat(5000)), limits);
    expect(mail).toMatchObject({ truncated: true, size: rawMail(plainHeaders, 'x'.repeat(5000)).length });
    expect(mail.text.length).toBeLessThan(1000);
  });

  test('a mail that was fetched in part counts as truncated', async () => {
    const result = await parseMail(rawMail(plainHeaders, 'x'), defaultParseLimits, { truncated: true });
    expect(result).toMatchObject({ ok: true, mail: { truncated: true } });
  });

  test('a mail of too many parts is unreadable, with its headers for the handler', async () => {
    const parts = Array.from({ length: 400 }, () => ({ headers: ['Content-Type: text/plain'], body: 'x' }));
    const result = await parseMail(multipartMail(plainHeaders, 'mixed', parts));
    expect(result.ok).toBe(false);
    expect(result.ok ? [] : result.headers.map((line) => line.name)).toContain('subject');
  });

  test('text over the limit is cut, and the mail says so', async () => {
    const mail = await read(rawMail(plainHeaders, 'x'.repeat(100)), { ...defaultParseLimits, textChars: 50 });
    expect(mail.text).toHaveLength(50);
    expect(mail.defects).toContain('text cut at the limit');
  });
});
