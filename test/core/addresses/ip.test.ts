import { describe, expect, it } from 'vitest';
import { canonicalIp, isSpecial, isWithin, networkOf, parsePrefix } from '../../../src/core/addresses/ip.ts';

describe('the canonical text of an address', () => {
  it.each([
    ['198.051.100.010', '198.51.100.10'],
    ['2001:0db8:0000:0000:0000:0000:0000:0010', '2001:db8::10'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['FE80::1%eth0', 'fe80::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::', '::'],
    ['192.0.2.256', null],
    ['1.2.3', null],
    ['192.0.2.1/24', null],
    ['', null],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
  });
});

describe('a prefix', () => {
  it.each([
    ['192.0.2.77', '192.0.2.0/24', true],
    ['192.0.3.1', '192.0.2.0/24', false],
    ['192.0.2.77', '192.0.2.77', true],
    ['2001:db8:e1::11', '2001:db8:e1::/64', true],
    ['2001:db8:e2::11', '2001:db8:e1::/64', false],
    ['192.0.2.1', '2001:db8::/32', false],
    ['203.0.113.9', '0.0.0.0/0', true],
  ])('%s in %s: %s', (ip, text, inside) => {
    const prefix = parsePrefix(text);
    expect(prefix !== null && isWithin(ip, prefix)).toBe(inside);
  });

  it('is refused where its length is out of range or its address none', () => {
    expect([parsePrefix('192.0.2.0/33'), parsePrefix('x/8'), parsePrefix('192.0.2.0/-1')]).toEqual([null, null, null]);
  });
});

describe('the network of a prefix', () => {
  it.each([
    ['192.0.2.77/24', '192.0.2.0'],
    ['192.0.2.77/28', '192.0.2.64'],
    ['192.0.2.77', '192.0.2.77'],
    ['0.0.0.0/0', '0.0.0.0'],
    ['2001:db8:e1:f::11/60', '2001:db8:e1::'],
  ])('%s begins at %s', (text, first) => {
    const prefix = parsePrefix(text);
    expect(prefix === null ? null : networkOf(prefix)).toBe(first);
  });
});

describe('special addresses', () => {
  it.each(['127.0.0.1', '::1', 'fe80::1', '224.0.0.1', '169.254.1.1', 'ff02::1'])('%s is nobody', (ip) => {
    expect(isSpecial(ip)).toBe(true);
  });

  it.each(['10.0.0.1', '192.168.1.1', '2001:db8::1', '198.51.100.10'])('%s may be somebody', (ip) => {
    expect(isSpecial(ip)).toBe(false);
  });
});
