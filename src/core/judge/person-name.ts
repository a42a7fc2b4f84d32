import { foldWord } from './fold-text.ts';
import type { JudgementData, NameWords } from './judgement-data.ts';
import { foldLine, withoutEnd } from '../reading/heads.ts';
import type { MailAddress } from '../mail.ts';
import type { ReadText } from './read-text.ts';

/** The personal name signed under the sender's own text, null where none is surely one. */
export function signedName(
  text: Pick<ReadText, 'own' | 'signature'>,
  { names, heads }: Pick<JudgementData, 'names' | 'heads'>,
  from: string | null,
): string | null {
  const signature = text.signature.split('\n').map((line) => line.trim());
  const isClosing = (line: string) => heads.closings.has(withoutEnd(foldLine(line)));
  const under = firstName(
    signature.filter((line) => line !== '' && !/^(?:--|—)$/.test(line) && !isClosing(line)).slice(0, 5),
    names,
  );
  if (under !== null) return under;
  const own = text.own.trimEnd();
  const last = lastLines(own, isClosing).map((line) => withoutClosing(line, isClosing));
  for (const line of last.toReversed()) {
    // A row of a list has more commas than a name with its office.
    if (line.split(',', 5).length > 3) continue;
    const parts = line.split(/\s[-–—]\s|,\s|[،、，]\s?/).map((part) => personalName(part, names));
    const name = parts.find((one) => one !== null && isSamePerson(one, from)) ?? aloneInLine(line, names);
    if (name !== null && (isSamePerson(name, from) || looksSigned(own, line))) return name;
  }
  return signedInline(last.at(-1) ?? '', isClosing, names, from);
}

const lastLinesAtMost = 4;

/** The last lines that say something, closings left out. */
function lastLines(own: string, isClosing: (line: string) => boolean): string[] {
  const found: string[] = [];
  let end = own.length;
  while (end > 0 && found.length < lastLinesAtMost) {
    const start = own.lastIndexOf('\n', end - 1) + 1;
    const line = own.slice(start, end).trim();
    if (line !== '' && !isClosing(line)) found.unshift(line);
    end = start - 1;
  }
  return found;
}

/** "S pozdravom Andrej Novák" as "Andrej Novák". */
function withoutClosing(line: string, isClosing: (line: string) => boolean): string {
  const words = line.split(' ', 7);
  if (words.length > 6) return line;
  for (let count = Math.min(4, words.length - 1); count > 0; count--) {
    if (isClosing(words.slice(0, count).join(' '))) return words.slice(count).join(' ');
  }
  return line;
}

/** A line that is a name, or begins with one before a dash or a comma. Four words without capitals are a sentence rather. */
function aloneInLine(line: string, names: NameWords): string | null {
  const name = personalName(line.split(/\s[-–—]\s|,\s/)[0] ?? '', names);
  return name !== null && /^\p{Lo}/u.test(name) && name.split(' ').length > 3 ? null : name;
}

/** "… Thank you, Anna Marsh": a name behind the last sentence, made sure by a closing, a title, the sender's name or its length. */
function signedInline(
  line: string,
  isClosing: (line: string) => boolean,
  names: NameWords,
  from: string | null,
): string | null {
  const said = line.replace(/\.$/, '').split(/(?<=[^\s.]{2})[.!?…](?:\s|$)|[。！？]/);
  const rest = said.at(-1)?.trim() ?? '';
  if (said.length < 2 || rest === '' || rest.length > 60) return null;
  const parts = rest.split(/[,،、，:：]\s?/).map((part) => part.trim());
  const spoken = parts.filter((part) => part !== '' && !isClosing(part));
  const isClosed = spoken.length < parts.length;
  const hasOffice = spoken.some((part) => part.split(/\s+/).every((word) => names.titles.has(foldWord(word))));
  for (const part of spoken) {
    const name = personalName(part, names);
    if (name === null) continue;
    const isTitled = name.length < part.length - 1;
    const isFull = name.includes(' ') && /^\p{Lu}/u.test(name);
    if (isClosed || hasOffice || isTitled || isFull || isSamePerson(name, from)) return name;
  }
  return null;
}

/** Does a line stand alone, as a signature does: after an empty line or as the last one, short? */
function looksSigned(own: string, line: string): boolean {
  const at = own.lastIndexOf(line);
  const before = own.slice(Math.max(0, at - 40), at);
  const text = before.trimEnd();
  const breaks = before.slice(text.length).split('\n').length - 1;
  return breaks >= 2 || (breaks === 1 && /[.!?。)]$/.test(text));
}

