const width = 76;

/**
 * Fills the paragraphs whose lines values made too long, at 76 characters; a list item goes on under its own text. Indented
 * lines and short paragraphs (a signature) stay as they are, and so does a word longer than a line: a link must stay whole.
 * Trailing blanks go, and more than one empty line becomes one.
 */
export function wrapText(text: string): string {
  const lines = text
    .replaceAll('\r\n', '\n')
    .replace(/(?<![ \t])[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|(?<!\n)\n+$/g, '')
    .split('\n');
  return `${runsOf(lines).flatMap(fillRun).join('\n')}\n`;
}

/** Neighbouring lines of prose belong together; an empty, indented or quoted line and a list item stand alone. */
function runsOf(lines: readonly string[]): string[][] {
  const runs: string[][] = [];
  for (const [index, line] of lines.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && isProse(line) && isProse(lines[index - 1] ?? '')) last.push(line);
    else runs.push([line]);
  }
  return runs;
}

function isProse(line: string): boolean {
  return line !== '' && !/^(?:\s|>|[-*•] )/.test(line);
}

function fillRun(run: readonly string[]): readonly string[] {
  const [first = ''] = run;
  const item = /^[-*•] /.test(first);
  if (run.every((line) => line.length <= width) || !(item || isProse(first))) return run;
  const filled: string[] = [];
  for (const word of run.join(' ').split(/\s+/)) {
    const last = filled.at(-1);
    // The mark of a list item never stands alone: it would be a word of its own.
    const fits =
      last !== undefined &&
      (last.length + 1 + word.length <= width || (item && filled.length === 1 && last.length === 1));
    if (fits) filled[filled.length - 1] = `${last} ${word}`;
    else filled.push(last !== undefined && item ? `  ${word}` : word);
  }
  return filled;
}
