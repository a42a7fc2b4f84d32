import { lineShape, type LineShape } from './line-shape.ts';

/**
 * The shapes of lines among their neighbours, for a line alone may deceive: one "label: value" line in running text is
 * prose, two or more are a table; a line that begins with a time amid a paragraph is prose; the rest of a wrapped record
 * belongs to the record.
 */
export function settleShapes(lines: readonly string[]): readonly LineShape[] {
  const shapes = lines.map(lineShape);
  const settled = [...shapes];
  for (let i = 0; i < shapes.length; i++) {
    if (shapes[i] === 'stamp') settled[i] = isAmidParagraph(lines, shapes, settled, i) ? 'prose' : 'log';
  }
  settleFields(shapes, settled);
  for (let i = 1; i < settled.length - 1; i++) {
    const pressed = settled[i] === 'prose' && isRecord(settled[i - 1]) && isRecord(settled[i + 1]);
    if (pressed && isContinuation(lines[i] ?? '')) settled[i] = 'log';
  }
  return settled;
}

export function isRecord(shape: LineShape | undefined): boolean {
  return shape === 'log' || shape === 'stamp' || shape === 'header' || shape === 'row';
}

/** The line goes on what the line above it says, and no record follows: "… until\n2026-11-12 09:00 UTC. Please answer". */
function isAmidParagraph(
  lines: readonly string[],
  shapes: readonly LineShape[],
  settled: readonly LineShape[],
  at: number,
): boolean {
  return settled[at - 1] === 'prose' && !/[:：]\s*$/.test(lines[at - 1] ?? '') && !isRecord(shapes[at + 1]);
}

function isContinuation(line: string): boolean {
  return /^[\s\p{Ll}\p{P}]/u.test(line) || !/[.!?]$/.test(line.trimEnd());
}

function settleFields(shapes: readonly LineShape[], settled: LineShape[]): void {
  let from = 0;
  while (from < shapes.length) {
    if (!isField(shapes[from])) {
      from++;
      continue;
    }
    let to = from;
    let count = 0;
    while (to < shapes.length && (isField(shapes[to]) || isGap(shapes, to))) {
      if (shapes[to] !== 'blank') count++;
      to++;
    }
    // From, To and Subject between Received and Message-ID are the dump of a header
    if (shapes.slice(from, to).includes('header'))
      for (let i = from; i < to; i++) if (shapes[i] === 'pair') settled[i] = 'header';
    const joins = isRecord(settled[from - 1]) || isRecord(settled[to]);
    if (count < 2 && !joins) for (let i = from; i < to; i++) if (shapes[i] !== 'blank') settled[i] = 'prose';
    from = to;
  }
}

function isField(shape: LineShape | undefined): boolean {
  return shape === 'pair' || shape === 'header';
}

/** One blank line between two fields, as HTML tables leave them. */
function isGap(shapes: readonly LineShape[], at: number): boolean {
  return shapes[at] === 'blank' && isField(shapes[at + 1]);
}
