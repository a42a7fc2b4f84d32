import type { Mail } from '../mail.ts';

const field =
  /["<]?(?:reporter_?contact_?email|contact_?email|reporter_?email|org_?email|abuse_?contact|contact|reply_?to|email|reported-from)["']?\s*[:>=]\s*["']?(?:mailto:)?([a-z0-9][a-z0-9._+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24})/i;

/** The contact that a machine-readable attachment (XARF, JSON, YAML, XML) names for questions, null without one. */
export function contactInReport(mail: Mail): string | null {
  for (const { text, contentType } of mail.attachments) {
    if (text === null || contentType.startsWith('message/')) continue;
    const found = field.exec(text.slice(0, 20_000));
    if (found?.[1] !== undefined) return found[1].toLowerCase();
  }
  return null;
}
