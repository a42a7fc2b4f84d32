import * as fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { composeLetter, composeNotice, type LetterToCompose } from '../../src/mail/compose.ts';

const letter: LetterToCompose = {
  from: { name: 'Abuse desk, Exits Example', address: 'abuse@exits.example' },
  to: 'jane@site.example',
  replyTo: 'abuse+17-r-abcdefghijklmnop@exits.example',
  messageId: '<abcdef@exits.example>',
  date: Date.parse('2026-03-02T09:30:00Z'),
  subject: 'Re: Attack [#4711] [EX-17]',
  text: 'Dear Jane,\n\nhello.\n',
  answers: { messageId: '<q1@site.example>', references: ['<a@site.example>', '<b@site.example>'], inReplyTo: [] },
  earlier: [],
  origin: 'answer',
};

async function headersOf(changes: Partial<LetterToCompose>): Promise<ReadonlyMap<string, string>> {
  return splitHeaders(await composeLetter({ ...letter, ...changes }));
}

/** Header fields in order, unfolded; fails where a line is no header field. */
function splitHeaders(bytes: Buffer): ReadonlyMap<string, string> {
  const head = bytes.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const fields = lines.map((line): [string, string] => {
    const found = /^([A-Za-z-]+): (.*)$/.exec(line);
    expect(found, line).not.toBeNull();
    return [found?.[1] ?? '', found?.[2] ?? ''];
  });
  expect(new Set(fields.map(([name]) => name.toLowerCase())).size).toBe(fields.length);
  return new Map(fields);
}

test('the header of an answer, field by field', async () => {
  const bytes = await composeLetter(letter);
  expect(Object.fromEntries(splitHeaders(bytes))).toEqual({
    'Auto-Submitted': 'auto-replied',
    'X-Auto-Response-Suppress': 'OOF, AutoReply',
    'X-Loop': 'abuse@exits.example',
    From: '"Abuse desk, Exits Example" <abuse@exits.example>',
    To: 'jane@site.example',
    'Reply-To': 'abuse+17-r-abcdefghijklmnop@exits.example',
    'In-Reply-To': '<q1@site.example>',
    References: '<a@site.example> <b@site.example> <q1@site.example>',
    Subject: 'Re: Attack [#4711] [EX-17]',
    'Message-ID': '<abcdef@exits.example>',
    Date: 'Mon, 02 Mar 2026 09:30:00 +0000',
    'Content-Transfer-Encoding': '7bit',
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
  });
  expect(bytes.toString().replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
});

test('composing the same letter again gives the same bytes', async () => {
  expect((await composeLetter(letter)).equals(await composeLetter(letter))).toBe(true);
});

test('an answer is auto-replied, a timer’s letter auto-generated, a person’s neither', async () => {
  expect((await headersOf({ origin: 'answer' })).get('Auto-Submitted')).toBe('auto-replied');
  expect((await headersOf({ origin: 'timer' })).get('Auto-Submitted')).toBe('auto-generated');
  expect((await headersOf({ origin: 'person' })).has('Auto-Submitted')).toBe(false);
});

test('References: theirs, or their one In-Reply-To, then their Message-ID and our earlier letters; junk and doubles go', async () => {
  const references = async (answers: Partial<LetterToCompose['answers']>, earlier: readonly string[] = []) =>
    (
      await headersOf({ answers: { messageId: '<q@x.example>', references: [], inReplyTo: [], ...answers }, earlier })
    ).get('References');
  expect(await references({})).toBe('<q@x.example>');
  expect(await references({ inReplyTo: ['<p@x.example>'] })).toBe('<p@x.example> <q@x.example>');
  expect(await references({ inReplyTo: ['<p@x.example>', '<o@x.example>'] })).toBe('<q@x.example>');
  expect(await references({}, ['<first@exits.example>'])).toBe('<q@x.example> <first@exits.example>');
  expect(await references({ references: ['junk', '<x y@z>', '<a@b>', '<a@b>', '<q@x.example>'] })).toBe(
    '<a@b> <q@x.example>',
  );
  expect(await references({ messageId: null })).toBeUndefined();
  expect(await references({ messageId: '<a@b>\r\nBcc: <x@y>' })).toBeUndefined();
  const many = Array.from({ length: 50 }, (_, i) => `<${i}@x.example>`);
  expect((await references({ references: many }))?.split(' ')).toHaveLength(20);
  expect(await references({ references: many })).toMatch(/<49@x\.example> <q@x\.example>$/);
});

test('identifiers that real programs write are kept, odd as they are', async () => {
  for (const messageId of ['<12:34@x.example>', '<a@b@mail_1.x.example>', '<a=b/c+d@[192.0.2.1]>', '<rt-4.4-1-2@x>'])
    expect((await headersOf({ answers: { ...letter.answers, messageId } })).get('In-Reply-To')).toBe(messageId);
});

test('a complaint without a usable Message-ID is answered without In-Reply-To', async () => {
  for (const messageId of [null, '<>', 'q@x', '<q@x> <r@x>', '<é@x.example>', '<q@x,r@y>', '<(c)q@x>'])
    expect((await headersOf({ answers: { ...letter.answers, messageId } })).has('In-Reply-To')).toBe(false);
});

test.each([
  'a@b.example, c@d.example',
  'a@b.example\r\nBcc: c@d.example',
  '"a b"@c.example',
  'a@[192.0.2.1]',
  'a@localhost',
  '-oQ/tmp@c.example',
  '<>',
  '',
  'Jane <jane@site.example>',
])('a letter to %j is refused', async (to) => {
  await expect(composeLetter({ ...letter, to })).rejects.toMatchObject({ code: 'refused' });
});

test('no header value breaks a line and no header is added, whatever the texts are', async () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(
        fc.constantFrom(
          '\r\n',
          '\n',
          '\r',
          'Bcc: x@y.example',
          ' ',
          '\t',
          '\u0000',
          '\u2028',
          '=?utf-8?q?=0D=0A?=',
          '"',
          '<',
          ',',
          '😀',
          'é',
          '\\',
          'x'.repeat(100),
        ),
      )
      .map((parts) => parts.join('')),
  );
  const expected = [...(await headersOf({ answers: { messageId: null, references: [], inReplyTo: [] } })).keys()];
  await fc.assert(
    fc.asyncProperty(hostile, hostile, hostile, async (subject, name, id) => {
      const answers = { messageId: id, references: [id], inReplyTo: [`<${id}@x.example>`] };
      const headers = await headersOf({ subject, from: { ...letter.from, name }, answers });
      const names = [...headers.keys()].filter((n) => n !== 'References' && n !== 'In-Reply-To');
      expect(names).toEqual(expected.filter((n) => n !== 'Subject' || headers.has('Subject')));
      expect(headers.get('To')).toBe('jane@site.example');
      expect(headers.get('From')).toMatch(/^(?:.* )?<?abuse@exits\.example>?$/);
      for (const value of headers.values()) expect(value).toMatch(/^[\u0020-\u007e]*$/);
    }),
    { numRuns: 200 },
  );
});

