import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAddressList } from '../../../src/core/public-tor/address-list.ts';
import { documentForms, instantOf } from '../../../src/core/public-tor/document.ts';
import { readExitAddresses } from '../../../src/core/public-tor/exit-addresses.ts';
import { readOnionoo } from '../../../src/core/public-tor/onionoo.ts';
import { joinDocuments, readDocument } from '../../../src/core/public-tor/read-document.ts';
import { exitAddresses, fingerprintA, fingerprintB, hourMs, minuteMs, onionoo } from '../../support/public-tor.ts';

const now = Date.UTC(2026, 10, 22, 12, 30);
const newest = Date.UTC(2026, 10, 22, 12);

describe('exit-addresses', () => {
  it('gives relay, address and the instant of the test, and speaks of its newest instant', () => {
    const text = exitAddresses([
      { fingerprint: fingerprintA, lastStatus: newest, addresses: [['198.51.100.10', newest - 90 * minuteMs], ['198.51.100.11', newest + 10 * minuteMs]] }, // prettier-ignore
      { fingerprint: fingerprintB, lastStatus: newest - hourMs, addresses: [['203.0.113.9', newest - 2 * hourMs]] },
    ]);
    expect(readExitAddresses(text, now)).toEqual({
      asOfMs: newest + 10 * minuteMs,
      sightings: [
        { address: '198.51.100.10', fingerprint: fingerprintA, sinceMs: newest - 90 * minuteMs, untilMs: null, namesUs: null },
        { address: '198.51.100.11', fingerprint: fingerprintA, sinceMs: newest + 10 * minuteMs, untilMs: null, namesUs: null },
        { address: '203.0.113.9', fingerprint: fingerprintB, sinceMs: newest - 2 * hourMs, untilMs: null, namesUs: null },
      ],
      others: 0,
      junk: 0,
      junkSample: null,
      broken: null,
    }); // prettier-ignore
  });

  it('keeps relays for two days after they left: such a one was seen until its last status', () => {
    const text = exitAddresses([
      { fingerprint: fingerprintA, lastStatus: newest, addresses: [['198.51.100.10', newest]] },
      { fingerprint: fingerprintB, lastStatus: newest - 30 * hourMs, addresses: [['203.0.113.9', newest - 33 * hourMs]] }, // prettier-ignore
    ]);
    expect(readExitAddresses(text, now).sightings[1]).toMatchObject({ sinceMs: newest - 33 * hourMs, untilMs: newest - 30 * hourMs }); // prettier-ignore
  });

  it('with the lines of an archive before it, carriage returns, lower case and blanks is read as well', () => {
    const text = `@type tordnsel 1.0\r\nDownloaded 2026-11-22 12:02:03\r\nExitNode ${fingerprintA.toLowerCase()}\r\nPublished 2026-11-21 00:00:00\r\nLastStatus  2026-11-22  12:00:00\r\n\r\nExitAddress 198.51.100.10 2026-11-22 12:00:00\r\n`;
    expect(readExitAddresses(text, now)).toMatchObject({ asOfMs: newest, junk: 0, sightings: [{ fingerprint: fingerprintA }] }); // prettier-ignore
  });

  it('counts what is nothing of this form, and shows the first of it', () => {
    const text = exitAddresses([{ fingerprint: fingerprintA, lastStatus: newest, addresses: [['198.51.100.10', newest]] }]); // prettier-ignore
    const broken = `ExitAddress 198.51.100.9 2026-11-22 12:00:00\nExitNode short\n${text}ExitAddress 999.1.1.1 2026-11-22 12:00:00\nLastStatus yesterday\nExitAddress 10.0.0.1 2026-11-22 12:00:00\n\u001b[31mmore\n`;
    expect(readExitAddresses(broken, now)).toMatchObject({ junk: 6, junkSample: 'ExitAddress 198.51.100.9 2026-11-22 12:00:00', sightings: [{ address: '198.51.100.10' }] }); // prettier-ignore
  });

  it('an instant that has not come yet is none, and one that is just ahead is now', () => {
    const later = exitAddresses([
      { fingerprint: fingerprintA, lastStatus: newest, addresses: [['198.51.100.10', now + 30 * 24 * hourMs]] },
      { fingerprint: fingerprintB, lastStatus: now + hourMs, addresses: [['203.0.113.9', newest]] },
    ]);
    expect(readExitAddresses(later, now)).toMatchObject({ asOfMs: now, junk: 1, sightings: [{ sinceMs: null }, {}] });
  });

  it('without an instant is broken', () => {
    expect(readExitAddresses('', now).broken).toBe('it names no instant');
    expect(readExitAddresses('<html>', now)).toMatchObject({ broken: 'it names no instant', junk: 1 });
  });
});

