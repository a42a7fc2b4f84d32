import { findAddresses } from '../addresses/find.ts';
import type { Sighting } from '../addresses/find.ts';
import { cueAfter, cueBefore } from './cues.ts';
import type { CueHit } from './cues.ts';
import type { Labels } from './labels.ts';
import type { Unit } from './material.ts';
import { columnAt, findTables } from './table.ts';
import type { Table } from './table.ts';

/**
 * What one place in the mail says about one address. weight > 0 accuses, < 0 clears, 0 says nothing. `list` groups
 * addresses that stand in one list or column: they share their role.
 */
export type Clue = {
  readonly ip: string;
  readonly weight: number;
  readonly because: string;
  readonly unit: Unit;
  readonly line: number;
  readonly list: number;
  readonly port: number | null;
};

/** Weights, in one place: a field's own label, a log format's position, a table column, words in prose. */
const weights = {
  label: 4,
  column: 4,
  position: 3.5,
  nearLabel: 3,
  address: 2,
  prose: 2.5,
  farProse: 1.5,
  other: -3.5,
  bare: 0,
};

const maxSightings = 20_000;
const maxCuedLines = 3000;

/** Every address in the units with its clues, in reading order; linear in the text, bounded by maxSightings. */
export function cluesIn(units: readonly Unit[], labels: Labels): readonly Clue[] {
  const clues: Clue[] = [];
  const state: State = { clues, labels, lists: 0, cued: 0 };
  for (const unit of units) addUnit(unit, state);
  return clues;
}

type State = { readonly clues: Clue[]; readonly labels: Labels; lists: number; cued: number };
type Previous = { readonly line: number; readonly clue: Clue; readonly start: number; readonly alone: boolean };

function addUnit(unit: Unit, state: State): void {
  const tables = unit.place === 'headers' ? [] : findTables(state.labels, unit.lines);
  let table = 0;
  let previous: Previous | null = null;
  let list = ++state.lists;
  for (let i = 0; i < unit.lines.length && state.clues.length < maxSightings; i++) {
    const line = unit.lines[i] ?? '';
    const found = findAddresses(line);
    if (found.length === 0) continue;
    while ((tables[table]?.to ?? Infinity) <= i) table++;
    const home = tables[table];
    if (home !== undefined && i >= home.from) {
      addRow(unit, i, home, found, state);
      continue;
    }
    if (previous === null || i - previous.line > 1) list = ++state.lists;
    previous = addLine({ unit, line: i, list, found, previous }, state);
  }
}

function addRow(unit: Unit, at: number, table: Table, found: readonly Sighting[], state: State): void {
  const row = unit.lines[at] ?? '';
  const header = unit.lines[table.header] ?? '';
  const explicit = table.columns.some((c) => c?.role === 'source' && c.form === 'field');
  for (const s of found) {
    const column = columnAt(table, header, row, s.start);
    const role = table.columns[column]?.role ?? null;
    const name = table.names[column] ?? '';
    const weight =
      role === 'source'
        ? weights.column
        : role === 'target' || role === 'other'
          ? -weights.column
          : role === 'address'
            ? explicit
              ? 0
              : weights.nearLabel
            : -1;
    const remark = cueAfter(state.labels, row.slice(s.end));
    const cleared = remark?.cue.role === 'other';
    state.clues.push({
      ip: s.ip,
      weight: cleared ? weights.other : weight,
      because: cleared ? `"${remark?.words ?? ''}" behind it` : `in the column "${name}"`,
      unit,
      line: at,
      list: table.header * 64 + column + 1_000_000 * ++state.lists,
      port: s.port,
    });
  }
}

type LineOf = {
  readonly unit: Unit;
  readonly line: number;
  readonly list: number;
  readonly found: readonly Sighting[];
  readonly previous: Previous | null;
};

