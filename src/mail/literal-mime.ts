import { isUtf8 } from './charset.ts';
import { htmlToText } from './html-text.ts';
import { splitParts } from './mime-parts.ts';
import { decodeQuotedPrintable, singlePart, type Part } from './single-part.ts';
import { decodedText } from './text-of.ts';

/** Body text in which MIME source was left literally: what it says, and the parts that belong beside it. */
export type LiteralMime = { readonly text: string; readonly parts: readonly Part[] };

/**
 * Reads MIME source that a careless forward, a program that sends its headers as body, or a paste left in the text:
 * parts between boundary lines, text below a Content-Transfer-Encoding line, and bare runs of base64 lines that decode to
 * text. The decoded text takes the place of its source; quote marks in front of the lines are kept. Null where there is
 * nothing of the kind.
 */
export async function readLiteralMime(
  text: string,
  limits: { maxParts: number; maxHeadBytes: number },
): Promise<LiteralMime | null> {
  const quoted = readQuotedText(text);
  if (!/content-(?:type|transfer-encoding)|^[> ]{0,10}[A-Za-z0-9+/]{56,100}={0,2}\s{0,9}$/im.test(text)) return quoted;
  return (await readLiteralParts(text, limits)) ?? readEncodedBody(text) ?? readBase64Runs(text) ?? quoted;
}

/** One letter beyond ASCII in UTF-8, escaped. */
const escapedLetter = /=(?:C[2-9A-F]|D[0-9A-F])=[89AB][0-9A-F]|=E[0-9A-F](?:=[89AB][0-9A-F]){2}/gi;

/**
 * A whole text whose quoted-printable escapes were never undone: letters beyond ASCII stand in it escaped, or several full
 * lines end in a soft break. "?id=41" in a log is none.
 */
function readQuotedText(text: string): LiteralMime | null {
  if (!text.includes('=')) return null;
  const letters = text.match(escapedLetter)?.length ?? 0;
  const breaks = text.match(/^.{55,75}[^=\s]=$/gm)?.length ?? 0;
  if (letters < 2 && (breaks < 3 || !/=(?:3D|20)(?![0-9A-F])/i.test(text))) return null;
  const decoded = decodeQuotedPrintable(Buffer.from(text));
  return isUtf8(decoded) && isReadable(decoded.toString()) ? { text: decoded.toString(), parts: [] } : null;
}

const boundaryLine = /^((?:> ?){0,5})--(\S{4,70})[ \t]*\n/gm;

async function readLiteralParts(
  text: string,
  limits: { maxParts: number; maxHeadBytes: number },
): Promise<LiteralMime | null> {
  const found = boundaryStart(text);
  if (found === null) return null;
  const [, marks = '', boundary = ''] = found;
  const region = unmarked(text, found.index, marks, (line) => line.trimEnd() === `--${boundary}--`);
  const head = { name: 'content-type', raw: `multipart/mixed; boundary="${boundary.replace(/["\\]/g, '')}"` };
  const body = Buffer.from(`${region.lines.join('\n')}\n--${boundary}--\n`);
  const split = await splitParts({ headers: [head], body }, limits);
  if (!split.ok || split.parts.length === 0) return null;
  const parts = split.parts.map(relabelled);
  const texts = parts.filter((part) => isInlineText(part) && part.contentType === 'text/plain');
  const pages = parts.filter((part) => isInlineText(part) && part.contentType === 'text/html');
  const shown = texts.length > 0 ? texts.map(decodedText) : pages.map((part) => htmlToText(decodedText(part)).visible);
  const rest = parts.filter((part) => !isInlineText(part));
  return { text: replaced(text, found.index, region.end, marked(shown.join('\n'), marks)), parts: rest };
}

/** The first boundary line with MIME headers right below, all behind the same quote marks. */
function boundaryStart(text: string): RegExpExecArray | null {
  for (const found of text.matchAll(boundaryLine)) {
    const marks = found[1] ?? '';
    const start = found.index + found[0].length;
    const below = text
      .slice(start, start + 400)
      .split('\n')
      .slice(0, 5);
    const field = below.find((line) => !line.startsWith(marks) || !/^mime-version ?:/i.test(line.slice(marks.length)));
    if (field?.startsWith(marks) && /^content-[a-z-]{2,30} ?:/i.test(field.slice(marks.length))) return found;
  }
  return null;
}

function isInlineText(part: Part): boolean {
  return /^text\/(?:plain|html)$/.test(part.contentType) && part.disposition !== 'attachment' && part.filename === null;
}

/** The outer mail's charset was undone already: what is valid UTF-8 with more than ASCII in it is UTF-8, whatever it says. */
function relabelled(part: Part): Part {
  const isAscii = part.bytes.every((byte) => byte < 0x80);
  return isAscii || !isUtf8(part.bytes) ? part : { ...part, params: { ...part.params, charset: 'utf-8' } };
}

