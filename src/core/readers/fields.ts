import { findAddresses } from '../addresses/find.ts';
import { canonicalIp } from '../addresses/ip.ts';
import { plainLine } from '../addresses/plain-text.ts';

/**
 * "Name: value" lines (feedback reports, YAML of the simple kind, mail headers) by lower-case name; indented lines continue
 * the value before. Tolerant on purpose: reports reach us with broken MIME, quote marks and stray text around them.
 */
export function fieldsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>();
  let last: string[] | null = null;
  for (const line of text.slice(0, 200_000).split(/\r?\n/)) {
    const m = /^(?:[>\s-]{0,4})([A-Za-z][\w -]{1,38}[\w]):\s?(.*)$/.exec(line);
    if (m === null) {
      if (last !== null && /^\s+\S/.test(line)) last[last.length - 1] += ` ${line.trim()}`;
      else last = null;
      continue;
    }
    const name = (m[1] ?? '').toLowerCase();
    last = fields.get(name) ?? [];
    last.push((m[2] ?? '').trim().replace(/^'(.*)'$|^"(.*)"$/, '$1$2'));
    fields.set(name, last);
  }
  return fields;
}

/** A field's value as one address: bare, bracketed, defanged, with a port, or as the host of a URL. */
export function addressOf(value: string | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  const plain = plainLine(value.trim());
  return canonicalIp(plain) ?? findAddresses(plain)[0]?.ip ?? null;
}

/** A field's value as a TCP or UDP port, null for anything else. */
export function portOf(value: unknown): number | null {
  const port = Number(value);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
}
