import type { Attachment, HtmlText } from '../core/mail.ts';
import { readAttachment, type AttachmentContext, type ReadInner } from './attachments.ts';
import { holdsPgpMessage, stripClearSigning } from './clearsign.ts';
import { unfoldFlowed } from './flowed.ts';
import { prepareMessage } from './head.ts';
import { htmlToText } from './html-text.ts';
import { readLiteralMime } from './literal-mime.ts';
import { splitParts } from './mime-parts.ts';
import type { ParseBudget } from './parse-limits.ts';
import type { Part } from './single-part.ts';
import { openSmime } from './smime.ts';
import { decodedText, withoutInvisibles } from './text-of.ts';

/** The body and the attachments of one message. */
export type Content = {
  readonly text: string;
  readonly html: HtmlText | null;
  readonly attachments: readonly Attachment[];
  readonly encrypted: boolean;
  readonly defects: readonly string[];
};

/** Sorts the leaf parts of a message into body text and attachments, and decodes both within the budget. */
export async function readContent(
  leaves: readonly Part[],
  budget: ParseBudget,
  readInner: ReadInner,
): Promise<Content> {
  const { limits } = budget;
  const context: AttachmentContext = { budget, readInner, defects: new Set() };
  const opened = await openSigned(leaves, budget);
  const bodies = bodyParts(opened.parts);
  const attached = opened.parts.filter((part) => !bodies.includes(part));
  const plain: string[] = [];
  for (const part of bodies.filter((body) => body.contentType !== 'text/html')) {
    const found = await plainText(part, context);
    plain.push(found.text);
    attached.push(...found.parts);
  }
  const text = cap(plain.join('\n'), limits.textChars, context.defects);
  const pages = bodies.filter((part) => part.contentType === 'text/html');
  const html = joinHtml(pages.map((part) => htmlToText(decodedText(part), limits.textChars)));
  const attachments: Attachment[] = [];
  for (const part of attached) attachments.push(...(await readAttachment(part, context)));
  const encrypted =
    opened.encrypted || leaves.some(isPgpMime) || holdsPgpMessage(text) || holdsPgpMessage(html?.visible ?? '');
  return { text, html, attachments, encrypted, defects: [...context.defects] };
}

/** Puts the parts inside an opaque S/MIME signature in its place; an encrypted one stays and is told. */
async function openSigned(
  leaves: readonly Part[],
  budget: ParseBudget,
): Promise<{ parts: readonly Part[]; encrypted: boolean }> {
  if (!leaves.some(isSmime)) return { parts: leaves, encrypted: false };
  const parts: Part[] = [];
  let encrypted = false;
  for (const part of leaves) {
    const opened = isSmime(part) ? openSmime(part.bytes) : null;
    if (opened?.kind === 'encrypted') encrypted = true;
    if (opened === null && isSmime(part)) encrypted ||= /enveloped/i.test(part.params['smime-type'] ?? '');
    const inner = opened?.kind === 'signed' ? await splitInner(opened.content, budget) : [];
    parts.push(...(inner.length > 0 ? inner : [part]));
  }
  return { parts, encrypted };
}

async function splitInner(entity: Buffer, budget: ParseBudget): Promise<readonly Part[]> {
  const { headBytes } = budget.limits;
  const limits = { maxParts: Math.max(1, budget.partsLeft), maxHeadBytes: headBytes };
  const split = await splitParts(prepareMessage(entity, headBytes), limits);
  if (!split.ok) return [];
  budget.partsLeft -= split.parts.length;
  return split.parts;
}

function isSmime(part: Part): boolean {
  return /^application\/(?:x-)?pkcs7-mime$/.test(part.contentType) || /\.p7m$/i.test(part.filename ?? '');
}

function isPgpMime(part: Part): boolean {
  return part.within.includes('multipart/encrypted') || part.contentType === 'application/pgp-encrypted';
}

/**
 * Body text is inline text without a file name. In a report (RFC 6522) only what stands before the first machine part
 * is, and text with a file name is a document of its own (log, report.txt), unless the mail says nothing else.
 */
function bodyParts(parts: readonly Part[]): readonly Part[] {
  const bodies: Part[] = [];
  let reportStarted = false;
  for (const part of parts) {
    const isText = part.contentType === 'text/plain' || part.contentType === 'text/html';
    const inReport = part.within.includes('multipart/report');
    if (inReport && !isText) reportStarted = true;
    if (!isText || (inReport && reportStarted)) continue;
    if (part.within.length === 0 || (isInline(part) && part.filename === null)) bodies.push(part);
  }
  if (bodies.length > 0) return bodies;
  const named = parts.find((part) => part.contentType.startsWith('text/plain') && isInline(part));
  return named ? [named] : [];
}

function isInline(part: Part): boolean {
  return part.disposition === null || part.disposition === 'inline';
}

async function plainText(
  part: Part,
  { budget, defects }: AttachmentContext,
): Promise<{ text: string; parts: readonly Part[] }> {
  const decoded = decodedText(part);
  const flowed = part.params['format']?.toLowerCase() === 'flowed';
  const unfolded = flowed ? unfoldFlowed(decoded, part.params['delsp']?.toLowerCase() === 'yes') : decoded;
  const text = withoutInvisibles(stripClearSigning(unfolded));
  const limits = { maxParts: Math.max(1, budget.partsLeft), maxHeadBytes: budget.limits.headBytes };
  const literal = await readLiteralMime(text, limits);
  if (literal === null) return { text, parts: [] };
  defects.add('MIME source left in the text');
  budget.partsLeft -= literal.parts.length;
  return { text: stripClearSigning(literal.text), parts: literal.parts };
}

function joinHtml(pages: readonly HtmlText[]): HtmlText | null {
  const [first, ...others] = pages;
  if (!first) return null;
  return others.reduce<HtmlText>((all, page) => {
    const shift = all.visible.length + 1;
    return {
      visible: `${all.visible}\n${page.visible}`,
      hidden: `${all.hidden}\n${page.hidden}`.trim(),
      links: [...all.links, ...page.links],
      quotes: [...all.quotes, ...page.quotes.map(([from, to]) => [from + shift, to + shift] as const)],
    };
  }, first);
}

function cap(text: string, maxChars: number, defects: Set<string>): string {
  if (text.length <= maxChars) return text;
  defects.add('text cut at the limit');
  return text.slice(0, maxChars);
}