function addLine(of: LineOf, state: State): Previous | null {
  const text = of.unit.lines[of.line] ?? '';
  const cheap = ++state.cued > maxCuedLines;
  let last: Previous | null = of.previous;
  of.found.forEach((s, i) => {
    const before = of.found[i - 1];
    const after = of.found[i + 1];
    const verdict = cheap
      ? { weight: weights.bare, because: 'stands in the text' }
      : judgeAt({ of, text, s, before, after, last }, state.labels);
    const clue: Clue = { ip: s.ip, ...verdict, unit: of.unit, line: of.line, list: of.list, port: s.port };
    state.clues.push(clue);
    last = { line: of.line, clue, start: s.start, alone: isAlone(text, of.found) };
  });
  return last;
}

type Verdict = { readonly weight: number; readonly because: string };
type Place = {
  readonly of: LineOf;
  readonly text: string;
  readonly s: Sighting;
  readonly before: Sighting | undefined;
  readonly after: Sighting | undefined;
  readonly last: Previous | null;
};

function judgeAt(p: Place, labels: Labels): Verdict {
  if (p.of.unit.place === 'hidden') return { weight: weights.other, because: 'stands in hidden text' };
  const position = byPosition(p);
  if (position !== null) return position;
  const right = p.text.slice(p.s.end, p.after?.start ?? p.text.length);
  const after = cueAfter(labels, right);
  if (after?.cue.role === 'other') return { weight: weights.other, because: `"${after.words}" behind it` };
  const left = p.text.slice(p.before?.end ?? 0, p.s.start);
  if (p.before !== undefined && isListGap(left) && p.last !== null) return inherited(p.last.clue);
  const near = cueBefore(labels, left);
  const own = weigh(near, after, isLogLine(p.text));
  if (own !== null) return own;
  return (
    fromAbove(p, labels) ?? {
      weight: isLogLine(p.text) && p.of.found.length === 1 ? 1.5 : weights.bare,
      because: 'stands in the text',
    }
  );
}