describe('a list with one address a line', () => {
  const addressesOf = (text: string): readonly string[] => readAddressList(text).sightings.map((s) => s.address);

  it('is read whatever stands around the addresses, each once', () => {
    const text = '# exits\n198.51.100.10\r\n  203.0.113.9  \n2001:DB8::10 ; six\n[2001:db8::11]\n198.51.100.10\n192.0.2.7,exit,2026\n192.0.2.8/32\n; end\n// end\n'; // prettier-ignore
    expect(addressesOf(text)).toEqual(['198.51.100.10', '203.0.113.9', '2001:db8::10', '2001:db8::11', '192.0.2.7', '192.0.2.8']); // prettier-ignore
    expect(readAddressList(text)).toMatchObject({ asOfMs: null, junk: 0, others: 0, broken: null });
  });

  it('counts junk, inner addresses and networks, and takes none of them', () => {
    const text = '198.51.100.10\nhello\n10.0.0.1\n127.0.0.1\n999.1.1.1\n203.0.113.0/24\n';
    expect(readAddressList(text)).toMatchObject({ junk: 4, junkSample: 'hello', others: 1, sightings: [{ address: '198.51.100.10' }] }); // prettier-ignore
  });

  it('in lines of fields between markers on a page takes the exits by their flags', () => {
    const page = `<html><body>
<!-- __BEGIN_TOR_NODE_LIST__ //-->
198.51.100.10|one|9001|0|EFGHRSDV|123|Tor 0.4.8.1|mail&gt;<br />198.51.100.11|two|9001|0|FGRV|123|Tor 0.4.8.1|<br />
2001:db8::12|three|9001|0|XRV|1|Tor 0.4.8.1|E<br />
<!-- __END_TOR_NODE_LIST__ //--></body></html>`;
    expect(addressesOf(page)).toEqual(['198.51.100.10', '2001:db8::12']);
    expect(readAddressList(page)).toMatchObject({ others: 1, junk: 1 });
  });
});

