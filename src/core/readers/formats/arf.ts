import { addressOf, fieldsOf, portOf } from '../fields.ts';
import type { Material } from '../list.ts';
import type { Finding } from '../reading.ts';
import { categoryOfType } from '../report-types.ts';

/**
 * ARF (RFC 5965 §3, RFC 6591, RFC 6692): the message/feedback-report part, or its fields in a text where a relay turned the part
 * into body text. Source-IP is the accused; Source-Port from RFC 6692; Arrival-Date is when the mail came in.
 */
export function readArf(material: Material): Finding | null {
  const parts = material.mail.attachments
    .filter((a) => a.contentType === 'message/feedback-report')
    .flatMap((a) => a.text ?? []);
  const text =
    parts[0] ??
    material.texts.find((t) => /^[>\s]{0,4}Feedback-Type:/im.test(t) && /^[>\s]{0,4}(?:User-Agent|Version):/im.test(t));
  if (text === undefined) return null;
  const fields = fieldsOf(text);
  const type = fields.get('feedback-type')?.[0] ?? null;
  if (type === null) return null;
  const time = fields.get('arrival-date')?.[0] ?? fields.get('received-date')?.[0] ?? null;
  const ip = addressOf(fields.get('source-ip')?.[0] ?? fields.get('source')?.[0]);
  return {
    format: 'arf',
    accused: ip === null ? [] : [{ ip, time }],
    time,
    sourcePort: portOf(fields.get('source-port')?.[0]),
    category: categoryOfType(type === 'abuse' ? 'spam' : type, fields.get('report-type')?.[0]),
    automated: true,
  };
}
