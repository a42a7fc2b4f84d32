import type { Mail, ParseResult } from '../core/mail.ts';
import { addressesOf, mailboxOf } from './addresses-of.ts';
import { readContent, type Content } from './content.ts';
import { headerValue, prepareMessage, type PreparedMessage, type RawHeaderLine } from './head.ts';
import { parseMailDate } from './mail-date.ts';
import { rescueParts, splitParts } from './mime-parts.ts';
import type { ParseBudget } from './parse-limits.ts';

/** Reads one message, at `depth` attached mails below the one that arrived, and what is attached to it. */
export async function readMessage(raw: Buffer, budget: ParseBudget, depth: number): Promise<ParseResult> {
  const { limits } = budget;
  const prepared = prepareMessage(raw, limits.headBytes);
  const partLimits = { maxParts: Math.max(1, budget.partsLeft), maxHeadBytes: limits.headBytes };
  const split = await splitParts(prepared, partLimits);
  const headers = prepared.headers.map(({ name, value }) => ({ name, value }));
  if (!split.ok) return { ok: false, reason: split.reason, headers };
  budget.partsLeft -= split.parts.length;
  const parts = split.parts.length > 0 ? split.parts : await rescueParts(prepared, partLimits);
  const content = await readContent(parts, budget, (inner) =>
    depth < limits.depth ? readMessage(inner, budget, depth + 1) : Promise.resolve(null),
  );
  return { ok: true, mail: assemble(raw, prepared, content) };
}

function assemble(raw: Buffer, prepared: PreparedMessage, content: Content): Mail {
  const { headers } = prepared;
  const date = headerValue(headers, 'date');
  const contentType = headerValue(headers, 'content-type') ?? 'text/plain';
  const defects = [...prepared.defects, ...content.defects];
  if (headers.filter((line) => line.name === 'from').length > 1) defects.push('several From headers');
  const references = messageIds(headerValue(headers, 'references'));
  return {
    messageId: messageIds(headerValue(headers, 'message-id'))[0] ?? null,
    inReplyTo: messageIds(headerValue(headers, 'in-reply-to')).slice(0, 50),
    references: references.length > 200 ? [...references.slice(0, 1), ...references.slice(-199)] : references,
    from: addressesOf(headers, 'from'),
    replyTo: addressesOf(headers, 'reply-to'),
    to: addressesOf(headers, 'to'),
    cc: addressesOf(headers, 'cc'),
    returnPath: returnPathOf(headers),
    date: date === null ? null : parseMailDate(date),
    subject: headerValue(headers, 'subject') ?? '',
    headers: headers.map(({ name, value }) => ({ name, value })),
    contentType: (/^[^\s;()]+/.exec(contentType)?.[0] ?? 'text/plain').toLowerCase(),
    reportType: /;\s{0,20}report-type\s{0,20}=\s{0,20}"?([\w.-]{1,100})/i.exec(contentType)?.[1]?.toLowerCase() ?? null,
    text: content.text,
    html: content.html,
    attachments: content.attachments,
    size: raw.length,
    truncated: false,
    encrypted: content.encrypted,
    defects,
  };
}

/** RFC 5322 3.6.4; quotes and white space inside an id are never ours and break header lines. */
function messageIds(value: string | null): readonly string[] {
  return (value ?? '').slice(0, 100_000).match(/<[^<>\s"]{1,400}@[^<>\s"@]{1,255}>/g) ?? [];
}

/** The topmost Return-Path: '' for the null sender, as written where it is no address. */
function returnPathOf(headers: readonly RawHeaderLine[]): string | undefined {
  const line = headers.find((header) => header.name === 'return-path');
  if (!line) return undefined;
  const path = (/<([^<>]*)>/.exec(line.raw)?.[1] ?? line.raw).trim();
  return mailboxOf(path) || path;
}
