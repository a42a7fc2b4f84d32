import { foldLine, withoutEnd, type Heads } from './heads.ts';
import { isRecord } from './settle-shapes.ts';
import type { LineShape } from './line-shape.ts';

export type BoilerplateRole = 'signature' | 'disclaimer' | 'banner' | 'footer' | 'device';

/** For each line of a layer, what kind of boilerplate it is, or null. */
export function markBoilerplate(
  lines: readonly string[],
  shapes: readonly LineShape[],
  heads: Heads,
): (BoilerplateRole | null)[] {
  const marks: (BoilerplateRole | null)[] = lines.map(() => null);
  markParagraphs(lines, marks, heads);
  // "Thank you." closes a letter only where something was said before
  const first = shapes.findIndex((shape) => shape !== 'blank');
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (/^-- ?$/.test(line.trimEnd()) || line === '\u2014') at = markSignature(lines, shapes, marks, at);
    else if (at > first && isShort(line) && marks[at] === null && heads.closings.has(withoutEnd(foldLine(line))))
      at = markNames(lines, shapes, marks, at);
    else at++;
  }
  return marks;
}

/** Short enough for a closing, and without the digits that none has. */
function isShort(line: string): boolean {
  return line.length < 60 && line !== '' && !/\d/.test(line);
}

/**
 * Disclaimers, banners, footers and device lines, by paragraph (a run of lines without a blank one). Only the lines from
 * the telling words on are taken, for a narrative must never vanish because a disclaimer was glued to it.
 */
function markParagraphs(lines: readonly string[], marks: (BoilerplateRole | null)[], heads: Heads): void {
  let from = 0;
  while (from < lines.length) {
    let to = from;
    while (to < lines.length && (lines[to] ?? '').trim() !== '') to++;
    if (to > from) {
      const folded = foldLine(
        lines
          .slice(from, Math.min(to, from + 40))
          .join(' ')
          .slice(0, 4000),
      );
      const role = paragraphRole(folded, heads);
      if (role) markFrom(lines, marks, { from, to, role, words: heads[role] });
    }
    from = to + 1;
  }
}

function paragraphRole(text: string, heads: Heads): 'device' | 'banner' | 'disclaimer' | 'footer' | null {
  if (heads.device.test(text) && text.length < 200) return 'device';
  if (heads.banner.test(text)) return 'banner';
  if (heads.disclaimer.test(text)) return 'disclaimer';
  return heads.footer.test(text) ? 'footer' : null;
}

type Paragraph = { readonly from: number; readonly to: number; readonly role: BoilerplateRole; readonly words: RegExp };

function markFrom(lines: readonly string[], marks: (BoilerplateRole | null)[], paragraph: Paragraph): void {
  const { from, to, role, words } = paragraph;
  // a page has a line for each paragraph, plain text is wrapped: there the words may span two lines
  const isWrapped = lines.slice(from, to).every((line) => line.length <= 110);
  const matches = lines.slice(from, to).map((line) => words.exec(foldLine(line)));
  for (let at = from; at < to; at++) {
    const alone = matches[at - from] ?? null;
    const spans = isWrapped && !alone && !matches[at - from + 1];
    const found = spans ? words.exec(foldLine(`${lines[at] ?? ''} ${lines[at + 1] ?? ''}`)) : alone;
    if (!found) continue;
    // "[EXTERNAL] He was here again": a tag before a sentence is no banner line
    if (role === 'banner' && found[0].length + 25 < (lines[at] ?? '').length && /^[[【]/.test(found[0])) continue;
    const start = isWrapped ? sentenceStart(lines, from, at) : at;
    const end = !isWrapped || role === 'device' ? at + 1 : role === 'banner' ? sentenceEnd(lines, at, to) : to;
    for (let i = start; i < end; i++) marks[i] = role;
    if (isWrapped) return;
  }
}

/** The words may stand on the second or third line of a wrapped sentence. */
function sentenceStart(lines: readonly string[], from: number, at: number): number {
  let start = at;
  while (
    start > from &&
    at - start < 2 &&
    /[^.!?:\s]\s*$/.test(lines[start - 1] ?? '') &&
    (lines[start - 1] ?? '').length > 40
  )
    start--;
  return start;
}

/** Where the wrapped sentences of a banner end: its line and at most three more. */
function sentenceEnd(lines: readonly string[], at: number, to: number): number {
  let end = at + 1;
  while (end < to && end < at + 4 && !/[.!?\])】\u3002]\s*$/.test(lines[end - 1] ?? '')) end++;
  return end;
}

/** After "-- " (RFC 3676 4.3) all is signature, but people also paste logs below it, and whole paragraphs after a blank line. */
function markSignature(
  lines: readonly string[],
  shapes: readonly LineShape[],
  marks: (BoilerplateRole | null)[],
  at: number,
): number {
  marks[at] = 'signature';
  let texts = 0;
  let i = at + 1;
  for (; i < lines.length; i++) {
    if (shapes[i] === 'blank') continue;
    if (isRecord(shapes[i]) && (shapes[i] !== 'row' || isRecord(shapes[i + 1]))) break;
    if (texts > 3 && (lines[i - 1] ?? '').trim() === '' && (lines[i] ?? '').split(/\s+/).length > 11) break;
    texts++;
    marks[i] ??= 'signature';
  }
  return i;
}

/** After a closing ("Kind regards") come a name and how to reach it: short lines that are no sentences. */
function markNames(
  lines: readonly string[],
  shapes: readonly LineShape[],
  marks: (BoilerplateRole | null)[],
  at: number,
): number {
  marks[at] = 'signature';
  let taken = 0;
  let blanks = 0;
  let i = at + 1;
  for (; i < lines.length && taken < 10; i++) {
    const line = (lines[i] ?? '').trim();
    if (line === '') {
      if (++blanks > 2) break;
      continue;
    }
    if (!isNameOrContact(line) || isRecord(shapes[i])) break;
    marks[i] ??= 'signature';
    taken++;
  }
  return i;
}

/** Short, no sentence, and capitalised or with a number, address or link in it: never the place for a narrative. */
function isNameOrContact(line: string): boolean {
  if (line.length > 70 || /^p\.? ?s\b/i.test(line)) return false;
  const words = line.split(/\s+/);
  if (/[@+]|www\.|https?:|\d{3}/.test(line)) return words.length <= 9;
  if (/[.!?\u3002]$/.test(line) && words.length > 3) return false;
  if (!/\p{Lu}|\p{Ll}/u.test(line)) return line.length <= 24;
  return words.length <= 6 && /^\p{Lu}/u.test(line) && words.filter((word) => /^\p{Ll}{4,}/u.test(word)).length <= 1;
}
