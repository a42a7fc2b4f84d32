import type { Attachment, HtmlText, ParseResult } from '../core/mail.ts';
import { decodeBytes, isUtf8 } from './charset.ts';
import { holdsPgpMessage, stripClearSigning } from './clearsign.ts';
import { unfoldFlowed } from './flowed.ts';
import { htmlToText } from './html-text.ts';
import type { Part } from './single-part.ts';
import type { ParseBudget } from './parse-limits.ts';
import { archiveKind, unpackGzip, unpackZip } from './unpack.ts';

/** The body and the attachments of one message. */
export type Content = {
  readonly text: string;
  readonly html: HtmlText | null;
  readonly attachments: readonly Attachment[];
  readonly encrypted: boolean;
  readonly defects: readonly string[];
};

/** Reads an attached mail; null where the nesting limit is reached. */
export type ReadInner = (raw: Buffer) => Promise<ParseResult | null>;

/** Sorts the leaf parts of a message into body text and attachments, and decodes both within the budget. */
export async function readContent(parts: readonly Part[], budget: ParseBudget, readInner: ReadInner): Promise<Content> {
  const defects = new Set<string>();
  const bodies = bodyParts(parts);
  const plain = bodies.filter((part) => part.contentType !== 'text/html').map((part) => plainText(part, defects));
  const text = cap(plain.join('\n'), budget.limits.textChars, defects);
  const html = joinHtml(
    bodies
      .filter((part) => part.contentType === 'text/html')
      .map((part) => htmlToText(htmlOf(part), budget.limits.textChars)),
  );
  const attachments: Attachment[] = [];
  const context = { budget, readInner, defects };
  for (const part of parts) if (!bodies.includes(part)) attachments.push(...(await readAttachment(part, context, 0)));
  const encrypted =
    parts.some(isEncrypted) || holdsPgpMessage(text) || (html !== null && holdsPgpMessage(html.visible));
  return { text, html, attachments, encrypted, defects: [...defects] };
}

type Context = { readonly budget: ParseBudget; readonly readInner: ReadInner; readonly defects: Set<string> };

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

function plainText(part: Part, defects: Set<string>): string {
  const decoded = lineFeeds(decodeBytes(part.bytes, part.params['charset'] ?? null));
  const flowed = part.params['format']?.toLowerCase() === 'flowed';
  const text = flowed ? unfoldFlowed(decoded, part.params['delsp']?.toLowerCase() === 'yes') : decoded;
  if (text.includes('-----BEGIN PGP SIGNED MESSAGE-----')) defects.add('clear-signed');
  return withoutInvisibles(stripClearSigning(text));
}

function htmlOf(part: Part): string {
  const declared = part.params['charset'] ?? metaCharset(part.bytes);
  return decodeBytes(part.bytes, declared);
}

