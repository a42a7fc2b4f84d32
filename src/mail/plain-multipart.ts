import { mimeHeader, singlePart, type MessageBytes, type Part } from './single-part.ts';

/**
 * The leaf parts of a multipart message that keeps all the rules (RFC 2046 section 5.1): plain MIME headers, delimiters
 * on lines of their own, a closing one at every level. That is nearly every mail, and takes a fraction of what a parser
 * needs. Null for everything else, which mailparser then reads; both give the same parts.
 */
export function plainMultipart(message: MessageBytes, maxParts: number): readonly Part[] | null {
  const parts: Part[] = [];
  return collect(message, [], { parts, maxParts }) ? parts : null;
}

type Collected = { readonly parts: Part[]; readonly maxParts: number };

const maxDepth = 8;

function collect(message: MessageBytes, within: readonly string[], collected: Collected): boolean {
  const type = mimeHeader(message.headers.find((line) => line.name === 'content-type')?.raw ?? 'text/plain');
  if (!type || collected.parts.length >= collected.maxParts) return false;
  if (!type.value.startsWith('multipart/')) {
    const part = singlePart(message, within);
    if (part) collected.parts.push(part);
    return part !== null;
  }
  const boundary = type.params['boundary'] ?? '';
  if (!/^[\x21-\x7e]{1,70}$/.test(boundary) || within.length >= maxDepth || !isUnencoded(message)) return false;
  const bodies = split(message.body, boundary);
  if (!bodies) return false;
  const inner = [...within, type.value];
  return bodies.every((body) => {
    const part = readHead(body);
    return part !== null && collect(part, inner, collected);
  });
}

function isUnencoded(message: MessageBytes): boolean {
  const encoding = message.headers.find((line) => line.name === 'content-transfer-encoding')?.raw ?? '';
  return /^(?:7bit|8bit|binary)?$/i.test(encoding.trim());
}

/** The bytes between the delimiter lines; null without a closing delimiter, or with anything odd about one. */
function split(body: Buffer, boundary: string): readonly Buffer[] | null {
  const delimiter = Buffer.from(`--${boundary}`);
  const bodies: Buffer[] = [];
  let start = -1;
  for (let at = body.indexOf(delimiter); at >= 0; at = body.indexOf(delimiter, at + delimiter.length)) {
    if (at > 0 && body[at - 1] !== 0x0a) continue;
    const tail = delimiterTail(body, at + delimiter.length);
    if (tail === null) continue;
    if (start >= 0) bodies.push(body.subarray(start, Math.max(start, endBefore(body, at))));
    if (tail.closes) return start >= 0 ? bodies : null;
    start = tail.next;
  }
  return null;
}

/** What follows the boundary on its line: only "--", blanks and the line end may. */
function delimiterTail(body: Buffer, from: number): { closes: boolean; next: number } | null {
  const closes = body[from] === 0x2d && body[from + 1] === 0x2d;
  let at = closes ? from + 2 : from;
  while (body[at] === 0x20 || body[at] === 0x09) at++;
  if (at >= body.length) return closes ? { closes, next: at } : null;
  if (body[at] === 0x0d) at++;
  return body[at] === 0x0a ? { closes, next: at + 1 } : null;
}

/** The line end before a delimiter belongs to the delimiter. */
function endBefore(body: Buffer, at: number): number {
  return body[at - 2] === 0x0d ? at - 2 : at - 1;
}

/** Head and body of a part; null unless the head is pure ASCII, made of header lines only, and ended by a blank line. */
function readHead(part: Buffer): MessageBytes | null {
  const blank = blankLine(part);
  if (!blank) return null;
  const text = part.toString('latin1', 0, blank.from);
  if (/[^\t\r\n\x20-\x7e]/.test(text) || text.length > 20_000) return null;
  const headers: { name: string; raw: string }[] = [];
  for (const line of text.split('\n')) {
    const last = headers.at(-1);
    if (/^[ \t]/.test(line) && last) {
      last.raw += ` ${line.trim()}`;
      continue;
    }
    const field = /^([!-9;-~]{1,100})[ \t]{0,20}:(.*)$/.exec(line.trimEnd());
    if (field) headers.push({ name: (field[1] ?? '').toLowerCase(), raw: (field[2] ?? '').trim() });
    else if (line.trim() !== '') return null;
  }
  return { headers, body: part.subarray(blank.to) };
}

/** Where the head ends and the body begins. */
function blankLine(part: Buffer): { from: number; to: number } | null {
  if (part[0] === 0x0a) return { from: 0, to: 1 };
  if (part[0] === 0x0d && part[1] === 0x0a) return { from: 0, to: 2 };
  const crlf = part.indexOf('\n\r\n');
  const lf = part.indexOf('\n\n');
  if (crlf < 0 && lf < 0) return null;
  return crlf >= 0 && (lf < 0 || crlf < lf) ? { from: crlf, to: crlf + 3 } : { from: lf, to: lf + 2 };
}
