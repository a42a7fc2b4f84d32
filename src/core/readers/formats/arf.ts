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
  if (text === undefined) return readHotmail(material);
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
    category: categoryOfType(/^(?:abuse|auth-failure)$/i.test(type) ? 'spam' : type, fields.get('report-type')?.[0]),
    automated: true,
  };
}

/**
 * The complaint feed of Outlook.com and Hotmail (JMRP): no report part, the address in the subject ("complaint about message from
 * 192.0.2.1"), the message attached with fields of its own.
 */
function readHotmail({ mail }: Material): Finding | null {
  const ip = addressOf(/^\s{0,3}complaint about message from (\S{3,60})/i.exec(mail.subject)?.[1]);
  if (ip === null) return null;
  return { format: 'arf', accused: [{ ip, time: null }], time: null, category: 'spam', automated: true };
}
