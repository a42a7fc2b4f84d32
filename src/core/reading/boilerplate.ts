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

/** Disclaimers, banners, footers and device lines, by paragraph: a run of lines without a blank one. */
function markParagraphs(lines: readonly string[], marks: (BoilerplateRole | null)[], heads: Heads): void {
  let from = 0;
  while (from < lines.length) {
    let to = from;
    while (to < lines.length && (lines[to] ?? '').trim() !== '') to++;
    if (to > from) {
      const text = foldLine(
        lines
          .slice(from, Math.min(to, from + 40))
          .join(' ')
          .slice(0, 4000),
      );
      const role = paragraphRole(text, heads, from);
      if (role === 'device') marks[from] = role;
      else if (role === 'banner') for (let i = from; i < Math.min(to, from + 6); i++) marks[i] = role;
      else if (role) for (let i = from; i < to; i++) marks[i] = role;
    }
    from = to + 1;
  }
}

function paragraphRole(text: string, heads: Heads, at: number): BoilerplateRole | null {
  if (heads.device.test(text) && text.length < 200) return 'device';
  if (text.length < 600 && (at < 6 || text.length < 300) && heads.banner.test(text)) return 'banner';
  if (heads.disclaimer.test(text)) return 'disclaimer';
  return heads.footer.test(text) ? 'footer' : null;
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
