import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readComplaint } from '../../../src/core/readers/read-complaint.ts';
import type { ComplaintReading } from '../../../src/core/readers/reading.ts';
import { segment } from '../../../src/core/segments.ts';
import { parseMail } from '../../../src/mail/parse.ts';
import type { Inventory } from '../../../src/core/exits.ts';
import { emptyInventory, heads, inventory, labels } from './shipped-labels.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const samples = join(root, 'test', 'corpus', 'readers');

/** Blocks of families.txt: "name | plain or html | accused", subject, body. */
const families = readFileSync(join(samples, 'families.txt'), 'utf8')
  .trimEnd()
  .split('\n=====\n')
  .map((block) => {
    const [head = '', subject = '', ...body] = block.split('\n');
    const [name = '', type = '', accused = ''] = head.split(' | ');
    return { name, accused: accused.split(' ').sort(), raw: mail(subject, body.join('\r\n'), type) };
  });

function mail(subject: string, body: string, type = 'plain'): string {
  return `From: r@x.example\r\nDate: Tue, 06 Oct 2026 10:00:00 +0000\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/${type}; charset=utf-8\r\n\r\n${body}\r\n`;
}

async function read(raw: string | Buffer, from: Inventory): Promise<ComplaintReading> {
  const result = await parseMail(Buffer.from(raw));
  if (!result.ok) throw new Error(result.reason);
  return readComplaint(result.mail, segment(result.mail, heads), from, labels);
}

function reported(reading: ComplaintReading): string[] {
  return reading.addresses
    .filter((a) => a.role === 'reported')
    .map((a) => a.ip)
    .sort();
}

describe('families of reports, from their structure alone', () => {
  it.each(families)('$name accuses exactly $accused', async ({ raw, accused }) => {
    expect(reported(await read(raw, emptyInventory))).toEqual(accused);
  });

  it.each(families)('$name with the accused in the inventory accuses nobody else', async ({ raw, accused }) => {
    const node = { name: 'n', addresses: accused, hostnames: [], from: null, until: null, exit: true };
    expect(reported(await read(raw, { ...emptyInventory, nodes: [node] }))).toEqual(accused);
  });
});

describe('hostile mail', () => {
  const files = readdirSync(samples).filter((f) => f.endsWith('.eml'));

  it('gives a reading whatever bytes of a sample are changed', async () => {
    const change = fc.record({
      file: fc.constantFrom(...files),
      at: fc.nat(),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ file, at, bytes }) => {
        const raw = readFileSync(join(samples, file));
        Buffer.from(bytes).copy(raw, at % raw.length);
        const result = await parseMail(raw);
        if (!result.ok) return;
        const reading = readComplaint(result.mail, segment(result.mail, heads), inventory, labels);
        const ips = reading.addresses.map((a) => a.ip);
        expect(new Set(ips).size).toBe(ips.length);
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ['prose', 'From 192.0.2.1 we see that the thing at 203.0.113.4 is at 10:00 on 5 October 2026 and more.\n'],
    ['log lines', 'Oct  5 07:19:02 gate sshd[71]: Failed password for root from 192.0.2.17 port 4410 ssh2\n'],
    ['dotted digits', `${'1.2.3.4.5.6.7.8.9.'.repeat(20)}\n`],
    ['colons', `${'a:b:c:1:2:3::'.repeat(30)}\n`],
    ['one line without a break', '1.2.3.4 '],
    ['brackets', '[[[[((((1[.]'],
  ])('takes at most linear time for much of the same: %s', async (_, line) => {
    const timeOf = async (chars: number) => {
      const result = await parseMail(Buffer.from(mail('x', line.repeat(Math.ceil(chars / line.length)))));
      if (!result.ok) throw new Error(result.reason);
      const segments = segment(result.mail, heads);
      const start = process.cpuUsage();
      readComplaint(result.mail, segments, inventory, labels);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    };
    await timeOf(100_000);
    const [small, large] = [await timeOf(250_000), await timeOf(1_000_000)];
    expect(large).toBeLessThan(10 * small + 200);
  });
});

const corpus = process.env['EXITDESK_CORPUS'] ?? join(root, '..', 'shared', 'corpus');
const written = join(corpus, 'written');
if (!existsSync(written)) console.warn(`skipped: no labelled mails in ${written}`);

describe.skipIf(!existsSync(written))('the labelled mails', () => {
  it('have at least 97 of 100 accused sets and event times exactly right', async () => {
    const t = (iso: string) => Date.parse(iso);
    const node = (name: string, addresses: string[], of: object) => ({
      name,
      addresses,
      hostnames: [`${name}.exits.example`],
      from: null,
      until: null,
      exit: true,
      ...of,
    });
    const operator = {
      ...emptyInventory,
      nodes: [
        node('helium', ['198.51.100.10', '2001:db8:e1::10'], { from: t('2024-01-01') }),
        node('neon', ['198.51.100.11', '2001:db8:e1::11'], { from: t('2024-01-01') }),
        node('argon', ['198.51.100.12', '2001:db8:e2::12'], { from: t('2025-06-01') }),
        node('krypton', ['192.0.2.77'], { until: t('2026-03-31') }),
        node('xenon', ['192.0.2.200'], { exit: false }),
      ],
    };
    const count = { mails: 0, sets: 0, times: 0 };
    for (const file of readdirSync(written).filter((f) => f.endsWith('.eml'))) {
      const label = JSON.parse(readFileSync(join(written, file.replace('.eml', '.json')), 'utf8'));
      if (!['complaint', 'reply'].includes(label.kind)) continue;
      const reading = await read(readFileSync(join(written, file)), operator);
      const { at, local } = reading.event;
      count.mails++;
      if (reported(reading).join() === label.reported.sort().join()) count.sets++;
      if ((at ?? (local === null ? null : `local:${local}`)) === label.at) count.times++;
    }
    expect(count.sets / count.mails).toBeGreaterThanOrEqual(0.97);
    expect(count.times / count.mails).toBeGreaterThanOrEqual(0.97);
  });
});
