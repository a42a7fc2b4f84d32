/**
 * Addresses and Message-IDs that only this desk can make: what comes back with them belongs to a case for sure. Both are
 * HMAC-SHA256 over what they say, so nobody makes one without the desk's secret, and the same input gives the same text.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CaseId } from './case.ts';

/** reply: Reply-To of a letter; bounce: its envelope sender; copy: its second recipient, the desk itself. */
export type AddressPurpose = 'reply' | 'bounce' | 'copy';

/** The desk's addresses and the separator of its sub-addresses (RFC 5233), null where the mail server has none. */
export type DeskAddresses = { readonly addresses: readonly string[]; readonly subaddress: '+' | '-' | null };

const letters: Readonly<Record<AddressPurpose, string>> = { reply: 'r', bounce: 'b', copy: 'c' };
const purposes: Readonly<Record<string, AddressPurpose>> = { r: 'reply', b: 'bounce', c: 'copy' };
/** 16 characters of base32 are 80 bits: nobody guesses one by mail, and the local part stays under 64 (RFC 5321 §4.5.3.1.1). */
const macLength = 16;

/** "abuse+17-r-<signature>@…" for the desk's first address; the plain address where there are no sub-addresses. */
export function signCaseAddress(desk: DeskAddresses, caseId: CaseId, purpose: AddressPurpose, secret: string): string {
  const address = desk.addresses[0] ?? '';
  if (desk.subaddress === null) return address;
  const at = address.lastIndexOf('@');
  const detail = `${caseId}-${letters[purpose]}-${macOf(address, caseId, purpose, secret)}`;
  return `${address.slice(0, at)}${desk.subaddress}${detail}${address.slice(at)}`;
}

/**
 * The case and purpose that an address was signed for; null for every other text. Letter case does not matter (some
 * servers change it), either separator is accepted, and any of the desk's addresses may be the base.
 */
export function verifyCaseAddress(
  address: string,
  desk: DeskAddresses,
  secret: string,
): { readonly caseId: CaseId; readonly purpose: AddressPurpose } | null {
  const form = /^<?([^\s<>@]{1,64})[+-](\d{1,15})-([rbc])-([a-z2-7]{16})@([^\s<>@]{1,253})>?$/.exec(
    address.toLowerCase(),
  );
  if (form === null) return null;
  const [, local = '', number = '', letter = '', mac = '', domain = ''] = form;
  const base = desk.addresses.find((own) => own.toLowerCase() === `${local}@${domain}`);
  const purpose = purposes[letter];
  if (base === undefined || purpose === undefined || (number.startsWith('0') && number !== '0')) return null;
  const caseId = Number(number) as CaseId;
  const expected = macOf(base, caseId, purpose, secret);
  return timingSafeEqual(Buffer.from(expected), Buffer.from(mac)) ? { caseId, purpose } : null;
}

/** The Message-ID of what an action sends: the same for every try of the action, and nobody else's to guess (RFC 5322 §3.6.4). */
export function messageIdFor(actionKey: string, secret: string, domain: string): string {
  return `<${base32(hmac(secret, ['message-id', actionKey])).slice(0, 32)}@${domain}>`;
}

function macOf(address: string, caseId: CaseId, purpose: AddressPurpose, secret: string): string {
  return base32(hmac(secret, ['case-address', address.toLowerCase(), String(caseId), purpose])).slice(0, macLength);
}

/** No part contains a zero byte, so no two lists of parts are one text. */
function hmac(secret: string, parts: readonly string[]): Buffer {
  return createHmac('sha256', secret).update(parts.join('\0')).digest();
}

/** RFC 4648 §6 in lower case, without padding; a rest of fewer than five bits is dropped. */
function base32(bytes: Buffer): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{5}/g) ?? [])
    .map((five) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(five, 2)])
    .join('');
}
