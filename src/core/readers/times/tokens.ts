import type { TimeWords, Zone } from './time-words.ts';
import { zoneAfter, zoneBefore } from './zones.ts';

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
  if (!/[\d〇一二三四五六七八九十]/.test(line) || line.length > 4000) return tokens;
  const text = withoutAddresses(kanjiToDigits(line));
  const taken = (start: number, end: number) => tokens.some((t) => start < t.end && t.start < end);
  const add = (token: TimeToken | null) => {
    if (token !== null && !taken(token.start, token.end)) tokens.push(token);
  };
  for (const m of text.matchAll(/(?<![\d.])\d{10}(?:\d{3})?(?![\d])/g)) add(epochOf(text, m));
  for (const day of numericDays(text)) add(day);
  for (const day of namedDays(text, words)) add(day);
  for (const clock of clocks(text, words, tokens)) add(clock);
  for (const relative of relatives(text, words)) add(relative);
  return tokens.sort((a, b) => a.start - b.start);
}

function epochOf(text: string, m: RegExpExecArray): EpochToken | null {
  const value = Number(m[0]) * (m[0].length === 13 ? 1 : 1000);
  if (value < 1.2e12 || value > 2.6e12) return null;
  const before = text.slice(Math.max(0, m.index - 30), m.index).toLowerCase();
  const after = text.slice(m.index + m[0].length, m.index + m[0].length + 12).toLowerCase();
  const labelled =
    /(?:time|stamp|epoch|\bts|_ts|date|seen|unix|start|begin|first)["']?\s{0,3}[=:]?\s{0,3}["']?@?$/.test(before) ||
    /^\s?\(?(?:epoch|unix)/.test(after);
  if (!labelled && !/^\s*[[(]?$/.test(before) && m[0].length !== 13) return null;
  return { kind: 'epoch', start: m.index, end: m.index + m[0].length, at: value };
}

function* numericDays(text: string): Generator<DayToken> {
  for (const m of text.matchAll(
    /(?<![\d.-]|\d:)(20\d\d|19\d\d)(-\d{1,2}-|\/\d{1,2}\/|\.\d{1,2}\.)(\d{1,2})(?!\d)|(?<![\d./-])(\d{1,2})(-\d{1,2}-|\/\d{1,2}\/|\.\d{1,2}\.)(20\d\d|\d\d)(?![\d/-]|\.\d)/g,
  )) {
    const span = { kind: 'day' as const, start: m.index, end: m.index + m[0].length };
    if (m[1] !== undefined) {
      const [month, day] = [Number(m[2]?.slice(1, -1)), Number(m[3])];
      if (isDay(month, day)) yield { ...span, year: Number(m[1]), month, day, swap: false };
      continue;
    }
    const [a, b, year] = [Number(m[4]), Number(m[5]?.slice(1, -1)), fullYear(m[6] ?? '')];
    const dotted = m[5]?.startsWith('.') === true;
    if (isDay(b, a)) yield { ...span, year, month: b, day: a, swap: !dotted && isDay(a, b) && a !== b };
    else if (!dotted && isDay(a, b)) yield { ...span, year, month: a, day: b, swap: false };
  }
  for (const m of text.matchAll(/(?<![\d.:])(20\d\d)(\d\d)(\d\d)(?=T\d{4,6}|\s\d\d:\d\d)/g)) {
    const [month, day] = [Number(m[2]), Number(m[3])];
    if (isDay(month, day))
      yield { kind: 'day', start: m.index, end: m.index + 8, year: Number(m[1]), month, day, swap: false };
  }
  // Short forms without a year: "16.11." and "29/09", the latter only beside a word or bracket.
  for (const m of text.matchAll(
    /(?<![\d./:-])(\d{1,2})\.\s?(\d{1,2})\.(?!\d)|(?<=[(\s])(\d{1,2})\/(\d{1,2})(?=[)\s,]|$)/g,
  )) {
    const [a, b] = [Number(m[1] ?? m[3]), Number(m[2] ?? m[4])];
    const span = { kind: 'day' as const, start: m.index, end: m.index + m[0].length, year: null };
    if (isDay(b, a)) yield { ...span, month: b, day: a, swap: m[3] !== undefined && isDay(a, b) && a !== b };
    else if (m[3] !== undefined && isDay(a, b)) yield { ...span, month: a, day: b, swap: false };
  }
  for (const m of text.matchAll(/(?:(20\d\d)\s?[年년]\s?)?(?<!\d)(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日號号일]?/g)) {
    const [month, day] = [Number(m[2]), Number(m[3])];
    const year = m[1] === undefined ? null : Number(m[1]);
    if (isDay(month, day))
      yield { kind: 'day', start: m.index, end: m.index + m[0].length, year, month, day, swap: false };
  }
}

/** Days whose month is a word: "12 September", "Oct 1 … 2026", "27 października 2026 r.", "2026. október 4.", "02/Oct/2026". */
function* namedDays(text: string, words: TimeWords): Generator<DayToken> {
  for (const m of text.matchAll(/\p{L}[\p{L}\p{M}'’]{1,14}/gu)) {
    const name = m[0].toLowerCase();
    const month = words.months.get(name) ?? words.months.get(name.replace(/^d['’]/, '')) ?? finnish(words, name);
    if (month === undefined) continue;
    const left =
      /(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.|-?го|-?е|-?ro|e|:n)?(?:\s{1,3}(?:of|de|del|di|den|τις|tháng)\s|[\s/-]{1,3}|\s?\p{L}{0,1}-)$/iu.exec(
        text.slice(Math.max(0, m.index - 14), m.index),
      );
    const end = m.index + m[0].length;
    const right = /^[.,]?[\s/-]{1,3}(?:(?:the|de|del|di)\s)?(\d{1,4})(?:st|nd|rd|th|\.)?(?![\d.]\d|:?\d)/.exec(
      text.slice(end, end + 16),
    );
    const rightDay = /^\.?[\s/-]{1,3}(?:the\s)?(\d{1,2})(?:st|nd|rd|th)?(?![\d/]|[:.]\d)/.exec(
      text.slice(end, end + 14),
    );
    const doubtful = words.doubtfulMonths.has(name);
    const day = Number(left?.[1] ?? 0);
    if (left !== null && isDay(month, day)) {
      const year =
        right !== null && /^\d{4}$/.test(right[1] ?? '')
          ? Number(right[1])
          : right !== null && /[-/]/.test(right[0]) && /^\d\d$/.test(right[1] ?? '')
            ? fullYear(right[1] ?? '')
            : null;
      if (doubtful && year === null && !/\d:\d\d/.test(text)) continue;
      const start = m.index - left[0].length;
      const before = /(20\d\d)[-/.]\s?$/.exec(text.slice(Math.max(0, start - 6), start));
      yield {
        kind: 'day',
        start,
        end: year === null ? end : end + (right?.[0].length ?? 0),
        year: year ?? (before === null ? null : Number(before[1])),
        month,
        day,
        swap: false,
      };
    } else if (rightDay !== null && isDay(month, Number(rightDay[1]))) {
      yield* monthFirst(text, m.index, end + rightDay[0].length, { month, day: Number(rightDay[1]), doubtful });
    }
  }
}

function* monthFirst(
  text: string,
  start: number,
  end: number,
  of: { month: number; day: number; doubtful: boolean },
): Generator<DayToken> {
  const rest = text.slice(end, end + 40);
  // asctime puts the year behind the clock: "Oct  1 05:12:33 2026", with or without a zone between.
  const year =
    /^,?\.?\s{1,3}(20\d\d)(?!\d)|^\/(20\d\d)/.exec(rest) ??
    /^,?\s\d{1,2}:\d\d:\d\d(?:\.\d+)?\s(?:[A-Z]{3,4}\s)?(20\d\d)(?!\d)/.exec(rest);
  const before = /(20\d\d)[\s./-]{1,3}$/.exec(text.slice(Math.max(0, start - 8), start));
  if (of.doubtful && year === null && before === null && !/\d:\d\d/.test(text)) return;
  const isBeside = year !== null && !/:/.test(year[0]);
  const value = year?.[1] ?? year?.[2] ?? before?.[1];
  yield {
    kind: 'day',
    start,
    end: isBeside ? end + (year?.[0].length ?? 0) : end,
    year: value === undefined ? null : Number(value),
    month: of.month,
    day: of.day,
    swap: false,
  };
}

/** Finnish and other endings on a month: "lokakuuta", "lokakuun". */
function finnish(words: TimeWords, name: string): number | undefined {
  return /kuu(?:n|ssa)$/.test(name) ? words.months.get(name.replace(/kuu(?:n|ssa)$/, 'kuu')) : undefined;
}

function* clocks(text: string, words: TimeWords, days: readonly TimeToken[]): Generator<ClockToken> {
  const free = (m: RegExpExecArray) => !days.some((d) => m.index < d.end && d.start < m.index + m[0].length);
  for (const m of text.matchAll(
    /(?<![\d.]|[A-SU-Za-z:]|\d:)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?![\d:]|[A-Fa-f][\dA-Fa-f:])|(?<=\/\d{4}:)(\d{2}):(\d{2}):(\d{2})(?!\d)/g,
  )) {
    const bare = m[4] === undefined ? m : Object.assign([m[0], m[4], m[5], m[6]], { index: m.index });
    if (free(m)) yield* clock(text, bare, words);
  }
  for (const m of text.matchAll(/(?<=T)(\d{2})(\d{2})(\d{2})(?=Z|[+-]\d{4}|\b)/g)) yield* clock(text, m, words);
  // 17h42, 6 h 10, 17h
  for (const m of text.matchAll(
    /(?<![\d.:])(\d{1,2})\s?h(?:\s?(\d{2})(?:\s?(?:min|m)?\s?(\d{2})\s?s)?)?(?![\p{L}\d])/gu,
  ))
    yield* clock(text, m, words);
  for (const m of text.matchAll(
    /(?<!\d)(\d{1,2})\s?[時时点點시]\s?(?:(\d{1,2})\s?[分분]\s?(?:(\d{1,2})\s?[秒초])?|(半))?/g,
  )) {
    yield* clock(text, m, words);
  }
  for (const m of text.matchAll(
    /(?<![\d.:])(\d{1,2})(?:[.:](\d{2}))?(?:[.:](\d{2}))?(?=\s?(?:[ap]\.?\s?m\b|Uhr\b|hrs\b|o['’]clock))/giu,
  )) {
    if (free(m)) yield* clock(text, m, words);
  }
  // "23.15", "kl. 14", "ore 9": only behind a word that announces a clock time.
  for (const m of text.matchAll(/(?<![\d.:,-])(\d{1,2})(?:\.(\d{2})(?:\.(\d{2}))?)?(?![\d:/%-]|\.\d|,\d)/g)) {
    if (free(m) && announced(text, m, words)) yield* clock(text, m, words);
  }
  for (const m of text.matchAll(/(?<![\d.:])([01]\d|2[0-3])([0-5]\d)(?=Z\b|\s?(?:UTC|GMT|hrs|hours)\b)/g))
    yield* clock(text, m, words);
}

function announced(text: string, m: RegExpExecArray, words: TimeWords): boolean {
  const left = text.slice(Math.max(0, m.index - 24), m.index);
  if (!/\p{L}\.?\s{1,2}$/u.test(left)) return false;
  const two = left
    .trimEnd()
    .replace(/\.$/, '')
    .split(/[^\p{L}\p{M}'’]+/u)
    .slice(-2)
    .join(' ')
    .trim()
    .toLowerCase();
  const one = two.split(/\s/).at(-1) ?? '';
  const strong =
    /^(?:kl|klo|kello|klockan|klokken|klokka|godz|godziny|godzinie|ore|saat|saati|orei|uur|heures?|ώρα|uhrzeit|الساعة|ساعت|בשעה)$/.test(
      one,
    ) || /(?:godz|ore|ora de|la ora)$/.test(two);
  if (m[2] === undefined) return strong;
  return strong || words.clockWords.has(one) || words.clockWords.has(two);
}

type Found = { readonly index: number; readonly [group: number]: string | undefined };

function* clock(text: string, m: Found, words: TimeWords): Generator<ClockToken> {
  const [hour, minute, second] = [Number(m[1]), m[4] === '半' ? 30 : Number(m[2] ?? 0), Number(m[3] ?? 0)];
  if (hour > 24 || minute > 59 || second > 60) return;
  const end = m.index + (m[0] ?? '').length;
  const after = text.slice(end, end + 60);
  const half = halfOfDay(text.slice(Math.max(0, m.index - 14), m.index), after, words);
  const zone = zoneAfter(after, words) ?? zoneBefore(text.slice(Math.max(0, m.index - 24), m.index), words);
  const shifted = half === 'pm' && hour < 12 ? hour + 12 : half === 'am' && hour === 12 ? 0 : hour;
  yield {
    kind: 'clock',
    start: m.index,
    end: end + (zone?.end ?? 0),
    hour: shifted % 24,
    minute,
    second: Math.min(second, 59),
    zone: zone?.zone ?? null,
    isVague: m[2] === undefined && m[4] === undefined,
    hasSeconds: m[3] !== undefined,
  };
}

function halfOfDay(before: string, after: string, words: TimeWords): 'am' | 'pm' | null {
  const right = after.toLowerCase().replace(/^\s?(?:uhr|h\b|horas?|heures?|ore|час\w*|год\w*)?[\s,]{0,2}/, '');
  const left = before.toLowerCase().trimEnd();
  if (words.beforeNoonBefore.some((w) => left.endsWith(w))) return 'am';
  if (words.afterNoonBefore.some((w) => left.endsWith(w))) return 'pm';
  if (words.beforeNoon.some((w) => startsWithWord(right, w))) return 'am';
  return words.afterNoon.some((w) => startsWithWord(right, w)) ? 'pm' : null;
}

function startsWithWord(text: string, word: string): boolean {
  return text.startsWith(word) && !/^[\p{L}\d]/u.test(text.slice(word.length));
}

function* relatives(text: string, words: TimeWords): Generator<RelativeToken> {
  const lower = text.toLowerCase();
  for (const m of lower.matchAll(words.relativeDay)) {
    const days = words.relativeDays.get(m[0]) ?? 0;
    yield { kind: 'relative', start: m.index, end: m.index + m[0].length, days, weekday: null };
  }
  for (const m of lower.matchAll(/[\p{L}\p{M}'’ʼ-]{3,16}/gu)) {
    const weekday = words.weekdays.get(m[0]);
    if (weekday !== undefined)
      yield { kind: 'relative', start: m.index, end: m.index + m[0].length, days: null, weekday };
  }
}

/** IPv6 groups look like clock times. */
function withoutAddresses(text: string): string {
  if (!/::|(?:[\da-f]{1,4}:){5}/i.test(text)) return text;
  return text.replace(/(?<![\w:])[\da-f:]{3,45}(?![\w])/gi, (run) =>
    run.includes('::') || run.split(':').length > 6 ? '_'.repeat(run.length) : run,
  );
}

function isDay(month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

function fullYear(text: string): number {
  const year = Number(text);
  return text.length === 4 ? year : 2000 + year;
}

/** "十一月三日" as "11月3日": numbers before date and clock signs, same length kept by padding behind. */
function kanjiToDigits(line: string): string {
  if (!/[〇一二三四五六七八九十]/.test(line)) return line;
  return line.replace(/[〇一二三四五六七八九十]{1,4}(?=[年月日時时点點分])/g, (run) => {
    const ten = run.indexOf('十');
    const digit = (char: string | undefined) => Math.max(0, '〇一二三四五六七八九'.indexOf(char ?? '〇'));
    const value =
      ten < 0
        ? Number(run.split('').map(digit).join(''))
        : (ten === 0 ? 1 : digit(run[ten - 1])) * 10 + (ten === run.length - 1 ? 0 : digit(run[ten + 1]));
    return String(value)
      .padStart(run.length, '0')
      .slice(-Math.max(run.length, String(value).length));
  });
}
