import type { DeskIdentity } from '../exits.ts';
import type { Attachment, Mail } from '../mail.ts';
import { plainLine } from '../addresses/plain-text.ts';
import type { Segment, Segments } from '../segments.ts';

/**
 * subject, text, html: what people see · hidden: text that a style hides · file: an attached text · headers: header lines of an
 * attached mail (data about the offence, not about this mail).
 */
export type Place = 'subject' | 'text' | 'html' | 'hidden' | 'file' | 'headers';

/** One stretch of content as plain lines (see plainLine), with the mail that it stands in. */
export type Unit = {
  readonly place: Place;
  readonly lines: readonly string[];
  /** 0 for the sender's own text, more for what was forwarded or attached. */
  readonly depth: number;
  /** When the mail that holds it was written; null = when the whole mail was. `head` is the date of a forward's head, as written. */
  readonly written: Mail['date'];
  readonly head: string | null;
  /** Who wrote a forwarded or attached mail, as its head says. */
  readonly from: string | null;
  /** Our own letter, quoted under an answer. */
  readonly isOurLetter: boolean;
  /** Lines of the sender's signature and the like: the first and one past the last of each stretch. */
  readonly boilerplate: readonly (readonly [number, number])[];
  readonly contentType: string;
  readonly filename: string | null;
};

const maxLines = 60_000;
const maxLineChars = 2000;

type Budget = { lines: number };

/** Everything of a mail that counts as content: subject, bodies, attached texts and attached mails; bounded, in reading order. */
export function unitsOf(mail: Mail, segments: Segments, desk: DeskIdentity): readonly Unit[] {
  const budget = { lines: maxLines };
  const units: Unit[] = [unitFrom('subject', mail.subject, mail, budget)];
  const main = segments.body === 'html' ? 'html' : 'text';
  addBody(units, { mail, place: main, segments: segments.all, desk }, budget);
  addBody(units, { mail, place: main === 'html' ? 'text' : 'html', segments: segments.other, desk }, budget);
  if (mail.html !== null) units.push(unitFrom('hidden', mail.html.hidden, mail, budget));
  for (const part of mail.attachments) addAttachment(units, part, 1, budget);
  return units.filter((unit) => unit.lines.length > 0);
}

type Body = {
  readonly mail: Mail;
  readonly place: 'text' | 'html';
  readonly segments: readonly Segment[];
  readonly desk: DeskIdentity;
};

/** Segments of one layer are joined again: a table's head and a list's first line may stand in the prose before it. */
function addBody(units: Unit[], body: Body, budget: Budget): void {
  let run: { readonly first: Segment; readonly lines: string[]; readonly boilerplate: [number, number][] } | null =
    null;
  const close = () => {
    if (run === null) return;
    const { first, lines, boilerplate } = run;
    const isOurLetter = first.depth > 0 && isFromUs(body.mail, first, body.desk);
    units.push({
      place: body.place,
      lines,
      boilerplate,
      isOurLetter,
      depth: first.depth,
      written: body.mail.date,
      head: first.depth > 0 ? (first.head?.date ?? null) : null,
      from: first.depth > 0 ? (first.head?.from ?? null) : null,
      contentType: 'text/plain',
      filename: null,
    });
  };
  for (const segment of body.segments) {
    if (segment.attachment !== null) continue;
    if (
      run === null ||
      segment.layer !== run.first.layer ||
      segment.depth !== run.first.depth ||
      segment.head !== null
    ) {
      close();
      run = { first: segment, lines: [], boilerplate: [] };
    }
    const from = run.lines.length;
    run.lines.push(...linesOf(segment.text, budget));
    if (segment.kind === 'boilerplate') run.boilerplate.push([from, run.lines.length]);
  }
  close();
}

/** Does a quoted text come from the desk: by its head, or because the mail answers one of our Message-IDs. */
function isFromUs(mail: Mail, first: Segment, desk: DeskIdentity): boolean {
  const sender = (first.head?.from ?? '').toLowerCase();
  if (desk.addresses.some((address) => sender.includes(address.toLowerCase()))) return true;
  return first.layer === 'quoted' && answersUs(mail, desk) && !sender.includes('@');
}