test('text in any script survives, in lines that every server passes', async () => {
  const text = `Grüße, 你好, שלום, 😀\n\n.\nFrom here\n${'long '.repeat(300)}\nhttps://x.example/?a=b&c=${'d'.repeat(200)}\n`;
  const subject = 'Re: Beschwerde über Angriff 你好 [EX-17]';
  const bytes = await composeLetter({ ...letter, subject, text });
  for (const line of bytes.toString('latin1').split('\r\n')) expect(line.length).toBeLessThanOrEqual(78);
  expect(bytes.toString('latin1')).toMatch(/^[\u0000-\u007f]*$/);
  const parsed = await simpleParser(bytes);
  expect(parsed.subject).toBe(subject);
  expect(parsed.text).toBe(text);
});

test('control characters in a text never reach a reader', async () => {
  const parsed = await simpleParser(await composeLetter({ ...letter, text: 'a\u001b[31mb\u0000c\td\r\ne\n' }));
  expect(parsed.text).toBe('a [31mb c\td\ne\n');
});

test('a notice goes to several handlers, as text and HTML, generated by a machine', async () => {
  const bytes = await composeNotice({
    from: letter.from,
    to: ['ada@exits.example', 'ben@exits.example'],
    messageId: '<digest@exits.example>',
    date: letter.date,
    subject: 'Digest\r\nBcc: x@y.example',
    text: 'Two cases wait: é\n',
    html: '<p>Two cases wait: é</p>',
  });
  const headers = splitHeaders(bytes);
  expect(headers.get('Auto-Submitted')).toBe('auto-generated');
  expect(headers.get('To')).toBe('ada@exits.example, ben@exits.example');
  expect(headers.get('Subject')).toBe('Digest Bcc: x@y.example');
  expect(headers.get('Content-Type')).toMatch(/^multipart\/alternative;/);
  const parsed = await simpleParser(bytes);
  expect(parsed.text).toBe('Two cases wait: é\n');
  expect(parsed.html).toBe('<p>Two cases wait: é</p>');
});

test('a notice to nobody is refused', async () => {
  const notice = { ...letter, to: [], html: '' };
  await expect(composeNotice(notice)).rejects.toMatchObject({ code: 'refused' });
});
