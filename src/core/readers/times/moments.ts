import type { Mail } from '../../mail.ts';
import type { Unit } from '../material.ts';
import { cellsOf } from '../table.ts';
import { instantOf, localMs, plainDay, resolveDay } from './calendar.ts';
import type { Day, DayOrder } from './calendar.ts';
import type { TimeWords, Zone } from './time-words.ts';
import { timeTokens } from './tokens.ts';
import type { ClockToken, TimeToken } from './tokens.ts';
import { zoneOfLine } from './zones.ts';

/** A point in time that the mail gives: an instant where a zone is known, else clock and day as they stand. */
export type Moment = {
  readonly unit: Unit;
  readonly line: number;
  /** ms UTC, null without a zone. */
  readonly at: number | null;
  /** The clock's own reading as ms, as if it were UTC. */
  readonly local: number;
  readonly text: string;
  /** The words around it say that it is not when the thing happened. */
  readonly weak: boolean;
  /** It stands with the address, or in a line that a machine wrote. */
  readonly isLog: boolean;
  readonly hasSeconds: boolean;
};

const maxTimedLines = 2000;

/** Every complete point in time in the units, in reading order; zones stated anywhere in the mail are applied. */
export function momentsIn(units: readonly Unit[], mail: Mail, words: TimeWords): readonly Moment[] {
  const read = units
    .filter((u) => u.place !== 'hidden' && u.place !== 'headers' && !u.isOurLetter)
    .map((unit) => readUnit(unit, mail, words));
  const order = dayOrder(read);
  const stated = read.map((r) => r.zone ?? soleZone(r));
  const anywhere = stated.find((z) => z !== null) ?? null;
  return read.flatMap((r, i) => complete(r, { mail, order, zone: stated[i] ?? anywhere, words }));
}

type ReadUnit = {
  readonly unit: Unit;
  readonly base: Day | null;
  /** The day and zone of a forward's own head: its clock is used only where nothing else is. */
  readonly zone: Zone | null;
  readonly lines: readonly { readonly line: number; readonly text: string; readonly tokens: readonly TimeToken[] }[];
};

function readUnit(unit: Unit, mail: Mail, words: TimeWords): ReadUnit {
  const lines: { line: number; text: string; tokens: TimeToken[] }[] = [];
  let zone: Zone | null = null;
  const parts = isCsv(unit) ? timeCells(unit.lines) : paragraphs(unit.lines);
  for (const { line, text } of parts) {
    if (lines.length >= maxTimedLines) break;
    if (registryDate.test(text)) continue;
    const tokens = timeTokens(text, words);
    if (tokens.length > 0) lines.push({ line, text, tokens });
    if (zone === null && line < 2000 && !tokens.some((t) => t.kind === 'clock' && t.zone !== null))
      zone = zoneOfLine(text, words);
  }
  return { unit, base: baseOf(unit, mail, words), zone, lines };
}

function isCsv(unit: Unit): boolean {
  return unit.place === 'file' && (unit.contentType.includes('csv') || /\.csv\b/i.test(unit.filename ?? ''));
}

/** Of a table only the cells under a name that says time or date: others hold build dates, certificates, uptimes. */
function* timeCells(lines: readonly string[]): Generator<{ readonly line: number; readonly text: string }> {
  const header = lines[0] ?? '';
  const separator = ([',', ';', '\t', '|'] as const).find((s) => cellsOf(header, s).length >= 3) ?? ',';
  const named = cellsOf(header, separator).map(
    (c) =>
      /time|date|seen|stamp|\bts\b|_ts\b|\bts_|first|start|zeit|datum|fecha|hora|heure|data|horário|czas|дата|время|日時|時間/i.test(
        c.text,
      ) && !/reg|expire|valid|update|cert|build|sys|boot/i.test(c.text),
  );
  const zone = /\b(?:UTC|GMT)\b/.exec(header)?.[0] ?? '';
  for (let i = 1; i < lines.length; i++) {
    const cells = cellsOf(lines[i] ?? '', separator);
    const text = cells
      .filter((_, at) => named[at] === true)
      .map((c) => c.text)
      .join(' ');
    yield { line: i, text: named.includes(true) ? `${text} ${zone}`.trim() : (lines[i] ?? '') };
  }
}

