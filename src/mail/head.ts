import type { HeaderLine } from '../core/mail.ts';
import { decodeBytes } from './charset.ts';
import { decodeWords } from './encoded-words.ts';

/** A header line before decoding: `raw` is the unfolded value with its encoded words as written. */
export type RawHeaderLine = HeaderLine & { readonly raw: string };

/** A message made fit for a MIME parser, with its header lines, and what had to be done to it. */
export type PreparedMessage = {
  readonly body: Buffer;
  readonly headers: readonly RawHeaderLine[];
  readonly defects: readonly string[];
};

/**
 * Finds the header block of raw bytes and repairs what makes MIME parsers lose the text: line ends of bare CR, a byte
 * order mark, an mbox "From " line or empty lines in front, and a missing blank line before the body (RFC 5322 2.1).
 * Reads at most `maxHeadBytes` of header.
 */
export function prepareMessage(raw: Buffer, maxHeadBytes: number): PreparedMessage {
  const defects: string[] = [];
  let bytes = withLineFeeds(raw, defects);
  bytes = bytes.subarray(startOf(bytes));
  const block = readBlock(bytes, maxHeadBytes);
  if (block.cut) defects.push('header over the limit, cut');
  if (block.unseparated) defects.push('no blank line between header and body');
  return { body: bytes.subarray(block.end), headers: block.lines.map(decodeLine), defects };
}

/** The first header of that name, decoded; null where there is none. */
export function headerValue(headers: readonly HeaderLine[], name: string): string | null {
  return headers.find((line) => line.name === name)?.value ?? null;
}

function withLineFeeds(raw: Buffer, defects: string[]): Buffer {
  const feed = raw.subarray(0, 65_536).indexOf(0x0a);
  const carriage = raw.subarray(0, 65_536).indexOf(0x0d);
  if (feed >= 0 || carriage < 0) return raw;
  defects.push('lines end with bare CR');
  const copy = Buffer.from(raw);
  for (let at = carriage; at < copy.length; at++) if (copy[at] === 0x0d && copy[at + 1] !== 0x0a) copy[at] = 0x0a;
  return copy;
}

/** Where the first header line begins: after a byte order mark, blank lines that precede headers, and an mbox line. */
function startOf(bytes: Buffer): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let blank = at;
  while (bytes[blank] === 0x0a || bytes[blank] === 0x0d) blank++;
  if (blank > at && headerLine.test(bytes.toString('latin1', blank, blank + 200))) at = blank;
  if (mboxLine.test(bytes.toString('latin1', at, at + 7))) {
    const end = bytes.indexOf(0x0a, at);
    if (end > 0) at = end + 1;
  }
  return at;
}

const mboxLine = /^>?From /;
/** RFC 5322 3.6.8: a field name is printable ASCII without colon; a blank before the colon is obsolete but seen. */
const headerLine = /^[!-9;-~]{1,200}[ \t]{0,20}:/;
const knownHeader =
  /^(?:from|to|cc|subject|date|message-id|mime-version|content-[a-z-]+|received|return-path|reply-to|x-[\w-]+)[ \t]{0,20}:/i;

type Block = {
  readonly lines: readonly { readonly name: string; readonly value: string }[];
  /** Where the body begins. */
  readonly end: number;
  /** The body began at a line that is neither a header nor blank. */
  readonly unseparated: boolean;
  readonly cut: boolean;
};

function readBlock(bytes: Buffer, maxBytes: number): Block {
  // as latin1, one character is one byte: offsets in the text are offsets in the message
  const text = bytes.toString('latin1', 0, Math.min(endOfBlock(bytes), maxBytes));
  const lines: { name: string; value: string }[] = [];
  let at = 0;
  while (at < text.length) {
    const feed = text.indexOf('\n', at);
    const end = feed < 0 ? text.length : feed + 1;
    const line = text.slice(at, end).trimEnd();
    const first = text.charCodeAt(at);
    const last = lines.at(-1);
    if (line === '' && /^[\r\n]*$/.test(text.slice(at, end))) return { lines, end, unseparated: false, cut: false };
    if ((first === 0x20 || first === 0x09) && last) {
      last.value += ` ${line.trim()}`;
    } else if (headerLine.test(line)) {
      const colon = line.indexOf(':');
      lines.push({ name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() });
    } else if (!headersFollow(text, end)) {
      return { lines, end: at, unseparated: true, cut: false };
    }
    at = end;
  }
  const cut = text.length === maxBytes && at < bytes.length;
  return { lines, end: cut ? blankLineAfter(bytes, at) : at, unseparated: false, cut };
}

function endOfBlock(bytes: Buffer): number {
  const crlf = bytes.indexOf('\n\r\n');
  const lf = bytes.indexOf('\n\n');
  if (crlf < 0 && lf < 0) return bytes.length;
  return crlf >= 0 && (lf < 0 || crlf < lf) ? crlf + 3 : lf + 2;
}

/** A header over the limit: the rest of it is skipped. */
function blankLineAfter(bytes: Buffer, from: number): number {
  return from + endOfBlock(bytes.subarray(from));
}

/** After a line that is no header: do well-known headers still follow before the blank line? Then it is only a stray line. */
function headersFollow(text: string, from: number): boolean {
  let at = from;
  for (let seen = 0; seen < 40 && at < text.length; seen++) {
    const feed = text.indexOf('\n', at);
    const end = feed < 0 ? text.length : feed + 1;
    const line = text.slice(at, Math.min(end, at + 300));
    if (/^\r*\n?$/.test(line)) return false;
    if (knownHeader.test(line)) return true;
    if (!headerLine.test(line) && !/^[ \t]/.test(line)) return false;
    at = end;
  }
  return false;
}

function decodeLine(line: { name: string; value: string }): RawHeaderLine {
  const raw = /[\x80-\xff]/.test(line.value) ? decodeBytes(Buffer.from(line.value, 'latin1'), null) : line.value;
  const decoded = decodeWords(raw);
  return { name: line.name, value: /[\r\n\0]/.test(decoded) ? decoded.replace(/[\r\n\0]+/g, ' ') : decoded, raw };
}
