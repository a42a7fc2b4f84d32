import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a known_hosts file says of one host: its keys, and the keys that must never be taken, as "TYPE BASE64" lines. */
export type KnownHost = { readonly keys: readonly string[]; readonly revoked: readonly string[] };

/**
 * Reads the lines of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT") that are about this host and port: plain names
 * with `*`, `?` and `!`, "[host]:port", hashed names ("|1|…"), and `@revoked`. Lines with `@cert-authority` pin nothing here:
 * certificates of hosts are not supported.
 */
export function readKnownHosts(text: string, host: string, port: number): KnownHost {
  const name = host.toLowerCase();
  const names = port === 22 ? [name, `[${name}]:22`] : [`[${name}]:${port}`];
  const keys: string[] = [];
  const revoked: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') === true ? words.shift() : null;
    const [patterns = '', type = '', key = ''] = words;
    if (patterns.startsWith('#') || key === '' || marker === '@cert-authority') continue;
    if (!names.some((n) => isNamed(patterns, n))) continue;
    (marker === '@revoked' ? revoked : keys).push(`${type} ${key}`);
  }
  return { keys, revoked };
}

/** A list of patterns names a host when one fits and none with "!" does. */
function isNamed(patterns: string, name: string): boolean {
  if (patterns.startsWith('|')) return isHashOf(patterns, name);
  const list = patterns.toLowerCase().split(',');
  if (list.some((p) => p.startsWith('!') && fits(p.slice(1), name))) return false;
  return list.some((p) => !p.startsWith('!') && fits(p, name));
}

/** "*" stands for any characters, "?" for one. Pieces between stars are taken as early as they come; the last ends the name. */
function fits(pattern: string, name: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return pattern.length === name.length && standsAt(first, name, 0);
  if (!standsAt(first, name, 0)) return false;
  let at = first.length;
  for (const piece of others) {
    while (at <= name.length && !standsAt(piece, name, at)) at++;
    at += piece.length;
  }
  return at + last.length <= name.length && standsAt(last, name, name.length - last.length);
}

function standsAt(piece: string, name: string, at: number): boolean {
  return at + piece.length <= name.length && piece.split('').every((one, i) => one === '?' || one === name[at + i]);
}

/** "|1|SALT|HASH": HMAC-SHA1 of the name under the salt, both in base64 (ssh-keygen -H). */
function isHashOf(hashed: string, name: string): boolean {
  const [, version, salt = '', hash = ''] = hashed.split('|');
  if (version !== '1') return false;
  const expected = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
