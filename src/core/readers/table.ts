import { cueOfName } from './cues.ts';
import type { Spoken } from './cues.ts';
import type { Cue } from './labels.ts';

/** A table in a text: which lines are its rows, how they part into cells, and what each column means. */
export type Table = {
  readonly header: number;
  /** First and one past the last row. */
  readonly from: number;
  readonly to: number;
  readonly separator: Separator;
  readonly names: readonly string[];
  readonly columns: readonly (Cue | null)[];
};

export type Cell = { readonly text: string; readonly start: number; readonly end: number };
export type Separator = ',' | ';' | '\t' | '|' | 'blanks';

const separators: readonly Separator[] = ['\t', '|', ';', ',', 'blanks'];

/** Finds tables by their header line: at least two short cells without an address, one of which names an address column. */
export function findTables(labels: Spoken, lines: readonly string[]): readonly Table[] {
  const tables: Table[] = [];
  for (let i = 0; i + 1 < lines.length; i++) {
    const table = tableAt(labels, lines, i);
    if (table === null) continue;
    tables.push(table);
    i = table.to - 1;
  }
  return tables;
}

function tableAt(labels: Spoken, lines: readonly string[], header: number): Table | null {
  // DShield writes "# source IP <tab> reports <tab> …" above its rows, Zeek "#fields".
  const line = (lines[header] ?? '').replace(/\s?<tab>\s?/gi, '\t').replace(/^#fields\s+|^# ?(?=[a-z])/i, '');
  if (line.length < 5 || line.length > 1500 || /\d\.\d+\.\d/.test(line)) return null;
  const from = firstRow(lines, header);
  const first = lines[from];
  if (first === undefined) return null;
  for (const separator of separators) {
    if (!mayPart(line, separator) || !mayPart(first, separator)) continue;
    const names = cellsOf(line, separator).map((c) => c.text);
    if (names.length < 2 || names.some(isNoName) || names.filter((n) => n !== '').length < 2) continue;
    // A prose line with a comma is no header: the rows must have as many cells, and blanks need two rows or a clear shape.
    if (!isRow(first, separator, names.length)) continue;
    const columns = names.map((name) => cueOfName(labels, name));
    if (columns.every((c) => c === null)) continue;
    let to = from + 1;
    while (to < lines.length && isRow(lines[to] ?? '', separator, names.length)) to++;
    return { header, from, to, separator, names, columns };
  }
  return null;
}

/** A name of a column is short and no sentence: "Source IP Address (attacker)", not "could you check this machine?". */
function isNoName(cell: string): boolean {
  return cell.length > 40 || /[?!]$|^\S+(?: \S+){5}/.test(cell);
}

/** Cheaper than cutting the line: most lines have none of the separators. */
function mayPart(line: string, separator: Separator): boolean {
  return line.includes(separator === 'blanks' ? '  ' : separator);
}

function firstRow(lines: readonly string[], header: number): number {
  let from = header + 1;
  while (from < lines.length && from < header + 3 && /^[\s\-=+|_]*$/.test(lines[from] ?? '')) from++;
  return from;
}

function isRow(line: string, separator: Separator, columns: number): boolean {
  if (line.trim() === '') return false;
  const count = cellsOf(line, separator).length;
  return separator === 'blanks'
    ? count >= Math.max(2, columns - 1) && count <= columns + 1
    : count >= Math.max(2, columns - 2) && count <= columns + 2;
}

/** The cells of a row with their places; quotes around a cell are not part of it, doubled quotes stay as they are. */
export function cellsOf(line: string, separator: Separator): Cell[] {
  if (separator === 'blanks') return blankCells(line);
  const cells: Cell[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i <= line.length; i++) {
    const char = line[i];
    if (char === '"' && separator !== '|') quoted = !quoted;
    if (i < line.length && (quoted || char !== separator)) continue;
    const raw = line.slice(start, i);
    const text = raw.trim().replace(/^"|"$/g, '');
    cells.push({ text, start, end: i });
    start = i + 1;
  }
  if (separator !== '|') return cells;
  const framed = line.trim().startsWith('|') ? cells.slice(1) : cells;
  return line.trim().endsWith('|') ? framed.slice(0, -1) : framed;
}

function blankCells(line: string): Cell[] {
  return [...line.matchAll(/\S+(?: \S+)*/g)].map((m) => ({ text: m[0], start: m.index, end: m.index + m[0].length }));
}

/** The column that a place in a row belongs to: by count where the row has all its cells, else by the nearest place in the header. */
export function columnAt(table: Table, headerLine: string, row: string, position: number): number {
  const cells = cellsOf(row, table.separator);
  const index = cells.findIndex((c) => position >= c.start && position < Math.max(c.end, c.start + 1));
  if (table.separator !== 'blanks' || cells.length === table.names.length) return index;
  const heads = blankCells(headerLine);
  let best = 0;
  heads.forEach((head, i) => {
    if (Math.abs(head.start - position) < Math.abs((heads[best]?.start ?? 0) - position)) best = i;
  });
  return best;
}
