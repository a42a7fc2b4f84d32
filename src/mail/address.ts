import { isIP } from 'node:net';

// RFC 5321 §4.1.2 Dot-string: no quotes, no comments, no leading dash (it would be an option to a command line mailer).
const LOCAL = /^(?!-)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * Whether the text is exactly one plain address that a letter may go to: ASCII dot-string local part of at most 64
 * characters, a domain name with at least one dot, no quoted part, comment, address literal or localhost.
 * Stricter than RFC 5321 on purpose: quoted local parts and comments have a history of reaching other recipients.
 */
export function isPlainAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at < 1 || text.length > 254) return false;
  const local = text.slice(0, at);
  return local.length <= 64 && LOCAL.test(local) && isDomainName(text.slice(at + 1));
}

function isDomainName(domain: string): boolean {
  const labels = domain.split('.');
  const top = labels.at(-1) ?? '';
  if (labels.length < 2 || isIP(domain) !== 0) return false;
  return labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(top) && top.toLowerCase() !== 'localhost';
}
