// eslint-disable-next-line eslint/no-restricted-imports -- isIP is a pure parser; this file is its only door into the core
import { isIP } from 'node:net';

/** One address or prefix as numbers: v4 and v6 are told apart by `bits` (32 or 128), `length` counts the prefix bits. */
export type Prefix = { readonly bits: 32 | 128; readonly value: bigint; readonly length: number };

/**
 * The canonical text of an address: IPv4 without leading zeros (they are not octal here: people and log formats pad),
 * IPv6 as in RFC 5952, IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) as IPv4, zone ids (RFC 4007 §11) dropped. Null for anything else.
 */
export function canonicalIp(text: string): string | null {
  const zone = text.indexOf('%');
  const bare = zone > 0 && text.includes(':') ? text.slice(0, zone) : text;
  if (bare.length > 45) return null;
  const v4 = unpadded(bare);
  if (v4 !== null) return v4;
  if (isIP(bare) !== 6) return null;
  const groups = groupsOf(bare);
  if (groups.slice(0, 5).every((g) => g === 0) && groups[5] === 0xffff) {
    const [high = 0, low = 0] = groups.slice(6);
    return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  }
  return compressed(groups);
}

/** An address or CIDR prefix as numbers; null where the text is neither. Bits behind the prefix length are ignored. */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf('/');
  const ip = canonicalIp(slash < 0 ? text : text.slice(0, slash));
  if (ip === null) return null;
  const bits = ip.includes(':') ? 128 : 32;
  const length = slash < 0 ? bits : Number(text.slice(slash + 1));
  if (!Number.isInteger(length) || length < 0 || length > bits) return null;
  return { bits, value: numberOf(ip), length };
}

/** Does the canonical address lie inside the prefix? */
export function isWithin(ip: string, prefix: Prefix): boolean {
  const bits = ip.includes(':') ? 128 : 32;
  if (bits !== prefix.bits) return false;
  const shift = BigInt(bits - prefix.length);
  return numberOf(ip) >> shift === prefix.value >> shift;
}

/** An address that no relay and no attacker on the Internet has: unspecified, loopback, link-local, multicast, netmask. */
export function isSpecial(ip: string): boolean {
  return ip.includes(':')
    ? /^(?:::1?$|fe[89ab]|ff)/.test(ip)
    : /^(?:0|127|22[4-9]|23\d|24\d|25[0-5])\.|^169\.254\./.test(ip);
}

/** An address of an inner network (RFC 1918, RFC 4193, RFC 6598). */
export function isPrivate(ip: string): boolean {
  return /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/.test(ip);
}

function unpadded(text: string): string | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((p) => /^\d{1,3}$/.test(p))) return null;
  const ip = parts.map(Number).join('.');
  return isIP(ip) === 4 ? ip : null;
}

function groupsOf(v6: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(v6);
  const text =
    dotted === null
      ? v6
      : `${dotted[1]}${((Number(dotted[2]) << 8) | Number(dotted[3])).toString(16)}:${((Number(dotted[4]) << 8) | Number(dotted[5])).toString(16)}`;
  const [head = '', tail] = text.split('::');
  const left = hexes(head);
  if (tail === undefined) return left;
  const right = hexes(tail);
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
}

function hexes(text: string): number[] {
  return text === '' ? [] : text.split(':').map((g) => Number.parseInt(g, 16));
}

/** RFC 5952 §4: lower case, no leading zeros, the first longest run of two or more zero groups becomes "::". */
function compressed(groups: readonly number[]): string {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
    start += length;
  }
  const hex = groups.map((g) => g.toString(16));
  if (best.length < 2) return hex.join(':');
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`;
}

function numberOf(ip: string): bigint {
  const [parts, width] = ip.includes(':') ? [groupsOf(ip), 16n] : [ip.split('.').map(Number), 8n];
  return parts.reduce((sum, part) => (sum << width) | BigInt(part), 0n);
}
