import { findAddresses } from '../addresses/find.ts';
import type { Sighting } from '../addresses/find.ts';
import { cueAfter } from './cues.ts';
import type { Spoken } from './cues.ts';
import { spokenIn } from './labels.ts';
import type { Cue, Labels } from './labels.ts';
import { lineVerdict, weights } from './line-verdict.ts';
import type { Previous, Verdict } from './line-verdict.ts';
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
  readonly clears: boolean;
  /** The table whose row it stands in; null in a text. */
  readonly table: Table | null;
};

/** What mail servers note about a message, pasted into a report: hops and checks, not the reporter's word. */
const mailCheck =
  /^[>\s]{0,4}(?:authentication-results|arc-[\w-]{1,40}|received-spf|dkim-[\w-]{1,20}|x-ms-exchange[\w-]{1,60}|x-forefront[\w-]{1,40}):/i;

const maxSightings = 10_000;
const maxCuedLines = 2000;

/** Every address in the units with its clues, in reading order; linear in the text, bounded by maxSightings. */
export function cluesIn(units: readonly Unit[], labels: Labels): readonly Clue[] {
  const clues: Clue[] = [];
  const prose = units.flatMap((u) => (u.place === 'text' || u.place === 'html' ? u.lines.slice(0, 60) : []));
  const state: State = {
    clues,
    labels: { ...labels, spoken: spokenIn(prose, labels) },
    fields: new Map(),
    lists: 0,
    cued: 0,
  };
  for (const unit of units) addUnit(unit, state);
  return clues;
}

/** `fields`: the list of each repeated field, by its label and the line above it. */
type State = {
  readonly clues: Clue[];
  readonly labels: Spoken;
  readonly fields: Map<string, number>;
  lists: number;
  cued: number;
};

function addUnit(unit: Unit, state: State): void {
  const tables = unit.place === 'headers' ? [] : findTables(state.labels, unit.lines);
  let table = 0;
  let tableList = 0;
  let previous: Previous | null = null;
  let boilerplate = 0;
  for (let i = 0; i < unit.lines.length && state.clues.length < maxSightings; i++) {
    const found = findAddresses(unit.lines[i] ?? '');
    if (found.length === 0) continue;
    while ((tables[table]?.to ?? Infinity) <= i) {
      table++;
      tableList = 0;
    }
    const home = tables[table];
    if (home !== undefined && i >= home.from) {
      if (tableList === 0) tableList = state.lists += home.names.length + 1;
      addRow({ unit, line: i, table: home, list: tableList, found }, state);
      continue;
    }
    while ((unit.boilerplate[boilerplate]?.[1] ?? Infinity) <= i) boilerplate++;
    const isBoilerplate = (unit.boilerplate[boilerplate]?.[0] ?? Infinity) <= i;
    previous = addLine({ unit, line: i, isBoilerplate, found, previous }, state);
  }
}

type Row = {
  readonly unit: Unit;
  readonly line: number;
  readonly table: Table;
  readonly list: number;
  readonly found: readonly Sighting[];
};

function addRow({ unit, line, table, list, found }: Row, state: State): void {
  const row = unit.lines[line] ?? '';
  const header = unit.lines[table.header] ?? '';
  const columns = found.map((s) => columnAt(table, header, row, s.start));
  // An explicit source column outranks a plain "ip" column, but only in rows that have an address there.
  const hasSource = columns.some((c) => table.columns[c]?.role === 'source');
  const hasIp = columns.some((c) => isIpName(table.names[c] ?? ''));
  found.forEach((s, i) => {
    const column = columns[i] ?? 0;
    const remark = ++state.cued > maxCuedLines ? null : cueAfter(state.labels, row.slice(s.end));
    const cleared = remark?.cue.role === 'other';
    state.clues.push({
      ip: s.ip,
      weight: cleared
        ? weights.other
        : columnWeight(table.columns[column] ?? null, hasSource || (hasIp && !isIpName(table.names[column] ?? ''))),
      because: cleared ? `"${remark?.words ?? ''}" behind it` : `in the column "${table.names[column] ?? ''}"`,
      unit,
      line,
      list: list - column,
      port: s.port,
      clears: cleared,
      table,
    });
  });
}

/** A column of addresses by its very name; beside one, a host or URL column only repeats or adds. */
function isIpName(name: string): boolean {
  return /(?:^|[^a-z])ip(?:v[46])?(?:[^a-z]|$)|addr/i.test(name);
}

function columnWeight(cue: Cue | null, hasBetter: boolean): number {
  if (cue === null) return -1;
  if (cue.role === 'source') return weights.column;
  if (cue.role === 'address') return hasBetter ? 0 : weights.nearLabel;
  return -weights.column;
}

type LineOf = {
  readonly unit: Unit;
  readonly line: number;
  readonly isBoilerplate: boolean;
  readonly found: readonly Sighting[];
  readonly previous: Previous | null;
};

function addLine({ unit, line, isBoilerplate, found, previous }: LineOf, state: State): Previous | null {
  const text = unit.lines[line] ?? '';
  const isCheap = ++state.cued > maxCuedLines;
  const isHeader = unit.place === 'headers' || mailCheck.test(text);
  let last = previous;
  found.forEach((s, i) => {
    const verdict: Verdict = isCheap
      ? { weight: weights.bare, because: 'stands in the text' }
      : lineVerdict(
          { unit, line, text, s, before: found[i - 1], after: found[i + 1], count: found.length, last },
          state.labels,
        );
    const clue: Clue = {
      ip: s.ip,
      weight: isBoilerplate
        ? Math.min(verdict.weight, -1)
        : Math.min(verdict.weight, isHeader ? weights.header : Infinity),
      because: isBoilerplate && verdict.weight > -1 ? 'stands in the signature' : verdict.because,
      unit,
      line,
      list:
        verdict.sameList === true && last !== null
          ? last.clue.list
          : (fieldList(unit, line, s, state) ?? ++state.lists),
      port: s.port,
      clears: verdict.clears === true,
      table: null,
    };
    state.clues.push(clue);
    last = { line, clue, start: s.start, count: found.length };
  });
  return last;
}

/** "IP Address: …" again and again, each under the same kind of line: records of one report, whose addresses share their role. */
function fieldList(unit: Unit, line: number, s: Sighting, state: State): number | null {
  const label = labelBefore((unit.lines[line] ?? '').slice(0, s.start));
  if (label === null) return null;
  const above = (unit.lines[line - 1] ?? '').slice(0, 60).split(':', 1)[0] ?? '';
  const key = `${unit.place} ${label} ${label.startsWith('#') ? '' : above.replace(/\d+/g, '#')}`;
  const known = state.fields.get(key);
  if (known === undefined) state.fields.set(key, state.lists + 1);
  return known ?? null;
}

/** The label in front, "#" for an item's number: "1) IP: " is "#IP". */
function labelBefore(text: string): string | null {
  const m = /^\s{0,12}(\d{1,4}[).:]\s{1,4})?(\p{L}[\p{L}\p{N} ._'-]{0,38}?)\s{0,12}[:=]\s{1,12}["[]?$/u.exec(text);
  return m === null ? null : `${m[1] === undefined ? '' : '#'}${m[2] ?? ''}`;
}