/** Wrapped prose as one line: dates and zones are torn apart at line ends. Logs, tables and fields stay as they are. */
function* paragraphs(lines: readonly string[]): Generator<{ readonly line: number; readonly text: string }> {
  for (let i = 0; i < lines.length;) {
    let text = lines[i] ?? '';
    let next = i + 1;
    while (next < lines.length && next < i + 30 && isWrapped(lines[next - 1] ?? '') && continues(lines[next] ?? '')) {
      text += ` ${lines[next] ?? ''}`;
      next++;
    }
    yield { line: i, text };
    i = next;
  }
}

function isWrapped(line: string): boolean {
  return line.length >= 40 && line.length < 200 && !/[:：]\s*$|\t|\S {2,}\S/.test(line) && !isLogStart(line);
}

function continues(line: string): boolean {
  return (
    /^[\p{L}\p{N}("'«„“‘（[]/u.test(line) &&
    !isLogStart(line) &&
    !/^[\p{L} -]{1,24}[:：]\s/u.test(line) &&
    !/\t|\S {2,}\S/.test(line)
  );
}

/** A stamp, an address or a bracket with digits at the start: a line of its own. */
function isLogStart(line: string): boolean {
  return /^.{0,45}\d{1,2}:\d{2}:\d{2}/.test(line) || /^[[(]?\d{10}/.test(line);
}

/** The day that "today" means in a unit: of the forward's head, the attached mail, or the mail itself; in the writer's own zone. */
function baseOf(unit: Unit, mail: Mail, words: TimeWords): Day | null {
  if (unit.head !== null) {
    const day = timeTokens(unit.head, words).find((t) => t.kind === 'day');
    if (day !== undefined) return plainDay(day, yearOf(mail));
  }
  const date = unit.written ?? mail.date;
  return date === null ? null : instantDay(date);
}

function instantDay(date: NonNullable<Mail['date']>): Day {
  const days = Math.floor((date.at + date.offsetMinutes * 60_000) / 86_400_000);
  return { days };
}

function yearOf(mail: Mail): number {
  return mail.date === null ? 1970 : 1970 + Math.floor((mail.date.at / 86_400_000 + 0.5) / 365.2425);
}

/** Which way round numeric days stand in this mail, where one of them can only be read one way. */
function dayOrder(read: readonly ReadUnit[]): DayOrder {
  const named = new Set<string>();
  for (const { lines } of read) {
    for (const { tokens } of lines)
      for (const t of tokens) if (t.kind === 'day' && !t.swap) named.add(`${t.month}-${t.day}`);
  }
  return { certain: named };
}

function soleZone(read: ReadUnit): Zone | null {
  const zones = new Set(
    read.lines.flatMap((l) => l.tokens.flatMap((t) => (t.kind === 'clock' && t.zone !== null ? [t.zone] : []))),
  );
  return zones.size === 1 ? ([...zones][0] ?? null) : null;
}

type Context = { readonly mail: Mail; readonly order: DayOrder; readonly zone: Zone | null; readonly words: TimeWords };

function complete(read: ReadUnit, context: Context): Moment[] {
  const moments: Moment[] = [];
  let carried: Carried | null = null;
  read.lines.forEach(({ line, text, tokens }, index) => {
    const next = read.lines[index + 1];
    const following =
      next !== undefined && next.line - line <= 2 ? next.tokens.find((t) => t.kind === 'day') : undefined;
    const below = carried === null && following === undefined ? dayBelow(read, index) : undefined;
    const lineZone = tokens.find((t): t is ClockToken => t.kind === 'clock' && t.zone !== null)?.zone ?? null;
    for (const token of tokens) {
      const base = { unit: read.unit, line, weak: isWeak(text, token.start, context.words), isLog: isLogLike(text) };
      if (token.kind === 'epoch')
        moments.push({
          ...base,
          hasSeconds: true,
          at: token.at,
          local: token.at,
          text: text.slice(token.start, token.end),
        });
      if (token.kind !== 'clock') continue;
      const own = nearestDay(tokens, token, text);
      const dayToken = own ?? recent(carried, line) ?? following ?? below ?? null;
      const day = dayOf(dayToken, token, { read, context, zone: token.zone ?? lineZone ?? context.zone });
      if (day === null) continue;
      const zone = token.zone ?? lineZone ?? context.zone;
      const [start, end] =
        own === null ? [token.start, token.end] : [Math.min(own.start, token.start), Math.max(own.end, token.end)];
      moments.push({
        ...base,
        hasSeconds: token.hasSeconds,
        weak: base.weak || token.isVague || dayToken === null,
        at: zone === null ? null : instantOf(day, token, zone),
        local: localMs(day, token),
        text: text.slice(start, end).trim(),
      });
    }
    const last = tokens.findLast((t) => t.kind === 'day') ?? tokens.findLast((t) => t.kind === 'relative');
    if (last !== undefined) carried = { token: last, line };
  });
  return moments;
}

/** "day 2026-10-07, clock UTC" below lines that have clock times only. */
function dayBelow(read: ReadUnit, index: number): TimeToken | undefined {
  const line = read.lines[index]?.line ?? 0;
  const near = read.lines.slice(index + 1, index + 12).filter((next) => next.line - line <= 14);
  const isBlock = near.length > 0 && near.slice(0, -1).every((next) => next.line - line <= 12);
  return isBlock ? near.flatMap((next) => next.tokens).find((t) => t.kind === 'day') : undefined;
}

type Carried = { readonly token: TimeToken; readonly line: number };

function dayOf(
  token: TimeToken | null,
  clock: ClockToken,
  of: { read: ReadUnit; context: Context; zone: Zone | null },
): Day | null {
  if (token === null) return fallbackDay(of.read, clock, of);
  const { order, mail } = of.context;
  return resolveDay(token, { base: of.read.base, hour: clock.hour, order, written: mail.date });
}

/** The day of a clock time in its line: the one right before it, right behind it, or else the nearest. */
function nearestDay(tokens: readonly TimeToken[], clock: ClockToken, text: string): TimeToken | null {
  let best: { token: TimeToken; cost: number } | null = null;
  for (const token of tokens) {
    if (token.kind !== 'day' && token.kind !== 'relative') continue;
    const gap = token.end <= clock.start ? clock.start - token.end : token.start - clock.end + 4;
    if (token.kind === 'relative' && gap > 90) continue;
    // "from 21:30 on 5 October to 01:45 on 6 October"
    const isOther = token.end <= clock.start && conjunction.test(text.slice(token.end, clock.start)) ? 12 : 0;
    const cost = gap + isOther + (token.kind === 'relative' ? (token.weekday === null ? 30 : 60) : 0);
    if (best === null || cost < best.cost) best = { token, cost };
  }
  return best?.token ?? null;
}

const conjunction =
  /^[\s,(]{0,3}(?:and|to|until|till|und|bis|et|jusqu'à|y|hasta|e|até|a|fino|en|tot|och|og|do|a|i|и|до|–|—|-)\s/iu;

function recent(carried: Carried | null, line: number): TimeToken | null {
  return carried !== null && line - carried.line <= 12 ? carried.token : null;
}

/**
 * A clock time without any day belongs to the day of the forward or attached mail that it stands in; in the sender's own text
 * it is the last time that clock stood so before the mail was written.
 */
function fallbackDay(read: ReadUnit, clock: ClockToken, of: { context: Context; zone: Zone | null }): Day | null {
  const { unit, base } = read;
  const { mail } = of.context;
  if (unit.depth > 0) return unit.head !== null || unit.written !== null ? base : null;
  if (base === null || mail.date === null || unit.place === 'subject') return null;
  const zone = of.zone ?? mail.date.offsetMinutes;
  return instantOf(base, clock, zone) <= mail.date.at ? base : { days: base.days - 1 };
}

/** The fields of a network registry's answer, pasted into a report: when somebody changed an entry there. */
const registryDate = /^[>%#\s]{0,6}(?:created|changed|last-modified|regdate|updated)\s?:\s/i;

function isWeak(line: string, start: number, words: TimeWords): boolean {
  const before = line.slice(Math.max(0, start - 50), start).toLowerCase();
  return words.notEvent.some((word) => {
    const at = before.lastIndexOf(word);
    return at >= 0 && !/[\p{L}]/u.test(before[at - 1] ?? ' ') && !/^\p{L}/u.test(before.slice(at + word.length));
  });
}

function isLogLike(line: string): boolean {
  return /\d{1,2}:\d{2}:\d{2}|[=[{"|]/.test(line);
}
