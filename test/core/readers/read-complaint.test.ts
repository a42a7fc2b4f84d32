import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readComplaint, withoutAccusation } from '../../../src/core/readers/read-complaint.ts';
import type { ComplaintReading } from '../../../src/core/readers/reading.ts';
import { segment } from '../../../src/core/segments.ts';
import { parseMail } from '../../../src/mail/parse.ts';
import { emptyInventory, heads, inventory, labels } from './shipped-labels.ts';

const folder = join(import.meta.dirname, '..', '..', 'corpus', 'readers');
const names = readdirSync(folder)
  .filter((f) => f.endsWith('.eml'))
  .map((f) => f.slice(0, -4));

async function read(raw: string | Buffer, from = emptyInventory): Promise<ComplaintReading> {
  const result = await parseMail(Buffer.from(raw));
  if (!result.ok) throw new Error(result.reason);
  return readComplaint(result.mail, segment(result.mail, heads), from, labels);
}

function roles(reading: ComplaintReading, role: 'reported' | 'mentioned'): string[] {
  return reading.addresses
    .filter((a) => a.role === role)
    .map((a) => a.ip)
    .sort();
}

describe('our own sample mails, read with an empty inventory', () => {
  it.each(names)('%s gives exactly the addresses, the time and the format that it carries', async (name) => {
    const expected = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
    const reading = await read(readFileSync(join(folder, `${name}.eml`)));
    const { at, local } = reading.event;
    expect({
      format: reading.format,
      category: reading.reportedCategory,
      reported: roles(reading, 'reported'),
      mentioned: roles(reading, 'mentioned'),
      at: at ?? (local === null ? null : `local:${local}`),
      ...(reading.provider === null ? {} : { provider: reading.provider }),
    }).toEqual({ ...expected, reported: expected.reported.sort(), mentioned: expected.mentioned.sort() });
  });
});

function mail(subject: string, body: string, headers = ''): string {
  return `From: a@victim.example\r\nTo: abuse@exits.example\r\nDate: Tue, 06 Oct 2026 10:00:00 +0000\r\nSubject: ${subject}\r\n${headers}\r\n${body}`;
}

describe('a list of sockets', () => {
  it('has the accused on its remote side', async () => {
    const line = 'tcp        0      0 203.0.113.9:443        198.51.100.10:40112     SYN_RECV';
    const reading = await read(mail('flood', `somebody floods us\n\n${line}`), inventory);
    expect([roles(reading, 'reported'), roles(reading, 'mentioned')]).toEqual([['198.51.100.10'], ['203.0.113.9']]);
  });
});

describe('an address with spaces round its dots', () => {
  it('is read', async () => {
    expect(
      roles(await read(mail('poked', 'we were poked by 198 . 51 . 100 . 12 today'), inventory), 'reported'),
    ).toEqual(['198.51.100.12']);
  });
});

describe('an address of somebody else', () => {
  it.each([
    ['a line is remarked to be of another network', '03:15:00 192.0.2.9 -> 203.0.113.4:23 (not yours)'],
    ['it is where the attack arrived', 'Lo abbiamo bloccato sul 192.0.2.9.'],
    ['a preposition behind a comma leads on', 'Nuestro servidor es el 192.0.2.9, por si preguntan.'],
  ])('is not accused where %s', async (_, line) => {
    const reading = await read(mail('report', `198.51.100.10 prova password a caso.\n\n${line}`), inventory);
    expect(roles(reading, 'reported')).toEqual(['198.51.100.10']);
  });
});

describe('the inventory', () => {
  it('makes an address of ours the accused even where only a target word stands beside it', async () => {
    const reading = await read(mail('stop', 'stop attacking my server 198.51.100.10 from 203.0.113.4'), inventory);
    expect(roles(reading, 'reported')).toContain('198.51.100.10');
  });

  it.each([
    ['This is not about 198.51.100.10, only 198.51.100.11 attacks us.', ['198.51.100.11']],
    ['198.51.100.11 scanned us all night; 198.51.100.10 is not involved.', ['198.51.100.11']],
    ['198.51.100.10 has been removed from our list.', []],
    ['198.51.100.11 scanned us.\n\ndescr:   relays, see http://198.51.100.10/', ['198.51.100.11']],
  ])('does not accuse an address of ours that the text expressly clears: %s', async (body, accused) => {
    expect(roles(await read(mail('a report', body), inventory), 'reported')).toEqual(accused);
  });

  it('judges the standing at the time of the event, not of the mail', async () => {
    const reading = await read(mail('old scan', 'On 2026-02-19 at 06:31 UTC 192.0.2.77 scanned us.'), inventory);
    expect(reading.addresses).toMatchObject([{ ip: '192.0.2.77', standing: 'exit-then', node: 'krypton' }]);
  });

  it('says in the reason that a time without a zone was judged over every zone', async () => {
    const reading = await read(mail('scan', 'On 2026-10-05 at 06:31 the host 198.51.100.10 scanned us.'), inventory);
    expect(reading.addresses[0]?.because).toContain('without a zone');
  });

  it('accuses a node by its addresses where the mail names only its host', async () => {
    const reading = await read(mail('floods', 'Clones come through helium.exits.example to 203.0.113.90.'), inventory);
    expect(reading.namedNodes).toEqual(['helium']);
    expect(roles(reading, 'reported')).toEqual(['198.51.100.10', '198.51.100.11']);
  });
});

describe('an answer to our letter', () => {
  const quoted =
    'On Mon, 5 Oct 2026 at 11:02, Exits <abuse@exits.example> wrote:\r\n> the address 198.51.100.10 is a Tor exit\r\n';
  const thread = 'In-Reply-To: <case-1@exits.example>\r\n';

  it('accuses nobody by the address in our quoted words', async () => {
    const reading = await read(mail('Re: scan from 198.51.100.10', `Thanks!\r\n\r\n${quoted}`, thread), inventory);
    expect(roles(reading, 'reported')).toEqual([]);
  });

  it('accuses an address that is new in it', async () => {
    const reading = await read(
      mail('Re: scan', `Again today, now from 198.51.100.11!\r\n\r\n${quoted}`, thread),
      inventory,
    );
    expect(roles(reading, 'reported')).toEqual(['198.51.100.11']);
  });
});

describe('withoutAccusation', () => {
  it('leaves every address only mentioned and no event', async () => {
    const reading = withoutAccusation(
      await read(mail('x', 'Attack from 192.0.2.1 at 2026-10-05 01:00 UTC')),
      'a bounce',
    );
    expect(reading.addresses).toMatchObject([{ ip: '192.0.2.1', role: 'mentioned', because: 'a bounce' }]);
    expect(reading.event.at).toBeNull();
  });
});