/** Positions that a format fixes: an access log's first field, both sides of an arrow, the clauses of a Received line. */
function byPosition(p: Place): Verdict | null {
  const { text, s } = p;
  const received = p.of.unit.place === 'headers' && /^\s*(?:received|x-received):/i.test(text);
  if (received) {
    const by = text.search(/\sby\s/);
    return by >= 0 && s.start > by
      ? { weight: -2, because: 'the receiving side of a Received line' }
      : { weight: 1, because: 'the sending side of a Received line' };
  }
  if (
    /^(?:[\w.:-]+ )?$/.test(text.slice(0, s.start)) &&
    /^\]?,? \S+ \S+ \[\d{1,2}\/\w{3}\/\d{4}/.test(text.slice(s.end, s.end + 200))
  ) {
    return { weight: weights.position, because: 'the client of an access log line' };
  }
  const toRight = p.after === undefined ? '' : text.slice(s.end, p.after.start);
  if (isArrow(toRight)) return { weight: weights.position, because: 'left of the arrow in a log line' };
  const toLeft = p.before === undefined ? '' : text.slice(p.before.end, s.start);
  if (isArrow(toLeft)) return { weight: -weights.position, because: 'right of the arrow in a log line' };
  if (/(?:^|\s)(?:->|-->|=>|→)\s{0,3}\[?$/.test(text.slice(Math.max(0, s.start - 8), s.start))) {
    return { weight: -weights.position, because: 'right of the arrow in a log line' };
  }
  return null;
}

function isArrow(gap: string): boolean {
  return (
    gap.length < 60 &&
    /(?:->|=>|→|➔|»| > |&gt;)/.test(gap) &&
    !/(?:[a-z]{3,}.*){3}/i.test(gap.replace(/port|tcp|udp/gi, ''))
  );
}

function weigh(before: CueHit | null, after: CueHit | null, log: boolean): Verdict | null {
  const a = before === null ? null : weightBefore(before, log);
  const b =
    after === null
      ? null
      : { weight: after.cue.role === 'source' ? weights.prose : -weights.prose, because: `"${after.words}" behind it` };
  if (a === null) return b;
  if (b === null) return a;
  // A label right in front decides; else the stronger of the two, and the closer word between equals.
  if (before?.distance === 0 && before.cue.form === 'field' && before.cue.role !== 'address') return a;
  if (after?.distance === 0 && (before?.distance ?? 0) > 0) return b;
  return Math.abs(b.weight) > Math.abs(a.weight) ? b : a;
}

function weightBefore(hit: CueHit, log: boolean): Verdict {
  const because = `"${hit.words}" before it`;
  const { role, form } = hit.cue;
  if (role === 'other') return { weight: hit.distance <= 4 ? weights.other : -1.5, because };
  if (role === 'address') return { weight: hit.distance <= 1 ? weights.address : 1, because };
  const sign = role === 'source' ? 1 : -1;
  if (form === 'field')
    return {
      weight: sign * (hit.distance === 0 ? weights.label : hit.distance <= 5 ? weights.nearLabel : weights.farProse),
      because,
    };
  if (hit.distance <= 1) return { weight: sign * (log ? weights.position : weights.prose), because };
  return { weight: sign * (hit.distance <= 4 && hit.words.length > 2 ? weights.farProse : 0.5), because };
}

/** No word in this line decides: the line above may be a label, a sentence that goes on, or a list of the same kind. */
function fromAbove(p: Place, labels: Labels): Verdict | null {
  if (p.before !== undefined) return null;
  const lines = p.of.unit.lines;
  if (p.last !== null && p.of.line - p.last.line <= 1 && p.last.line < p.of.line && sameShape(lines, p)) {
    return inherited(p.last.clue);
  }
  let above = p.of.line - 1;
  while (above >= 0 && above > p.of.line - 3 && (lines[above] ?? '').trim() === '') above--;
  const text = (lines[above] ?? '').trim();
  const blank = above < p.of.line - 1;
  const isLabel = /[:：]$/.test(text);
  if (text === '' || (blank && !isLabel) || isLogLine(text)) return null;
  const hit = cueBefore(labels, `${text} ${p.text.slice(0, p.s.start)}`);
  if (hit === null) return isLabel && blank ? null : null;
  const verdict = weightBefore(hit, false);
  return { weight: verdict.weight * (isLabel && hit.distance === 0 ? 1 : 0.7), because: verdict.because };
}

function sameShape(lines: readonly string[], p: Place): boolean {
  const mine = p.text.slice(0, p.s.start);
  const other = (lines[p.last?.line ?? 0] ?? '').slice(0, p.last?.start ?? 0);
  return !/\p{L}/u.test(mine) && !/\p{L}/u.test(other);
}

function inherited(clue: Clue): Verdict {
  return { weight: clue.weight, because: clue.because };
}

/** Between two addresses of one list: separators, ports, counts, "and" in any language. */
function isListGap(gap: string): boolean {
  if (gap.length > 30) return false;
  const rest = gap.replace(/[\s,;/&|+*"'`()[\]<>{}、，．・:#\d-]/g, '').toLowerCase();
  return rest === '' || listWords.has(rest);
}

const listWords = new Set(
  'and or und oder et ou y e o u i a og och ja oraz lub és vagy și si sau и или та й або και ή ve veya و או ו と や および 及び または 와 과 및 和 或 以及 及 与 與 ip en of eller tai és nebo alebo aj also auch aussi'.split(
    ' ',
  ),
);

/** A line that a machine wrote: it has a clock time with seconds, or an epoch stamp. */
function isLogLine(text: string): boolean {
  return /\d{1,2}:\d{2}:\d{2}|^\[?1[4-9]\d{8}\b/.test(text);
}

function isAlone(text: string, found: readonly Sighting[]): boolean {
  return found.length === 1 && text.trim().length < (found[0]?.ip.length ?? 0) + 6;
}
