import type { HeaderLine } from '../core/mail.ts';
import { decodeBytes } from './charset.ts';
import { decodeWords } from './encoded-words.ts';

/** A header line before decoding: `raw` is the unfolded value with its encoded words as written. */
export type RawHeaderLine = HeaderLine & { readonly raw: string };

/** A message made fit for a MIME parser, with its header lines, and what had to be done to it. */
export type PreparedMessage = {
  readonly bytes: Buffer;
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
  if (block.junkAt !== null) {
    defects.push('no blank line between header and body');
    bytes = Buffer.concat([bytes.subarray(0, block.junkAt), Buffer.from('\r\n'), bytes.subarray(block.junkAt)]);
  }
  return { bytes, headers: block.lines.map(decodeLine), defects };
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
  /** Offset of the line that is neither a header nor blank, where the body begins without a blank line. */
  readonly junkAt: number | null;
};

function readBlock(bytes: Buffer, maxBytes: number): Block {
  const lines: { name: string; value: string }[] = [];
  const limit = Math.min(bytes.length, maxBytes);
  let at = 0;
  while (at < limit) {
    const feed = bytes.indexOf(0x0a, at);
    const end = feed < 0 ? bytes.length : feed + 1;
    const line = decodeBytes(bytes.subarray(at, Math.min(end, at + 65_536)), null).replace(/[\r\n]+$/, '');
    if (line === '') return { lines, junkAt: null };
    const last = lines.at(-1);
    if ((line.startsWith(' ') || line.startsWith('\t')) && last) {
      last.value += ` ${line.trim()}`;
    } else if (headerLine.test(line)) {
      const colon = line.indexOf(':');
      lines.push({ name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() });
    } else if (!headersFollow(bytes, end, limit)) {
      return { lines, junkAt: at };
    }
    at = end;
  }
  return { lines, junkAt: null };
}

/** After a line that is no header: do well-known headers still follow before the blank line? Then it is only a stray line. */
function headersFollow(bytes: Buffer, from: number, limit: number): boolean {
  let at = from;
  for (let seen = 0; seen < 40 && at < limit; seen++) {
    const feed = bytes.indexOf(0x0a, at);
    const end = feed < 0 ? limit : feed + 1;
    const line = bytes.toString('latin1', at, Math.min(end, at + 300));
    if (/^\r*\n?$/.test(line)) return false;
    if (knownHeader.test(line)) return true;
    if (!headerLine.test(line) && !/^[ \t]/.test(line)) return false;
    at = end;
  }
  return false;
}

function decodeLine(line: { name: string; value: string }): RawHeaderLine {
  return { name: line.name, value: decodeWords(line.value).replace(/[\r\n\0]+/g, ' '), raw: line.value };
}