function firstName(lines: readonly string[], names: NameWords): string | null {
  for (const line of lines) {
    const plain = line.replace(/^[,.!–—-]+\s*/, '');
    const [first = ''] = plain.split(/,\s/);
    // "Jane Miller, 1st chairwoman"
    const name = personalName(plain, names) ?? (/\p{L}\s\p{L}/u.test(first) ? personalName(first, names) : null);
    if (name !== null) return name;
    if (line.length > 60) return null;
  }
  return null;
}

function isSamePerson(name: string, from: string | null): boolean {
  const parts = new Set(splitName(from ?? ''));
  return splitName(name).some((part) => part.length > 2 && parts.has(part));
}

function splitName(text: string): string[] {
  return text
    .split(/[\s.@_,'"()-]+/)
    .map(foldWord)
    .filter((part) => part !== '');
}

/** "Anglers Lakeside <office@anglers-lakeside.example>": the name shown is the domain's, and the mailbox has another. */
export function isFirm(from: MailAddress | null): boolean {
  if (from === null) return false;
  const [local = '', domain = ''] = from.address.toLowerCase().split('@');
  const parts = splitName(from.name ?? '').filter((part) => part.length > 2);
  return parts.length > 1 && parts.every((part) => domain.includes(part) && !local.includes(part));
}

/**
 * A text as a person's name without titles, or null: roles, shops, initials, digits, template tags and anything that a
 * letter must not greet. What may not happen is a greeting that is no name.
 */
export function personalName(text: string, names: NameWords): string | null {
  const shown = text
    .replace(/^["'‘“„«]+|(?<!["'’”»])["'’”»]+$/g, '')
    .replace(/[(（][^)）]{1,60}[)）]\s*$/, '')
    .replace(/(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea])/g, '\u05f4')
    .trim();
  if (
    shown.length < 2 ||
    shown.length > 60 ||
    /[<>{}[\]$%&@|/\\=#*_:;!?+~^`"„“”]|\d|\p{Cc}|[\u2028\u2029]/u.test(shown)
  ) {
    return null;
  }
  const ordered = reorder(shown.replace(/[,.]$/, '').replace(onBehalf, ''));
  const parts = ordered.split(/\s+/).filter((part) => !names.titles.has(foldWord(part.replace(/\.$/, ''))));
  if (parts.length === 0 || parts.length > 5) return null;
  if (parts.some((part) => isRole(foldWord(part.replace(/[.,]$/, '')), names))) return null;
  if (parts.every((part) => /^\p{L}\.?(?:-?\p{L}\.)?$/u.test(part))) return null;
  if (!parts.every(isNamePart)) return null;
  if (parts.length > 1 && parts.every((part) => /^\p{Lu}[\p{Lu}'’.-]+$/u.test(part))) return null;
  const isWide = /[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]/.test(ordered);
  if (isWide && ordered.replace(/\s/g, '').length > 6) return null;
  return parts.join(' ');
}

/** "i. A. Jane Miller": who signs for somebody else. */
const onBehalf = /^(?:i\.\s?[AV]\.|gez\.|p\.\s?p\.|p\.\s?o\.|ppa\.)\s{0,2}/i;

function isRole(word: string, names: NameWords): boolean {
  // "TC-CERT" is a team.
  if (/-/.test(word) && word.split('-').some((part) => part.length > 2 && names.roles.has(part))) return true;
  return (
    names.roles.has(word) ||
    names.roleBeginnings.some((beginning) => word.startsWith(beginning)) ||
    names.roleEnds.some((end) => word.length > end.length && word.endsWith(end))
  );
}

/** "Ehrenfried, Thomas" as "Thomas Ehrenfried"; more commas are a list of degrees. */
function reorder(text: string): string {
  const [last, first, ...more] = text.split(',').map((part) => part.trim());
  if (first === undefined || last === undefined) return text;
  return more.length > 0 || /^[A-Z]{2,5}$/.test(first) || last.includes(' ') ? last : `${first} ${last}`;
}

const particles = new Set(
  'van von der den de da do dos das del della di du la le al el bin ibn abu ter ten zu y e i zur'.split(' '),
);

/** Capitalised, or of a script without capitals. */
function isNamePart(part: string): boolean {
  if (particles.has(part.toLowerCase())) return true;
  return /^(?:\p{Lu}|\p{Lo}|\p{Lt})[\p{L}\p{M}'’.-]*$/u.test(part);
}
