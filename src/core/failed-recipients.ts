import type { Mail } from './mail.ts';

/**
 * The addresses for which a delivery report says that the letter will never arrive (RFC 3464 §2.3: Action failed with a
 * permanent Status 5.x.x), '' addresses left out. Null for a delay or another temporary trouble. A report without the
 * standard block counts as final, with the addresses of X-Failed-Recipients where it has them.
 */
export function failedRecipients(mail: Mail): readonly string[] | null {
  const report = mail.attachments.find((part) => part.contentType === 'message/delivery-status')?.text ?? null;
  if (report === null) {
    const delayed = /\b(delay(ed)?|warning)\b/i.test(mail.subject);
    return delayed ? null : fromHeader(mail);
  }
  const blocks = report.slice(0, 262_144).split(/\r?\n[ \t]*\r?\n/);
  const failed = blocks.filter((block) => /^action:\s*failed/im.test(block) && !/^status:\s*4\./im.test(block));
  if (failed.length === 0) return null;
  return [
    ...new Set(failed.flatMap((block) => [...block.matchAll(recipientField)].map((m) => (m[1] ?? '').toLowerCase()))),
  ];
}

const recipientField = /^(?:original|final)-recipient:[^;\n]{0,80};[ \t]*<?([^\s<>]{3,254})>?/gim;

function fromHeader(mail: Mail): readonly string[] {
  const line = mail.headers.find((header) => header.name === 'x-failed-recipients')?.value ?? '';
  return line
    .split(',')
    .map((address) => address.trim().toLowerCase())
    .filter((address) => address.includes('@'));
}