const encodingLine = /^((?:> ?){0,5})content-transfer-encoding ?: ?(?:base64|quoted-printable)[ \t]*$/im;

/** The headers of one part stand in the text, and its encoded body below the next blank line. */
function readEncodedBody(text: string): LiteralMime | null {
  const found = encodingLine.exec(text);
  if (!found) return null;
  const marks = found[1] ?? '';
  const above = text
    .slice(Math.max(0, found.index - 2000), found.index)
    .split('\n')
    .slice(-9, -1);
  const region = unmarked(text, found.index, marks, () => false);
  const blank = region.lines.findIndex((line) => line.trim() === '');
  if (blank < 1 || blank > 8) return null;
  const headers = [...above.map((line) => line.slice(marks.length)), ...region.lines.slice(0, blank)].flatMap(
    mimeField,
  );
  const isBase64 = headers.some((line) => line.raw.toLowerCase() === 'base64');
  const rest = region.lines.slice(blank + 1);
  const length = isBase64 ? base64Length(rest) : rest.length;
  const part = singlePart({ headers, body: Buffer.from(rest.slice(0, length).join('\n')) });
  if (!part || length === 0 || !part.contentType.startsWith('text/')) return null;
  const decoded = decodedText(relabelled(part));
  if (!isReadable(decoded)) return null;
  const shown = part.contentType === 'text/html' ? htmlToText(decoded).visible : decoded;
  const kept = [...region.lines.slice(0, blank + 1), shown, ...rest.slice(length)].join('\n');
  return { text: replaced(text, found.index, region.end, marked(kept, marks)), parts: [] };
}

function mimeField(line: string): readonly { name: string; raw: string }[] {
  const field = /^(content-[a-z-]{2,30}) ?: ?(.{1,300})$/i.exec(line.trim());
  return field ? [{ name: (field[1] ?? '').toLowerCase(), raw: (field[2] ?? '').trim() }] : [];
}

function base64Length(lines: readonly string[]): number {
  const end = lines.findIndex((line) => !/^[A-Za-z0-9+/]{1,80}={0,2}$/.test(line.trim()));
  return end < 0 ? lines.length : end;
}

/** Three or more full lines of nothing but base64, with or without a shorter last one. */
function readBase64Runs(text: string): LiteralMime | null {
  const lines = text.split('\n');
  const out: string[] = [];
  let changed = false;
  for (let at = 0; at < lines.length;) {
    const marks = /^(?:> ?){0,5}/.exec(lines[at] ?? '')?.[0] ?? '';
    const run = base64Run(lines, at, marks);
    const decoded = run.length >= 3 ? Buffer.from(run.join(''), 'base64') : null;
    if (decoded && isUtf8(decoded) && isReadable(decoded.toString())) {
      out.push(marked(decoded.toString().replace(/\r\n?/g, '\n'), marks));
      changed = true;
    } else out.push(lines.slice(at, at + Math.max(1, run.length)).join('\n'));
    at += Math.max(1, run.length);
  }
  return changed ? { text: out.join('\n'), parts: [] } : null;
}

function base64Run(lines: readonly string[], at: number, marks: string): readonly string[] {
  const run: string[] = [];
  for (let i = at; i < lines.length; i++) {
    const line = (lines[i] ?? '').slice(marks.length).trim();
    const isFull = /^[A-Za-z0-9+/]{56,80}={0,2}$/.test(line);
    const isLast = run.length > 0 && /^[A-Za-z0-9+/]{2,80}={0,2}$/.test(line);
    if (!isFull && !isLast) break;
    run.push(line);
    if (!isFull || line.endsWith('=')) break;
  }
  return run;
}

/** Text as people or logs write it: no control characters, and hardly a character that could not be decoded. */
function isReadable(text: string): boolean {
  if (/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text)) return false;
  return text.trim() !== '' && (text.match(/\ufffd/g) ?? []).length * 50 <= text.length;
}

type Region = { readonly lines: readonly string[]; readonly end: number };

/** The lines from `start` on that carry the same quote marks, without them, up to and including a last one. */
function unmarked(text: string, start: number, marks: string, isLast: (line: string) => boolean): Region {
  const lines: string[] = [];
  let at = start;
  while (at < text.length) {
    const feed = text.indexOf('\n', at);
    const end = feed < 0 ? text.length : feed;
    const line = text.slice(at, end);
    const isMarked = line.startsWith(marks) || line.trimEnd() === marks.trimEnd();
    if (!isMarked) break;
    lines.push(line.slice(marks.length));
    at = end + 1;
    if (isLast(line.slice(marks.length))) break;
  }
  return { lines, end: Math.min(at, text.length) };
}

function replaced(text: string, start: number, end: number, by: string): string {
  return `${text.slice(0, start)}${by}\n${text.slice(end)}`;
}

function marked(text: string, marks: string): string {
  return marks === '' ? text : text.split('\n').map((line) => `${marks}${line}`).join('\n'); // prettier-ignore
}
