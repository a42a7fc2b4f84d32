import { findHead, type FoundHead, type MailHead } from './find-head.ts';
import type { Heads } from './heads.ts';

/** Whose words a stretch of a body is: the sender's own, an earlier mail quoted in an answer, or a mail passed on. */
export type LayerKind = 'new' | 'quoted' | 'forwarded';

export type Layer = {
  readonly kind: LayerKind;
  /** 0 for the sender's own text. */
  readonly depth: number;
  readonly head: MailHead | null;
  /** Without quote marks. */
  readonly lines: readonly string[];
};

/** One line of a body: how deep it is quoted, and its text without the marks. */
export type BodyLine = { readonly depth: number; readonly text: string };

/**
 * Parts the lines of a body into layers, in order. A head without quote marks below it holds to the end of what it stands
 * in, or to an end separator; marked quotes end where the marks end. In an answer, quotes are `quoted`; in any other
 * mail what somebody else wrote is passed on and counts as `forwarded`. Linear: each line is looked at a bounded number
 * of times.
 */
export function partLayers(lines: readonly BodyLine[], heads: Heads, isAnswer: boolean): readonly Layer[] {
  const texts = lines.map((line) => line.text);
  const reading: Reading = { isAnswer, layers: [], stack: [] };
  open(reading, openLayer('new', 0, 0, null));
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? { depth: 0, text: '' };
    if (line.text.trim() === '') {
      reading.layers.at(-1)?.lines.push('');
      at++;
      continue;
    }
    goToDepth(reading, line.depth);
    const found = findHead(texts, at, heads);
    if (found === null || isRulerOnTop(found, reading)) current(reading).lines.push(line.text);
    else if (found.kind === 'end') closeForward(reading, line.depth);
    else open(reading, openLayer(kindOf(found.kind, isAnswer), reading.stack.length, line.depth, found.head));
    at += found?.lines ?? 1;
  }
  return reading.layers.filter((layer) => layer.head !== null || layer.lines.some((text) => text !== ''));
}

/** `marks`: the quote marks that its lines carry. */
type OpenLayer = Omit<Layer, 'lines'> & { marks: number; readonly lines: string[] };

function openLayer(kind: LayerKind, depth: number, marks: number, head: MailHead | null): OpenLayer {
  return { kind, depth, marks, head, lines: [] };
}

/** The layers that are open around the line being read, innermost last, and all pieces found so far. */
type Reading = { readonly isAnswer: boolean; readonly layers: OpenLayer[]; stack: OpenLayer[] };

function open(reading: Reading, layer: OpenLayer): void {
  reading.stack.push(layer);
  reading.layers.push(layer);
}

/** The innermost layer; where something else stood since its last line, a new piece of it, so that order is kept. */
function current(reading: Reading): OpenLayer {
  const top = reading.stack.at(-1) ?? openLayer('new', 0, 0, null);
  if (reading.layers.at(-1) === top) return top;
  const piece = openLayer(top.kind, top.depth, top.marks, null);
  reading.stack[Math.max(0, reading.stack.length - 1)] = piece;
  reading.layers.push(piece);
  return piece;
}

/** Closes and opens layers until the innermost one carries as many quote marks as the line. */
function goToDepth(reading: Reading, marks: number): void {
  const top = reading.stack.at(-1);
  if (!top || top.marks === marks) return;
  if (marks < top.marks) {
    reading.stack = reading.stack.filter((layer) => layer.marks <= marks);
    return;
  }
  const isFresh = top.head !== null && top.lines.every((text) => text === '');
  if (isFresh) top.marks = marks;
  else open(reading, openLayer(reading.isAnswer ? 'quoted' : 'forwarded', reading.stack.length, marks, null));
}

/** "----- End forwarded message -----": back to what stood around it. */
function closeForward(reading: Reading, marks: number): void {
  const innermost = reading.stack.findLastIndex((layer) => layer.marks <= marks && layer.depth > 0);
  if (innermost > 0) reading.stack = reading.stack.slice(0, innermost);
}

/** Help desks begin every mail with "reply above this line": what follows is their own text, not an earlier mail. */
function isRulerOnTop(found: FoundHead, reading: Reading): boolean {
  return (
    found.kind === 'reply' &&
    found.head.from === null &&
    reading.stack.length === 1 &&
    reading.layers.every((layer) => layer.lines.every((text) => text === ''))
  );
}

function kindOf(found: 'forward' | 'reply' | 'attribution' | 'fields', isAnswer: boolean): LayerKind {
  return found === 'forward' || !isAnswer ? 'forwarded' : 'quoted';
}
