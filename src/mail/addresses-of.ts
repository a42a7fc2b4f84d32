import { parseAddressHeader } from 'mailparser';
import type { MailAddress } from '../core/mail.ts';
import type { RawHeaderLine } from './head.ts';

const maxAddresses = 500;

/** One mailbox without anything that needs a parser: `Name <a@b>`, `"Name" <a@b>`, `<a@b>`, `a@b`. */
const plainMailbox =
  /^(?:(?:"([^"\\<>@=]{1,200})"|([\w .'-]{1,200}))? {0,5}<([\w.+-]{1,64}@[A-Za-z0-9.-]{1,255})>|([\w.+-]{1,64}@[A-Za-z0-9.-]{1,255}))$/;

/**
 * The mailboxes of an address header, groups dissolved, domains in ASCII. Only the first From counts (as mail programs
 * show it); encoded words are decoded in names and never in addresses (RFC 2047 section 5).
 */
export function addressesOf(headers: readonly RawHeaderLine[], name: string): readonly MailAddress[] {
  const lines = headers.filter((line) => line.name === name).map((line) => line.raw);
  const values = name === 'from' || name === 'reply-to' ? lines.slice(0, 1) : lines.slice(0, 20);
  const plain = values.length === 1 ? plainMailbox.exec(values[0] ?? '') : null;
  if (plain) {
    const name = (plain[1] ?? plain[2] ?? '').trim();
    return [{ address: mailboxOf(plain[3] ?? plain[4] ?? ''), name: name === '' ? null : name }];
  }
  const parsed = parseAddressHeader(
    values.map((value) => value.slice(0, 100_000)),
    { flatten: true, decodePunycode: false },
  );
  return parsed.value.slice(0, maxAddresses).map((entry) => ({
    address: mailboxOf(entry.address ?? ''),
    name: entry.name.trim() === '' ? null : entry.name.replace(/\s+/g, ' ').trim(),
  }));
}

/** An address with its domain in lower case, '' where it is none. */
export function mailboxOf(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 1 || at === address.length - 1 || /[\s<>\0]/.test(address)) return '';
  return address.slice(0, at + 1) + address.slice(at + 1).toLowerCase();
}
