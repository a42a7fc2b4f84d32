import type { Attachment, ParseResult } from '../core/mail.ts';
import { isUtf8 } from './charset.ts';
import { stripClearSigning } from './clearsign.ts';
import { htmlToText } from './html-text.ts';
import type { ParseBudget } from './parse-limits.ts';
import type { Part } from './single-part.ts';
import { decodedText, withoutInvisibles } from './text-of.ts';
import { archiveKind, unpackGzip, unpackZip } from './unpack.ts';

/** Reads an attached mail; null where the nesting limit is reached. */
export type ReadInner = (raw: Buffer) => Promise<ParseResult | null>;

export type AttachmentContext = {
  readonly budget: ParseBudget;
  readonly readInner: ReadInner;
  readonly defects: Set<string>;
};

/**
 * Reads one attached part: text of any kind decoded, an attached mail read as one, the files of gzip and zip archives
 * after the archive itself; all within the budget. What cannot be read is a defect.
 */
export async function readAttachment(
  part: Part,
  context: AttachmentContext,
  archiveDepth = 0,
): Promise<readonly Attachment[]> {
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

async function readInnerMail(attachment: Attachment, part: Part, context: AttachmentContext): Promise<Attachment> {
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
  context: AttachmentContext,
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
function attachedText(part: Part, { budget, defects }: AttachmentContext): string | null {
  if (!isTextual(part)) return null;
  const size = Math.min(part.bytes.length, Math.max(0, budget.bytesLeft), budget.limits.textChars);
  if (size < part.bytes.length) defects.add('attached text cut at the limit');
  budget.bytesLeft -= size;
  const bytes = part.bytes.subarray(0, size);
  if (part.contentType === 'text/html')
    return htmlToText(decodedText({ ...part, bytes }), budget.limits.textChars).visible;
  return withoutInvisibles(stripClearSigning(decodedText({ ...part, bytes })));
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
