import type { TimeWords, Zone } from './time-words.ts';
import { clocks } from './clock-tokens.ts';
import { namedDays, numericDays, relatives, wordRuns } from './day-tokens.ts';

/** A calendar day in a line; year null where it is not written; `swap` where day and month could be exchanged. */
export type DayToken = {
  readonly kind: 'day';
  readonly start: number;
  readonly end: number;
  readonly year: number | null;
  readonly month: number;
  readonly day: number;
  readonly swap: boolean;
};

/** "today", "last night", "on Sunday": a day that counts from when the text was written. */
export type RelativeToken = {
  readonly kind: 'relative';
  readonly start: number;
  readonly end: number;
  readonly days: number | 'night' | null;
  readonly weekday: number | null;
};

export type ClockToken = {
  readonly kind: 'clock';
  readonly start: number;
  readonly end: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly zone: Zone | null;
  /** Only an hour was written: too coarse beside any full time. */
  readonly isVague: boolean;
  readonly hasSeconds: boolean;
};

/** A count of seconds since 1970, already an instant (ms UTC). */
export type EpochToken = { readonly kind: 'epoch'; readonly start: number; readonly end: number; readonly at: number };

export type TimeToken = DayToken | RelativeToken | ClockToken | EpochToken;

/** All parts of dates and times in one plain line, in order, not overlapping. */
export function timeTokens(line: string, words: TimeWords): TimeToken[] {
  const tokens: TimeToken[] = [];
  if (!/[\d〇零一二三四五六七八九十]/.test(line) || line.length > 4000) return tokens;
  const text = withoutAddresses(kanjiToDigits(line));
  const taken = (start: number, end: number) => tokens.some((t) => start < t.end && t.start < end);
  const add = (token: TimeToken | null) => {
    if (token !== null && !taken(token.start, token.end)) tokens.push(token);
  };
  if (/\d{10}/.test(text)) {
    for (const m of text.matchAll(/(?<![\d.])\d{10}(?:\d{3})?(?![\d])/g)) add(epochOf(text, m));
  }
  const lower = text.toLowerCase();
  const runs = wordRuns(lower);
  for (const day of numericDays(text)) add(day);
  for (const day of namedDays(text, runs, words)) add(day);
  for (const clock of clocks(text, words, tokens)) add(clock);
  for (const relative of relatives(lower, runs, words)) add(relative);
  return tokens.sort((a, b) => a.start - b.start);
}

function epochOf(text: string, m: RegExpExecArray): EpochToken | null {
  const value = Number(m[0]) * (m[0].length === 13 ? 1 : 1000);
  if (value < 1.2e12 || value > 2.6e12) return null;
  const before = text.slice(Math.max(0, m.index - 30), m.index).toLowerCase();
  const after = text.slice(m.index + m[0].length, m.index + m[0].length + 12).toLowerCase();
  const labelled =
    /(?:time|stamp|epoch|\bts|_ts|date|seen|unix|start|begin|first|audit\()["']?\s{0,3}[=:]?\s{0,3}["']?@?$/.test(
      before,
    ) || /^\s?\(?(?:epoch|unix)/.test(after);
  if (!labelled && !/^\s*[[(]?$/.test(before) && m[0].length !== 13) return null;
  return { kind: 'epoch', start: m.index, end: m.index + m[0].length, at: value };
}

/** IPv6 groups look like clock times. */
function withoutAddresses(text: string): string {
  if (!/::|(?:[\da-f]{1,4}:){5}/i.test(text)) return text;
  return text.replace(/(?<![\w:])[\da-f:]{3,45}(?![\w])/gi, (run) =>
    run.includes('::') || run.split(':').length > 6 ? '_'.repeat(run.length) : run,
  );
}

/** "十一月三日" as "11月3日": numbers before date and clock signs, same length kept by padding behind. */
function kanjiToDigits(line: string): string {
  if (!/[〇零一二三四五六七八九十]/.test(line)) return line;
  return line.replace(/[〇零一二三四五六七八九十]{1,4}(?=[年月日時时点點分])/g, (run) => {
    const ten = run.indexOf('十');
    const digit = (char: string | undefined) =>
      Math.max(0, '〇一二三四五六七八九'.indexOf(char === '零' ? '〇' : (char ?? '〇')));
    const value =
      ten < 0
        ? Number(run.split('').map(digit).join(''))
        : (ten === 0 ? 1 : digit(run[ten - 1])) * 10 + (ten === run.length - 1 ? 0 : digit(run[ten + 1]));
    return String(value)
      .padStart(run.length, '0')
      .slice(-Math.max(run.length, String(value).length));
  });
}
