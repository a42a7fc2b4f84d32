import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalPrefix, parseDuration, parseInstant, parseSize } from '../../src/config/quantities.ts';

test.each([
  ['7 days', 604_800_000],
  ['1 day', 86_400_000],
  ['15 min', 900_000],
  ['90s', 90_000],
  ['1 h 30 min', 5_400_000],
  ['1.5 hours', 5_400_000],
  ['2 weeks', 1_209_600_000],
  ['250 ms', 250],
  ['P7D', 604_800_000],
  ['PT15M', 900_000],
  ['P1DT12H', 129_600_000],
  ['P2W', 1_209_600_000],
  ['7', null],
  ['days', null],
  ['7 fortnights', null],
  ['P1M', null], // a month has no fixed length
  ['P', null],
  ['-1 day', null],
  ['', null],
])('the duration %j is %j ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  ['25 MB', 25_000_000],
  ['20MiB', 20_971_520],
  ['512 bytes', 512],
  ['1.5 GB', 1_500_000_000],
  ['25', null],
  ['25 MX', null],
])('the size %j is %j bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each([
  ['2026-03-31', '2026-03-31T00:00:00Z'],
  ['2026-03-31T12:00:00+02:00', '2026-03-31T10:00:00Z'],
  ['2026-03-31 12:00 Z', '2026-03-31T12:00:00Z'],
  ['2026-03-31T12:00:00', null], // no zone
  ['2026-02-30', null],
  ['31.03.2026', null],
])('the instant %j is %j', (text, iso) => {
  expect(parseInstant(text)).toBe(iso === null ? null : Date.parse(iso));
});

test.each([
  ['198.51.100.10', '198.51.100.10'],
  ['2001:DB8:0:0::10', '2001:db8::10'],
  ['198.51.100.0/24', '198.51.100.0/24'],
  ['2001:db8::/32', '2001:db8::/32'],
  ['198.51.100.10/24', null],
  ['198.51.100.0/33', null],
  ['010.0.0.1', null],
  ['198.51.100', null],
  ['fe80::1%eth0', null],
  ['exits.example', null],
])('the address %j is %j', (text, canonical) => {
  expect(canonicalPrefix(text)).toBe(canonical);
});

test('no text makes a parser throw', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const parse of [parseDuration, parseSize, parseInstant, canonicalPrefix]) parse(text);
    }),
  );
});