describe('details of Onionoo', () => {
  const reading = { nowMs: now, contact: 'tor@exits.example' };
  const read = (...relays: readonly object[]) => readOnionoo(onionoo(newest, relays), reading);

  it('exit addresses are those from which the relay was seen to exit, not those it listens on', () => {
    expect(read({ fingerprint: fingerprintA, or_addresses: ['198.51.100.1:9001'], exit_addresses: ['198.51.100.10', '198.51.100.11'], flags: ['Exit'], running: true, contact: 'Tor <TOR@exits.example>' })).toEqual({
      asOfMs: newest,
      sightings: ['198.51.100.10', '198.51.100.11'].map((address) => ({ address, fingerprint: fingerprintA, sinceMs: null, untilMs: null, namesUs: true })),
      others: 0,
      junk: 0,
      junkSample: null,
      broken: null,
    }); // prettier-ignore
  });

  it.each<[string, object, readonly string[]]>([
    ['without such, an exit exits from where it listens', { flags: ['Exit'], or_addresses: ['198.51.100.1:9001'] }, ['198.51.100.1']],
    ['IPv6 only where its policy for IPv6 accepts', { flags: ['Exit'], or_addresses: ['198.51.100.1:9001', '[2001:db8::1]:9001'], exit_policy_v6_summary: { accept: ['80', '443'] } }, ['198.51.100.1', '2001:db8::1']],
    ['and not where it accepts nothing', { flags: ['Exit'], or_addresses: ['[2001:db8::1]:9001'], exit_policy_v6_summary: { reject: ['1-65535'] } }, []],
    ['a relay without the flag is an exit by what was seen', { flags: ['Running'], or_addresses: ['198.51.100.1:9001'], exit_addresses: ['198.51.100.10'] }, ['198.51.100.10']],
    ['and else none', { flags: ['Running'], or_addresses: ['198.51.100.1:9001'] }, []],
    ['fields of another form are passed over', { flags: 'Exit', or_addresses: null, exit_addresses: 7, running: 'yes', contact: [] }, []],
  ])('%s', (_, relay, addresses) => {
    const document = read({ fingerprint: fingerprintA, ...relay });
    expect(document.sightings.map((s) => s.address)).toEqual(addresses);
    expect(document).toMatchObject({ junk: 0, others: addresses.length === 0 ? 1 : 0 });
  }); // prettier-ignore

  it('a relay that is down was seen until it was last seen', () => {
    const relay = { fingerprint: fingerprintA, flags: ['Exit'], or_addresses: ['198.51.100.1:9001'], running: false };
    expect(read({ ...relay, last_seen: '2026-11-20 05:00:00' }).sightings[0]).toMatchObject({ untilMs: Date.UTC(2026, 10, 20, 5), namesUs: false }); // prettier-ignore
    expect(read(relay).sightings[0]).toMatchObject({ untilMs: newest });
  });

  it('counts entries that are no relays', () => {
    expect(read(null as never, {}, { fingerprint: 'x' }, [] as never)).toMatchObject({ junk: 4, junkSample: 'null' });
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['a page', '<!doctype html><title>Sign in</title>'],
    ['half of it', onionoo(newest, [{ fingerprint: fingerprintA }]).slice(0, -5)],
    ['another document', '{"version":"8.0","bridges":[]}'],
    ['one of another time', onionoo(now + 100 * hourMs, [])],
  ])('%s is broken', (_, text) => {
    expect(readOnionoo(text, reading)).toMatchObject({ sightings: [], broken: expect.any(String) as string });
  });

  it('several answers count as one: as old as the oldest, broken where one is', () => {
    const one = read({ fingerprint: fingerprintA, exit_addresses: ['198.51.100.10'] });
    const two = readOnionoo(onionoo(newest - hourMs, [{ fingerprint: fingerprintB, exit_addresses: ['203.0.113.9'] }]), reading); // prettier-ignore
    expect(joinDocuments([one, two])).toMatchObject({ asOfMs: newest - hourMs, sightings: [{}, {}], broken: null });
    expect(joinDocuments([one, readOnionoo('', reading)])).toMatchObject({ asOfMs: null, broken: expect.any(String) as string }); // prettier-ignore
  });
});

describe('fetched text is hostile', () => {
  const pieces = ['ExitNode ', fingerprintA, '\n', 'LastStatus ', 'ExitAddress ', '198.51.100.10', ' 2026-11-22 12:00:00', '|', '<br />', '::1', '{"relays_published":"2026-11-22 12:00:00","relays":[', '{"fingerprint":"', '"}', ']}', '\u0000', '\r', '9'.repeat(50)]; // prettier-ignore

  it.each(documentForms)('%s: nothing in it throws, and what is taken is an address', (form) => {
    const text = fc.oneof(fc.string(), fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 }))).map((parts) => parts.join(''))); // prettier-ignore
    fc.assert(
      fc.property(text, (hostile) => {
        const { sightings, asOfMs } = readDocument(form, hostile, { nowMs: now, contact: 'x' });
        for (const { address } of sightings) expect(address).toMatch(/^[0-9a-f:.]+$/);
        expect(asOfMs === null || asOfMs <= now).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('a line without an end costs no more than its length', () => {
    const began = performance.now();
    for (const form of documentForms) {
      readDocument(form, '1.1.1.1 '.repeat(500_000), { nowMs: now, contact: 'x' });
      readDocument(form, ' '.repeat(4_000_000), { nowMs: now, contact: 'x' });
      readDocument(form, '<'.repeat(4_000_000), { nowMs: now, contact: 'x' });
    }
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('a calendar date is the instant that every calendar makes of it', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2000-01-01'), max: new Date('2026-11-22'), noInvalidDate: true }),
        (date) => {
          const [day, time] = date.toISOString().slice(0, 19).split('T');
          expect(instantOf(day, time, now)).toBe(Math.floor(date.getTime() / 1000) * 1000);
        },
      ),
    );
    for (const wrong of [
      '2026-13-01 00:00:00',
      '2026-02-30 00:00:00',
      '2026-1-1 00:00:00',
      '1999-01-01 00:00:00',
      '2026-11-22 25:00:00',
      'x y',
    ])
      expect(instantOf(...(wrong.split(' ') as [string, string]), now)).toBeNull();
  });
});
