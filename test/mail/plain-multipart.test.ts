import { describe, expect, test } from 'vitest';
import { prepareMessage } from '../../src/mail/head.ts';
import { parseParts } from '../../src/mail/mime-parts.ts';
import { plainMultipart } from '../../src/mail/plain-multipart.ts';
import { base64Lines, multipartMail, plainHeaders } from '../support/raw-mail.ts';

const limits = { maxParts: 50, maxHeadBytes: 65_536 };

function multipart(body: string): Buffer {
  return Buffer.from(`Content-Type: multipart/mixed; boundary="b"\r\n\r\n${body.replaceAll('\n', '\r\n')}`);
}

describe('a multipart mail that keeps the rules', () => {
  test.each([
    ['nested', multipart('preamble\n--b\nContent-Type: multipart/alternative; boundary=in\n\n--in\n\nplain\n--in\nContent-Type: text/html\n\n<p>x\n--in--\n\n--b\nContent-Type: text/csv; name=a.csv\nContent-Disposition: attachment\n\n1,2\n--b--\nepilogue\n')],
    ['with a boundary that begins another', multipart('--b\n\nsee --b and\n--bb\nmore\n--b--\n')],
    ['encoded', multipartMail(plainHeaders, 'mixed', [
      { headers: ['Content-Type: text/plain; charset="utf-8"', 'Content-Transfer-Encoding: quoted-printable'], body: 'Gr=C3=BC=\nsse' },
      { headers: ['Content-Type: image/png', 'Content-Transfer-Encoding: base64'], body: base64Lines('\0\x01\x02') },
    ])],
    ['with an attached mail that has the same boundary inside', multipart('--b\nContent-Type: message/rfc822\n\nSubject: x\n\ntext\n--b--\n')],
  ])('%s gives the same parts as mailparser', async (_, raw) => {
    const message = prepareMessage(raw, limits.maxHeadBytes);
    const plain = plainMultipart(message, limits.maxParts);
    const parsed = await parseParts(message, limits);
    expect(plain).not.toBeNull();
    expect(parsed).toEqual({ ok: true, parts: plain });
  }); // prettier-ignore

  test.each([
    ['a missing end', multipart('--b\n\nx\n')],
    ['an odd header in a part', multipart('--b\nno header\n\nx\n--b--')],
    ['a file name in RFC 2231', multipart("--b\nContent-Disposition: attachment; filename*=utf-8''a.txt\n\nx\n--b--")],
    ['an attachment whose type only its name tells', multipart('--b\nContent-Type: application/octet-stream; name=a.csv\n\nx\n--b--')],
    ['base64 strung together', multipart('--b\nContent-Transfer-Encoding: base64\n\nYQ==YQ==\n--b--')],
  ])('is left to mailparser with %s', (_, raw) => {
    expect(plainMultipart(prepareMessage(raw, limits.maxHeadBytes), limits.maxParts)).toBeNull();
  }); // prettier-ignore
});
