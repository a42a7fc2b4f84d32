import { plainLine } from '../addresses/plain-text.ts';
import type { Attachment, Mail } from '../mail.ts';

/**
 * subject, text, html: what people see · hidden: text that a style hides · file: an attached text · headers: header lines of an
 * attached mail (data about the offence, not about this mail).
 */
export type Place = 'subject' | 'text' | 'html' | 'hidden' | 'file' | 'headers';

/** One stretch of content as plain lines (see plainLine), with the mail that it stands in. */
export type Unit = {
  readonly place: Place;
  readonly lines: readonly string[];
  /** 0 for the mail itself, 1 for a mail attached to it, and so on. */
  readonly depth: number;
  /** When the mail that holds it was written: what "today" and a missing year count from. */
  readonly written: Mail['date'];
  readonly contentType: string;
  readonly filename: string | null;
};

const maxLines = 60_000;
const maxLineChars = 2000;

/** Everything of a mail that counts as content: subject, bodies, attached texts and attached mails; bounded, in reading order. */
export function unitsOf(mail: Mail): readonly Unit[] {
  const units: Unit[] = [];
  const budget = { lines: maxLines };
  addMail(mail, 0, units, budget);
  return units;
}

type Budget = { lines: number };

function addMail(mail: Mail, depth: number, units: Unit[], budget: Budget): void {
  const add = (place: Place, text: string, contentType = 'text/plain', filename: string | null = null) => {
    const lines = linesOf(text, budget);
    if (lines.length > 0) units.push({ place, lines, depth, written: mail.date, contentType, filename });
  };
  if (depth > 0) add('headers', mail.headers.map((h) => `${h.name}: ${h.value}`).join('\n'));
  else add('subject', mail.subject);
  add('text', mail.text);
  if (mail.html !== null) {
    add('html', mail.html.visible, 'text/html');
    add('hidden', mail.html.hidden, 'text/html');
  }
  for (const part of mail.attachments) {
    if (part.mail !== null) addMail(part.mail, depth + 1, units, budget);
    else if (part.text !== null) add(placeOf(part), fileText(part, part.text), part.contentType, part.filename);
  }
}

function placeOf(part: Attachment): Place {
  return part.contentType === 'text/rfc822-headers' ? 'headers' : 'file';
}

/** JSON becomes one "path: value" line per value; everything else stays as it is. */
function fileText(part: Attachment, text: string): string {
  const looksJson =
    /json/.test(part.contentType) || /\.json$/i.test(part.filename ?? '') || /^\s*[[{]\s*["{[]/.test(text);
  if (!looksJson) return text;
  const value = parsedJson(text);
  return value === undefined ? text : flatLines(value).join('\n');
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
    } else if (typeof node === 'string') lines.push(...node.split('\n').map((line) => `${path}: ${line}`));
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
  const blank = line.lastIndexOf(' ', end);
  return blank > end - 200 ? blank : end;
}
