import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findAddresses } from '../../../src/core/addresses/find.ts';
import { canonicalIp } from '../../../src/core/addresses/ip.ts';
import { plainLine } from '../../../src/core/addresses/plain-text.ts';

function found(line: string): string[] {
  return findAddresses(plainLine(line)).map((s) => (s.port === null ? s.ip : `${s.ip}#${s.port}`));
}

describe('addresses in a line', () => {
  it.each([
    ['plain', 'from 198.51.100.10 today', ['198.51.100.10']],
    ['at the end of a sentence', 'It was 198.51.100.10. We blocked it.', ['198.51.100.10']],
    ['with a port', 'peer 198.51.100.10:51413', ['198.51.100.10#51413']],
    ['with the port in words', 'from 198.51.100.10 port 50122 ssh2', ['198.51.100.10#50122']],
    ['in the way of tcpdump', 'IP 192.0.2.200.51022 > 203.0.113.2.22: S', ['192.0.2.200#51022', '203.0.113.2#22']],
    ['in the way of Cisco', 'src outside:192.0.2.1/443 dst inside:203.0.113.2/22', ['192.0.2.1#443', '203.0.113.2#22']],
    ['with leading zeros, which are not octal', '198.051.100.010', ['198.51.100.10']],
    ['defanged with brackets', '198[.]51[.]100[.]10 and 203(.)0(.)113(.)4', ['198.51.100.10', '203.0.113.4']],
    ['defanged with words', '198[dot]51(dot)100 dot 10', ['198.51.100.10']],
    ['half defanged', '198.51.100[.]10, 198.51.100[.10', ['198.51.100.10', '198.51.100.10']],
    ['in a defanged URL', 'hxxp://198[.]51[.]100[.]10:8080/a', ['198.51.100.10#8080']],
    ['with a zero-width space', '198.51.\u200b100.10', ['198.51.100.10']],
    ['in full-width digits', '１９８．５１．１００．１２　より', ['198.51.100.12']],
    ['in Arabic-Indic digits', '١٩٨.٥١.١٠٠.١٢', ['198.51.100.12']],
    ['beside Japanese text', 'ＩＰ198.51.100.12から', ['198.51.100.12']],
    ['IPv6 compressed', 'from 2001:db8::1, twice', ['2001:db8::1']],
    ['IPv6 in full and capitals', '2001:0DB8:00E1:0000:0000:0000:0000:0010.', ['2001:db8:e1::10']],
    ['IPv6 in brackets with a port', '[2001:db8:e1::11]:51413', ['2001:db8:e1::11#51413']],
    ['IPv6 with a zone', 'fe80::1%eth0', ['fe80::1']],
    ['IPv6 of a mail header', '[IPv6:2001:db8::2]', ['2001:db8::2']],
    ['IPv6 behind a label', 'ip:2001:db8::3', ['2001:db8::3']],
    ['IPv4-mapped IPv6', '::ffff:198.51.100.3 and ::FFFF:c633:6404', ['198.51.100.3', '198.51.100.4']],
    ['a host prefix', '198.51.100.10/32 and 2001:db8::1/128', ['198.51.100.10', '2001:db8::1']],
  ])('%s', (_, line, expected) => {
    expect(found(line)).toEqual(expected);
  });

  it.each([
    ['a network', '203.0.113.0/24 and 2001:db8::/32'],
    ['a range', '203.0.113.0 - 203.0.113.255'],
    ['a range of the last part', '203.0.113.10-19'],
    ['a version', 'form plugin 5.2.1.7, version 1.2.3.4, v1.2.3.4'],
    ['a product token', 'Mozilla/5.0 Chrome/120.0.0.0 nginx/1.2.3.4'],
    ['an object identifier', 'OID 1.3.6.1.4.1.8072'],
    ['a phone number', 'Tel. 01.99.00.42.17'],
    ['a date and time', '2026.10.04.12, 04.10.2026'],
    ['a file number', 'PR 2 Ds. 771.2026.1.2'],
    ['a reverse name', '10.100.51.198.in-addr.arpa'],
    ['a host name', 'static.198.51.100.10.isp.example and 198.51.100.10.isp.example'],
    ['clock times and MAC addresses', '12:34:56 00:11:22:33:44:55'],
    ['a class name', 'Foo::Bar std::string ::'],
    ['a part above 255', '198.51.300.10'],
    ['a netmask and the null address', '255.255.255.0 0.0.0.0'],
    ['a message id', '<3.14.1.1789952324@b.example>'],
    ['a mailbox', '198.51.100.10@isp.example'],
  ])('%s is none', (_, line) => {
    expect(found(line)).toEqual([]);
  });

  it('gives nothing but canonical addresses for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        for (const s of findAddresses(plainLine(text))) expect(canonicalIp(s.ip)).toBe(s.ip);
      }),
    );
  });

  it('finds every IPv4 address that stands free', () => {
    fc.assert(
      fc.property(
        fc.ipV4().filter((ip) => !/^0\.|^255\.255\./.test(ip)),
        (ip) => {
          expect(found(`seen from ${ip} again`)).toEqual([ip]);
        },
      ),
    );
  });

  it('finds every IPv6 address in any spelling', () => {
    fc.assert(
      fc.property(
        fc.ipV6().filter((ip) => canonicalIp(ip) !== '::' && ip.split(':').length > 2),
        (ip) => {
          expect(found(`seen from ${ip} again`)).toEqual([canonicalIp(ip)]);
        },
      ),
    );
  });
});
