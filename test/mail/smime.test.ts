import { describe, expect, test } from 'vitest';
import { parseMail } from '../../src/mail/parse.ts';
import { openSmime } from '../../src/mail/smime.ts';
import { base64Lines, multipartMail, plainHeaders, rawMail } from '../support/raw-mail.ts';

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

/** Indefinite length, as streaming signers write it. */
function ber(tag: number, ...content: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([tag, 0x80]), ...content, Buffer.from([0, 0])]);
}

const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const data = oid('2a864886f70d010701');
const entity = Buffer.from('Content-Type: text/plain; charset=utf-8\r\n\r\nDer Angriff kam von 198.51.100.7. Grüße');

function signed(content: Buffer, wrap: typeof der): Buffer {
  const encapsulated = wrap(0x30, data, wrap(0xa0, content));
  const body = wrap(0x30, der(0x02, Buffer.from([1])), der(0x31), encapsulated);
  return wrap(0x30, oid('2a864886f70d010702'), wrap(0xa0, body));
}

const smime = [
  'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"',
  'Content-Transfer-Encoding: base64',
];

describe('an S/MIME part', () => {
  test('that is signed gives the mail inside', async () => {
    const result = await parseMail(rawMail([...plainHeaders, ...smime], base64Lines(signed(der(0x04, entity), der))));
    expect(result).toMatchObject({
      ok: true,
      mail: { text: 'Der Angriff kam von 198.51.100.7. Grüße', attachments: [], encrypted: false },
    });
  });

  test('that a streaming signer wrote in pieces gives the same', () => {
    const pieces = ber(0x24, der(0x04, entity.subarray(0, 30)), der(0x04, entity.subarray(30)));
    expect(openSmime(signed(pieces, ber))).toEqual({ kind: 'signed', content: entity });
  });

  test('that is enveloped makes the mail encrypted', async () => {
    const enveloped = der(0x30, oid('2a864886f70d010703'), der(0xa0, der(0x30)));
    const result = await parseMail(rawMail([...plainHeaders, ...smime], base64Lines(enveloped)));
    expect(result).toMatchObject({ ok: true, mail: { encrypted: true } });
  });

  test.each([
    ['empty', Buffer.alloc(0)],
    ['cut short', signed(der(0x04, entity), der).subarray(0, 40)],
    ['nested without end', Buffer.from('3080'.repeat(5000), 'hex')],
    ['of a length that is a lie', Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0])],
  ])('that is %s gives nothing', (_, bytes) => {
    expect(openSmime(bytes)).toBeNull();
  });
});

describe('an encrypted mail', () => {
  test('in PGP/MIME is known as one', async () => {
    const raw = multipartMail(plainHeaders, 'encrypted; protocol="application/pgp-encrypted"', [
      { headers: ['Content-Type: application/pgp-encrypted'], body: 'Version: 1' },
      {
        headers: ['Content-Type: application/octet-stream'],
        body: '-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----',
      },
    ]);
    expect(await parseMail(raw)).toMatchObject({ ok: true, mail: { encrypted: true } });
  });

  test('with an inline block is known as one', async () => {
    const raw = rawMail(plainHeaders, '-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----');
    expect(await parseMail(raw)).toMatchObject({ ok: true, mail: { encrypted: true } });
  });

  test('is not one that is only signed', async () => {
    const raw = multipartMail(plainHeaders, 'signed; protocol="application/pgp-signature"', [
      { headers: ['Content-Type: text/plain'], body: '198.51.100.7 attacks us' },
      {
        headers: ['Content-Type: application/pgp-signature; name=signature.asc'],
        body: '-----BEGIN PGP SIGNATURE-----',
      },
    ]);
    const result = await parseMail(raw);
    expect(result).toMatchObject({ ok: true, mail: { encrypted: false, text: '198.51.100.7 attacks us' } });
    expect(result.ok && result.mail.attachments[0]?.text).toBeNull();
  });
});
