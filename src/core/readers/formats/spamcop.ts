import { addressOf } from '../fields.ts';
import type { Material } from '../list.ts';
import type { Finding } from '../reading.ts';

/**
 * SpamCop: "[SpamCop (192.0.2.1) id:1234567890]" in the subject, "Email from 192.0.2.1 / Tue, 1 Oct 2026 10:00:00 +0000" in the
 * text, X-SpamCop-Sourceip in the head. The reported spam follows below and is evidence.
 */
export function readSpamCop(material: Material): Finding | null {
  const { mail } = material;
  const header = mail.headers.find((h) => h.name === 'x-spamcop-sourceip')?.value;
  const subject = /\[SpamCop \(([^)]{3,60})\)/i.exec(mail.subject)?.[1];
  if (header === undefined && subject === undefined) return null;
  const line = /\b(?:Email|Spam|Mail) from ([^\s/]{3,60}) ?\/ ?([^\n]{10,60})/i.exec(mail.text);
  const ip = addressOf(line?.[1]) ?? addressOf(subject) ?? addressOf(header);
  const time = line?.[2]?.trim() ?? null;
  return { format: 'spamcop', accused: ip === null ? [] : [{ ip, time }], time, category: 'spam', automated: true };
}
