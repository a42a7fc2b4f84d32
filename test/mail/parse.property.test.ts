import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { segment } from '../../src/core/segments.ts';
import { loadHeads } from '../../src/judging/load-heads.ts';
import { parseMail } from '../../src/mail/parse.ts';
import { base64Lines, multipartMail, plainHeaders, rawMail } from '../support/raw-mail.ts';

const heads = loadHeads();

/** Reading and telling apart must end in a result, whatever the bytes. */
async function readWhole(raw: Buffer): Promise<void> {
  const result = await parseMail(raw);
  if (result.ok) expect(segment(result.mail, heads).all).toBeInstanceOf(Array);
  else expect(result.reason).not.toMatch(/^reading failed/);
}

/** Pieces that MIME parsers stumble over, in any order. */
const piece = fc.oneof(
  fc.constantFrom(
    '\r\n', '\n', '\r', '\r\n\r\n', ' ', '\t', ':', ';', '=', '"', '<', '>', '(', ')', '\0', '--', '--x', '--x--', '> ',
    'Content-Type: multipart/mixed; boundary=x\r\n', 'Content-Type: message/rfc822\r\n', 'Content-Type: text/html\r\n',
    'Content-Type: text/plain; charset=iso-2022-jp; format=flowed\r\n', 'Content-Transfer-Encoding: base64\r\n',
    'Content-Transfer-Encoding: quoted-printable\r\n', 'Content-Type: application/pkcs7-mime\r\n', 'From: a@b.example\r\n',
    'Content-Disposition: attachment; filename="a.zip"\r\n', 'Subject: =?utf-8?B?w6k=?=\r\n', 'Date: 32 Foo 2026\r\n',
    '-----BEGIN PGP SIGNED MESSAGE-----\n', '-----BEGIN PGP MESSAGE-----\n', '-----Original Message-----\n', 'On 3 Nov 2026, A wrote:\n',
    '<table><tr><td>', '<div style="display:none">', '<!--', '<style>', '&#x;', 'PK\x03\x04', '\x1f\x8b', '198.51.100.7 ',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
); // prettier-ignore

describe('reading never fails', () => {
  test('on arbitrary bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), (bytes) => readWhole(Buffer.from(bytes))),
      { numRuns: 300 },
    );
  });

  test('on any order of what mails are made of', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 60 }), (pieces) =>
        readWhole(Buffer.from(pieces.join(''), 'latin1')),
      ),
      { numRuns: 1500 },
    );
  });

  const collected = process.env['EXITDESK_CORPUS'] ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'corpus');
  test.skipIf(!existsSync(collected))(
    'on mutated sample mails (EXITDESK_CORPUS, else ../shared/corpus)',
    async () => {
      const mails = filesOf(collected).map((path) => readFileSync(path)).filter((raw) => raw.length < 30_000); // prettier-ignore
      const mutated = fc
        .tuple(
          fc.nat(mails.length - 1),
          fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 5 }), piece), { maxLength: 8 }),
        )
        .map(([index, changes]) =>
          changes.reduce<Buffer>((raw, change) => mutate(raw, change), mails[index] ?? Buffer.alloc(0)),
        );
      await fc.assert(fc.asyncProperty(mutated, readWhole), { numRuns: 1500 });
    },
    60_000,
  );
});

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesOf(path);
    return /\.(?:json|md|tsv)$/.test(name) ? [] : [path];
  });
}

function mutate(raw: Buffer, [position, kind, text]: [number, number, string]): Buffer {
  const at = raw.length === 0 ? 0 : position % raw.length;
  const insert = Buffer.from(text, 'latin1');
  switch (kind) {
    case 0:
      return raw.subarray(0, at);
    case 1:
      return raw.subarray(at);
    case 2:
      return Buffer.concat([raw.subarray(0, at), raw.subarray(Math.min(raw.length, at + 50))]);
    case 3:
      return Buffer.concat([raw, raw.subarray(at)]).subarray(0, 60_000);
    default:
      return Buffer.concat([raw.subarray(0, at), insert, raw.subarray(at)]);
  }
}

describe('reading takes time in proportion to the length', () => {
  const mega = 1024 * 1024;
  test.each([
    ['20 MB of log lines', rawMail(plainHeaders, 'Nov  3 09:12:00 h sshd[1]: Failed password from 198.51.100.7\n'.repeat(310_000))],
    ['20 MB of prose', rawMail(plainHeaders, 'Somebody writes a long and winding complaint, again and again. '.repeat(320_000))],
    ['20 MB of one word', rawMail(plainHeaders, 'a'.repeat(20 * mega))],
    ['20 MB of spaces', rawMail(plainHeaders, ' '.repeat(20 * mega))],
    ['20 MB of blank lines', rawMail(plainHeaders, '\n'.repeat(10 * mega))],
    ['10 MB of quote marks', rawMail(plainHeaders, '> '.repeat(5 * mega))],
    ['10 MB of quoted lines', rawMail(plainHeaders, '> On 3 Nov 2026 at 09:12, Ann <a@b.example> wrote:\n'.repeat(200_000))],
    ['10 MB of forward heads', rawMail(plainHeaders, 'From: a@b.example\nDate: today\nSubject: x\n\n'.repeat(250_000))],
    ['10 MB of colons', rawMail(plainHeaders, 'From: '.repeat(1_700_000))],
    ['10 MB of quoted-printable', rawMail([...plainHeaders, 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: quoted-printable'], '=C3=BC'.repeat(1_700_000))],
    ['a base64 attachment of 20 MB', multipartMail(plainHeaders, 'mixed', [
      { headers: ['Content-Type: text/plain'], body: 'See the picture.' },
      { headers: ['Content-Type: image/png', 'Content-Transfer-Encoding: base64'], body: base64Lines(Buffer.alloc(15 * mega, 7)) },
    ])],
    ['an HTML table of 4.8 MB', rawMail([...plainHeaders, 'Content-Type: text/html'], `<table>${'<tr><td>198.51.100.1</td><td>22</td><td>x</td></tr>'.repeat(92_000)}</table>`)],
  ])('%s', async (_, raw) => {
    const started = process.cpuUsage();
    await readWhole(raw);
    const { user, system } = process.cpuUsage(started);
    // about a second on a slow machine; anything quadratic takes minutes
    expect((user + system) / 1000).toBeLessThan(8000);
  }); // prettier-ignore
});
