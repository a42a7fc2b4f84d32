// eslint-disable-next-line eslint/no-restricted-imports -- isIP is a pure parser; this file is its only door into the core
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Parsed = ReturnType<typeof ipaddr.process>;

/** An address or prefix, parsed once. */
export type Prefix = {
  /** Canonical text of its address. */
  readonly text: string;
  readonly address: Parsed;
  readonly bits: 32 | 128;
  readonly length: number;
};

/**
 * The canonical text of an address: IPv4 without leading zeros (they are not octal here: people and log formats pad),
 * IPv6 as in RFC 5952, IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) as IPv4, zone ids (RFC 4007 §11) dropped. Null for anything else.
 */
export function canonicalIp(text: string): string | null {
  const zone = text.indexOf('%');
  const bare = zone > 0 && text.includes(':') ? text.slice(0, zone) : text;
  if (bare.length > 45) return null;
  // node:net goes first: ipaddr.js reads 010.0.0.1 as octal and accepts more than addresses.
  return unpadded(bare) ?? (isIP(bare) === 6 ? textOf(ipaddr.process(bare)) : null);
}

/** An address or CIDR prefix; null where the text is neither. Bits behind the prefix length are ignored. */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf('/');
  const ip = canonicalIp(slash < 0 ? text : text.slice(0, slash));
  if (ip === null) return null;
  const bits = ip.includes(':') ? 128 : 32;
  const length = slash < 0 ? bits : Number(text.slice(slash + 1));
  if (!Number.isInteger(length) || length < 0 || length > bits) return null;
  return { text: ip, address: ipaddr.parse(ip), bits, length };
}

/** Does the canonical address lie inside the prefix? */
export function isWithin(ip: string, prefix: Prefix): boolean {
  if (prefix.length === prefix.bits) return ip === prefix.text;
  if (ip.includes(':') !== (prefix.bits === 128)) return false;
  const address = ipaddr.parse(ip);
  return address.kind() === prefix.address.kind() && address.match(prefix.address, prefix.length);
}

/** The 4 or 16 bytes of a canonical address, in the order of the network: as such they sort and compare. */
export function bytesOf(ip: string): Uint8Array {
  return Uint8Array.from(ip.includes(':') ? ipaddr.parse(ip).toByteArray() : ip.split('.').map(Number));
}

/** The canonical text of 4 or 16 bytes. */
export function ipFromBytes(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join('.') : textOf(ipaddr.fromByteArray([...bytes]));
}

/** The first address of a prefix, canonical: what is left of it without the bits behind its length. */
export function networkOf(prefix: Prefix): string {
  const bytes = prefix.address.toByteArray().map((byte, i) => {
    const kept = Math.min(8, Math.max(0, prefix.length - 8 * i));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return textOf(ipaddr.fromByteArray(bytes));
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

function textOf(address: Parsed): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}