/** The charset that an HTML page states about itself, for parts whose MIME header states none. */
function metaCharset(bytes: Buffer): string | null {
  return (
    /<meta[^>]{1,200}charset\s{0,9}=\s{0,9}["']?([\w-]{2,40})/i.exec(bytes.toString('latin1', 0, 4096))?.[1] ?? null
  );
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

function isEncrypted(part: Part): boolean {
  if (part.within.includes('multipart/encrypted') || part.contentType === 'application/pgp-encrypted') return true;
  if (!/^application\/(?:x-)?pkcs7-mime$/.test(part.contentType)) return false;
  return /enveloped-data$/i.test(part.params['smime-type'] ?? 'enveloped-data');
}

async function readAttachment(part: Part, context: Context, archiveDepth: number): Promise<readonly Attachment[]> {
  const plain: Attachment = {
    filename: part.filename,
    contentType: part.contentType,
    size: part.bytes.length,
    text: null,
    mail: null,
  };
  if (isMail(part)) return [await readInnerMail(plain, part, context)];
  const archive = archiveKind(part.bytes);
  if (archive) return [plain, ...(await readArchive(part, archive, context, archiveDepth))];
  return [{ ...plain, text: attachedText(part, context) }];
}

async function readInnerMail(attachment: Attachment, part: Part, context: Context): Promise<Attachment> {
  const inner = await context.readInner(part.bytes);
  if (inner?.ok) return { ...attachment, mail: inner.mail };
  context.defects.add(inner ? `attached mail: ${inner.reason}` : 'attached mails nested too deep');
  return { ...attachment, text: attachedText(part, context) };
}

function isMail(part: Part): boolean {
  if (part.contentType === 'message/rfc822' || part.contentType === 'message/global') return true;
  return (
    /\.eml$/i.test(part.filename ?? '') &&
    /^(?:application\/octet-stream|text\/plain|message\/.*)$/.test(part.contentType)
  );
}

async function readArchive(
  part: Part,
  kind: 'gzip' | 'zip',
  context: Context,
  depth: number,
): Promise<readonly Attachment[]> {
  const { budget, defects } = context;
  if (depth >= budget.limits.depth) {
    defects.add('archives nested too deep');
    return [];
  }
  const unpacked =
    kind === 'gzip'
      ? await unpackGzip(part.bytes, part.filename, budget.bytesLeft)
      : await unpackZip(part.bytes, budget.bytesLeft);
  for (const defect of unpacked.defects) defects.add(defect);
  const found: Attachment[] = [];
  for (const file of unpacked.files) {
    budget.bytesLeft -= file.bytes.length;
    found.push(
      ...(await readAttachment(
        {
          contentType: typeByName(file.filename),
          params: {},
          disposition: 'attachment',
          filename: file.filename,
          bytes: file.bytes,
          within: [],
        },
        context,
        depth + 1,
      )),
    );
  }
  return found;
}

const typesByExtension: Record<string, string> = {
  eml: 'message/rfc822',
  csv: 'text/csv',
  json: 'application/json',
  xml: 'application/xml',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  txt: 'text/plain',
  log: 'text/plain',
  html: 'text/html',
  htm: 'text/html',
  zip: 'application/zip',
  gz: 'application/gzip',
};

function typeByName(filename: string): string {
  return typesByExtension[/\.(\w{1,5})$/.exec(filename.toLowerCase())?.[1] ?? ''] ?? 'application/octet-stream';
}

/** Decoded text of an attachment that is text of any kind; null for pictures, programs, signatures and the like. */
function attachedText(part: Part, { budget, defects }: Context): string | null {
  if (!isTextual(part)) return null;
  const size = Math.min(part.bytes.length, Math.max(0, budget.bytesLeft), budget.limits.textChars);
  if (size < part.bytes.length) defects.add('attached text cut at the limit');
  budget.bytesLeft -= size;
  const bytes = part.bytes.subarray(0, size);
  if (part.contentType === 'text/html') return htmlToText(htmlOf({ ...part, bytes }), budget.limits.textChars).visible;
  return withoutInvisibles(stripClearSigning(lineFeeds(decodeBytes(bytes, part.params['charset'] ?? null))));
}

function isTextual(part: Part): boolean {
  const type = part.contentType;
  if (type.startsWith('text/') || type.startsWith('message/')) return true;
  if (/^application\/(?:(?:[\w.-]+\+)?(?:json|xml|yaml)|x-yaml|csv|x-ndjson|xarf|sql|x-sh|rtf)$/.test(type))
    return true;
  if (/^(?:image|audio|video|font)\/|signature|pkcs7|pgp-|^application\/pdf$/.test(type)) return false;
  return looksLikeText(part.bytes.subarray(0, 4096));
}

/** UTF-8 (a character may be cut at the end of the sample) without control characters that no text has. */
function looksLikeText(sample: Buffer): boolean {
  if (sample.length === 0) return false;
  for (const byte of sample) if (byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b)) return false;
  let end = sample.length;
  for (let cut = 0; cut < 4 && end > 0; cut++, end--) if (isUtf8(sample.subarray(0, end))) return true;
  return false;
}

function lineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

function withoutInvisibles(text: string): string {
  return /[\u200b\u2060\ufeff\u00ad]/.test(text) ? text.replace(/[\u200b\u2060\ufeff\u00ad]/g, '') : text;
}

function cap(text: string, maxChars: number, defects: Set<string>): string {
  if (text.length <= maxChars) return text;
  defects.add('text cut at the limit');
  return text.slice(0, maxChars);
}
