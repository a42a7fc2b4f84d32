import type { Reason } from '../judgement.ts';
import type { Mail } from '../mail.ts';
import type { HeaderFacts } from './header-facts.ts';
import type { SenderMark } from './judgement-data.ts';

export type FoundMark = { readonly mark: SenderMark; readonly reason: Reason };

/** What lets a reader leave a mailing list stands at the end. */
const linksLookedAt = 40;

/** The marks of config/judgement/senders.yaml that a mail bears: literal comparisons only, without letter case. */
export function findMarks(mail: Mail, facts: HeaderFacts, marks: readonly SenderMark[]): FoundMark[] {
  // Mailers write "From: mailer-daemon", which is no address.
  const from = facts.from ?? mail.from[0] ?? null;
  const address = (from?.address || from?.name || '').toLowerCase();
  const at = address.lastIndexOf('@');
  const headers = new Map<string, Text[]>();
  for (const { name, value } of mail.headers) {
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [textOf(value.trim())]);
    else values.push(textOf(value.trim()));
  }
  const parts: Record<Exclude<SenderMark['part'], 'header'>, readonly Text[]> = {
    'from-address': [textOf(address)],
    'from-local': [textOf(at === -1 ? address : address.slice(0, at))],
    'from-domain': at === -1 ? [] : [textOf(address.slice(at + 1))],
    'from-name': from?.name ? [textOf(from.name)] : [],
    subject: [textOf(mail.subject.trim())],
    link: (mail.html?.links ?? []).slice(-linksLookedAt).map(textOf),
    'attachment-name': mail.attachments.flatMap((a) => (a.filename === null ? [] : [textOf(a.filename)])),
  };
  return marks.flatMap((mark) => {
    if (mark.says.includes('list') && facts.viaOwnList) return [];
    const found = mark.part === 'header' ? inHeaders(mark, headers) : firstFit(mark, parts[mark.part]);
    return found === null ? [] : [{ mark, reason: { rule: mark.id, text: found.replace(/\s+/g, ' ').slice(0, 200) } }];
  });
}

/** A text as written, and in lower case for comparing: made once, compared with every mark. */
type Text = { readonly written: string; readonly lower: string };

function textOf(written: string): Text {
  return { written, lower: written.toLowerCase() };
}

function inHeaders(mark: SenderMark, headers: ReadonlyMap<string, readonly Text[]>): string | null {
  const name = mark.header ?? '';
  if (!name.endsWith('*')) {
    const values = headers.get(name);
    return values === undefined ? null : show(name, firstFit(mark, values));
  }
  for (const [key, values] of headers) {
    if (!key.startsWith(name.slice(0, -1))) continue;
    const found = show(key, firstFit(mark, values));
    if (found !== null) return found;
  }
  return null;
}

function show(name: string, value: string | null): string | null {
  return value === null ? null : `${name}: ${value}`;
}

function firstFit({ match, values }: SenderMark, texts: readonly Text[]): string | null {
  if (match === 'exists') return texts[0]?.written ?? null;
  for (const { written, lower } of texts) {
    for (const value of values) if (fits(match, lower, value)) return written;
  }
  return null;
}

function fits(match: SenderMark['match'], text: string, value: string): boolean {
  switch (match) {
    case 'is':
      return text === value;
    case 'starts':
      return text.startsWith(value);
    case 'ends':
      return text.endsWith(value);
    case 'contains':
      return text.includes(value);
    case 'word':
      return hasWord(text, value);
    case 'exists':
      return true;
  }
}

/** "police" in "br.police@x" but not in "policenet". */
function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (!isLetter(text.charAt(at - 1)) && !isLetter(text.charAt(at + word.length))) return true;
  }
  return false;
}

function isLetter(char: string): boolean {
  return char !== '' && /[\p{L}\p{N}]/u.test(char);
}
