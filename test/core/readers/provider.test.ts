import { describe, expect, it } from 'vitest';
import { readComplaint } from '../../../src/core/readers/read-complaint.ts';
import { segment } from '../../../src/core/segments.ts';
import { parseMail } from '../../../src/mail/parse.ts';
import { heads, inventory, labels } from './shipped-labels.ts';

/** A hosting provider's robot passes a complaint on, with a ticket and a day's time; `from` is who complained. */
async function complainantOf(from: string): Promise<string | null | undefined> {
  const raw = `From: Abuse desk <abuse@hoster.example>
To: ${inventory.desk.addresses[0] ?? 'abuse@exits.example'}
Subject: [Ticket #778123] Abuse complaint about your server 198.51.100.10
Date: Mon, 02 Nov 2026 08:00:00 +0000
Message-ID: <t1@hoster.example>

Dear customer,

we received the complaint below. Please send us a statement within 24 hours, otherwise your server will be blocked.

----- complaint follows -----
From: ${from}
Subject: port scan

198.51.100.10 scanned our network today at 07:12 UTC.
`;
  const parsed = await parseMail(Buffer.from(raw.replaceAll('\n', '\r\n')));
  if (!parsed.ok) throw new Error(parsed.reason);
  return readComplaint(parsed.mail, segment(parsed.mail, heads), inventory, labels).provider?.complainant;
}

describe('who complained to the hosting provider', () => {
  it('is the sender of the complaint that it passes on', async () => {
    expect(await complainantOf('Jane Miller <jane@site.example>')).toBe('jane@site.example');
  });

  it.each([
    ['an address that is not read', 'noreply@site.example'],
    ['where delivery reports go', 'MAILER-DAEMON@site.example'],
    ['the provider itself', 'abuse@hoster.example'],
    ['the desk itself', inventory.desk.addresses[0] ?? ''],
  ])('is nobody to be answered where it is %s', async (_, from) => {
    expect(await complainantOf(from)).toBeNull();
  });
});
