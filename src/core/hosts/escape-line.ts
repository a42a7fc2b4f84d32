/** The longest quoted line (Finding.line). */
const maxLength = 300;

/**
 * A line from a host made safe to show anywhere: control characters, ESC, bidirectional and invisible format characters,
 * lone surrogates and unusual spaces become visible escapes, and what is longer than 300 characters ends in an ellipsis.
 */
export function escapeLine(text: string): string {
  // Cut before escaping: a host's megabyte line shall not cost a megabyte here.
  const escaped = text
    .slice(0, 2 * maxLength)
    .replace(
      /[\p{C}\p{Zl}\p{Zp}\u{a0}\u{115f}\u{1160}\u{2000}-\u{200a}\u{202f}\u{205f}\u{3000}\u{3164}\u{ffa0}]|\p{Variation_Selector}/gu,
      visible,
    );
  const line = escaped.trim();
  if (line.length <= maxLength && text.length <= 2 * maxLength) return line;
  return `${line.slice(0, maxLength - 1).replace(/\\(?:x[0-9a-f]?|u\{?[0-9a-f]*)?$/u, '')}…`;
}

function visible(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (char === '\t') return ' ';
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
