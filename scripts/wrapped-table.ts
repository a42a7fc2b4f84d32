import { printable } from '../src/cli/table.ts';

/** Columns of fixed widths whose cells are wrapped at spaces, a rule after the head, an empty line between rows. */
export function wrappedTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  widths: readonly number[],
): string {
  const lines = [head, ...rows].map((row) => rowLines(row, widths));
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [
    ...(lines[0] ?? []),
    rule,
    ...lines.slice(1).flatMap((row, index) => (index === 0 ? row : ['', ...row])),
  ].join('\n');
}

function rowLines(row: readonly string[], widths: readonly number[]): readonly string[] {
  const cells = widths.map((width, column) => wrap(printable(row[column] ?? ''), width));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((cell, column) => (cell[line] ?? '').padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((long) => pieces(long, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A word longer than the column is cut. */
function pieces(word: string, width: number): readonly string[] {
  return word.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [''];
}
