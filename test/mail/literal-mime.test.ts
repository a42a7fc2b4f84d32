import { describe, expect, test } from 'vitest';
import { readLiteralMime } from '../../src/mail/literal-mime.ts';
import { base64Lines } from '../support/raw-mail.ts';

const limits = { maxParts: 50, maxHeadBytes: 65_536 };
const complaint = 'Guten Tag, Ihre Adresse 198.51.100.7 greift unsere Server an. Grüße aus München, wir bitten um Abhilfe und Antwort.\n'.repeat(3); // prettier-ignore

describe('MIME source left in a text', () => {
  test('between boundaries is read in its place, documents apart', async () => {
    const text = [
      'FYI',
      '--=_b1',
      'Content-Type: text/plain; charset="iso-8859-1"',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Gr=FC=DFe von 198.51.100.=',
      '7',
      '--=_b1',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; name="report.txt"',
      '',
      'Source: 198.51.100.7',
      '--=_b1--',
      'Regards',
    ].join('\n');
    const found = await readLiteralMime(text, limits);
    expect(found?.text).toBe('FYI\nGrüße von 198.51.100.7\nRegards');
    expect(found?.parts.map((part) => [part.filename, part.bytes.toString()])).toEqual([
      ['report.txt', 'Source: 198.51.100.7'],
    ]);
  });

  test('behind quote marks keeps the marks', async () => {
    const lines = [
      '--xyz1',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      base64Lines('Grüße'),
    ];
    const found = await readLiteralMime(`See:\n${lines.map((line) => `> ${line}`).join('\n')}\nBye`, limits);
    expect(found?.text).toBe('See:\n> Grüße\nBye');
  });

  test('below a transfer encoding line is decoded', async () => {
    const text = `Fwd:\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${base64Lines(complaint)}\n\nBye`;
    const found = await readLiteralMime(text, limits);
    expect(found?.text).toContain('Ihre Adresse 198.51.100.7 greift');
    expect(found?.text).toContain('\nBye');
  });

  test('as bare base64 lines is decoded where it is text', async () => {
    const found = await readLiteralMime(`Hello,\n${base64Lines(complaint)}\nAnn`, limits);
    expect(found?.text).toBe(`Hello,\n${complaint}\nAnn`);
  });

  test('as quoted-printable whose escapes nobody undid is decoded', async () => {
    const text = 'It=E2=80=99s 198.51.=\n100.7 that fills our form with =E2=80=9Cadverts=E2=80=9D.';
    const found = await readLiteralMime(text, limits);
    expect(found?.text).toBe('It’s 198.51.100.7 that fills our form with “adverts”.');
  });

  test.each([
    ['requests with parameters', 'GET /?id=41&page=20 HTTP/1.1\nGET /?id=42&x=C3 HTTP/1.1'],
    ['key material', base64Lines(Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 151) % 256)))],
    ['a long hash', 'a'.repeat(64)],
    ['talk about Content-Type: headers', 'The Content-Type: header was wrong'],
  ])('is not seen in %s', async (_, text) => {
    expect(await readLiteralMime(`Hello,\n${text}\nAnn`, limits)).toBeNull();
  });
});