/** The mail is an answer to one of our letters, by its thread headers. */
export function answersUs(mail: Mail, desk: DeskIdentity): boolean {
  const domain = `@${desk.messageIdDomain.toLowerCase()}>`;
  return [...mail.inReplyTo, ...mail.references].some((id) => id.toLowerCase().endsWith(domain));
}

function addAttachment(units: Unit[], part: Attachment, depth: number, budget: Budget): void {
  const inner = part.mail;
  if (inner === null) {
    if (part.text === null) return;
    const place = part.contentType === 'text/rfc822-headers' ? 'headers' : 'file';
    const text = place === 'headers' ? part.text.replace(/\r?\n[ \t]+/g, ' ') : fileText(part, part.text);
    units.push({
      ...unitFrom(place, text, null, budget),
      depth,
      contentType: part.contentType,
      filename: part.filename,
    });
    return;
  }
  const from = inner.from[0]?.address ?? null;
  const add = (place: Place, text: string) => units.push({ ...unitFrom(place, text, inner, budget), depth, from });
  add('headers', inner.headers.map((h) => `${h.name}: ${h.value}`).join('\n'));
  add('text', inner.text.replace(/^(?:[ \t]?>)+ ?/gm, ''));
  if (inner.html !== null) {
    add('html', inner.html.visible);
    add('hidden', inner.html.hidden);
  }
  for (const next of inner.attachments) if (depth < 5) addAttachment(units, next, depth + 1, budget);
}

function unitFrom(place: Place, text: string, mail: Mail | null, budget: Budget): Unit {
  return {
    place,
    lines: linesOf(text, budget),
    depth: 0,
    written: mail?.date ?? null,
    head: null,
    from: null,
    isOurLetter: false,
    boilerplate: [],
    contentType: 'text/plain',
    filename: null,
  };
}

/** JSON becomes one "path: value" line per value; everything else stays as it is. */
function fileText(part: Attachment, text: string): string {
  const looksJson =
    /json/.test(part.contentType) || /\.json$/i.test(part.filename ?? '') || /^\s*[[{]\s*["{[]/.test(text);
  if (!looksJson) return text;
  const value = parsedJson(text);
  return value === undefined ? text : flatLines(value).join('\n');
}

/** The JSON values among texts: whole ones, and objects that stand in a body between braces of their own lines. */
export function jsonIn(texts: readonly string[]): readonly unknown[] {
  return texts.flatMap((text) => {
    const start = text.search(/^\s{0,8}[[{]\s{0,4}(?:$|["{[])/m);
    if (start < 0) return [];
    const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'));
    const value = parsedJson(text.slice(start, end + 1));
    return value === undefined ? [] : [value];
  });
}

/** The parsed JSON text, or undefined where it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

/** "path words: value" for every scalar in a JSON value, in order, at most 20,000. */
export function flatLines(value: unknown): string[] {
  const lines: string[] = [];
  const walk = (node: unknown, path: string, depth: number): void => {
    if (lines.length > 20_000 || depth > 20) return;
    if (Array.isArray(node)) for (const item of node) walk(item, path, depth + 1);
    else if (typeof node === 'object' && node !== null) {
      for (const [key, item] of Object.entries(node)) walk(item, path === '' ? key : `${path} ${key}`, depth + 1);
    } else if (typeof node === 'string') for (const line of node.split('\n')) lines.push(`${path}: ${line}`);
    else if (typeof node === 'number' || typeof node === 'boolean') lines.push(`${path}: ${String(node)}`);
  };
  walk(value, '', 0);
  return lines;
}

function linesOf(text: string, budget: Budget): string[] {
  const lines: string[] = [];
  if (text === '') return lines;
  for (const raw of text.split(/\r\n|\r|\n/)) {
    if (budget.lines <= 0) break;
    for (let at = 0; at === 0 || at < raw.length;) {
      const cut = at + maxLineChars >= raw.length ? raw.length : cutAt(raw, at + maxLineChars);
      lines.push(plainLine(raw.slice(at, cut)));
      budget.lines--;
      at = Math.max(cut, at + 1);
    }
  }
  return lines;
}

/** A place to part an overlong line: at a blank where there is one, so that no address is cut in two. */
function cutAt(line: string, end: number): number {
  const blank = line.slice(end - 200, end + 1).lastIndexOf(' ');
  return blank > 0 ? end - 200 + blank : end;
}
