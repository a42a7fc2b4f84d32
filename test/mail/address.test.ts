import { describe, expect, test } from 'vitest';
import { isPlainAddress } from '../../src/mail/address.ts';

describe('an address that a letter may go to', () => {
  test.each([
    'abuse@isp.example',
    'first.last+tag@mail.isp.example',
    "o'brien@isp.example",
    'abuse+c17.f3a9@exits.example',
    'bounce=x=y@xn--bcher-kva.example',
    `${'a'.repeat(64)}@isp.example`,
  ])('%s is one', (address) => {
    expect(isPlainAddress(address)).toBe(true);
  });

  test.each([
    ['empty', ''],
    ['without domain', 'abuse@'],
    ['without local part', '@isp.example'],
    ['two at once', 'a@isp.example, b@isp.example'],
    ['a quoted local part', '"a b"@isp.example'],
    ['a quoted address before another domain', '"x@evil.example"@isp.example'],
    ['a comment', 'a(comment)@isp.example'],
    ['a line break with a header behind it', 'a@isp.example\r\nBcc: evil@evil.example'],
    ['an address literal', 'user@[127.0.0.1]'],
    ['a bare IP address', 'user@192.0.2.1'],
    ['a host without a dot', 'root@localhost'],
    ['localhost as top level', 'root@mail.localhost'],
    ['an option to a mailer', '-oQ/x@isp.example'],
    ['a dot at an end', '.abuse@isp.example'],
    ['two dots in a row', 'a..b@isp.example'],
    ['a long local part', `${'a'.repeat(65)}@isp.example`],
    ['a long domain', `a@${'b.'.repeat(130)}example`],
    ['letters outside ASCII', 'müller@isp.example'],
    ['a label that ends in a dash', 'a@isp-.example'],
    ['angle brackets', '<a@isp.example>'],
    ['a space in front', ' a@isp.example'],
  ])('%s is none', (_what, address) => {
    expect(isPlainAddress(address)).toBe(false);
  });
});
