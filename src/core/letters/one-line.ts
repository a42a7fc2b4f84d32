/** Controls (C0, C1, DEL), line and paragraph separators: no header value and no line of a letter may carry one. */
const breaks = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
/** Marks that turn the reading direction or hide in the text: they make a subject read as what it is not. */
const invisible = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/**
 * Text from outside as one line of at most `max` characters: what would break a line becomes a space, direction marks and
 * halves of characters go. Joiners stay: Persian and emoji need them.
 */
export function oneLine(text: string, max: number): string {
  const line = text
    .slice(0, max * 4)
    .toWellFormed()
    .replaceAll('\ufffd', '')
    .replace(breaks, ' ')
    .replace(invisible, '');
  const shortened = Array.from(line.replace(/ {2,}/g, ' ').trim());
  return shortened.length <= max
    ? shortened.join('')
    : `${shortened
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`;
}
