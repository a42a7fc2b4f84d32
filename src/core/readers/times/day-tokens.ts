import type { TimeWords } from './time-words.ts';
import type { DayToken, RelativeToken } from './tokens.ts';

/** A run of letters, apostrophes and hyphens, in lower case, and where it begins. */
export type Run = { readonly word: string; readonly index: number };

/** The words of a line, as days and months are looked up among them. */
export function wordRuns(lower: string): Run[] {
  const pattern = /[^\x00-\x7f]/.test(lower) ? /[\p{L}\p{M}'’ʼ-]{1,60}/gu : /[a-z'-]{1,60}/g;
  const runs: Run[] = [];
  for (const m of lower.matchAll(pattern)) runs.push({ word: m[0], index: m.index });
  return runs;
}

/** Each form is looked for only where its signs stand: most lines with digits have no day. */
export function* numericDays(text: string): Generator<DayToken> {
  if (/\d[-/.]\d/.test(text)) yield* wholeDays(text);
  if (/20\d{6}/.test(text)) yield* compactDays(text);
  if (/\d\.\s?\d{1,2}\.|[(\s]\d{1,2}\//.test(text)) yield* shortDays(text);
  if (/[月월]/.test(text)) yield* easternDays(text);
}

function* wholeDays(text: string): Generator<DayToken> {
  for (const m of text.matchAll(
    /(?<![\d.-]|\d:)(20\d\d|19\d\d)(-\d{1,2}-|\/\d{1,2}\/|\.\d{1,2}\.)(\d{1,2})(?!\d)|(?<![\d./-])(\d{1,2})(-\d{1,2}-|\/\d{1,2}\/|\.\d{1,2}\.)(20\d\d|\d\d)(?![\d/]|-(?!\d\d:\d\d)|\.\d)/g,
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
}

function* compactDays(text: string): Generator<DayToken> {
  for (const m of text.matchAll(/(?<![\d.:])(20\d\d)(\d\d)(\d\d)(?=T\d{4,6}|\s\d\d:\d\d)/g)) {
    const [month, day] = [Number(m[2]), Number(m[3])];
    if (isDay(month, day))
      yield { kind: 'day', start: m.index, end: m.index + 8, year: Number(m[1]), month, day, swap: false };
  }
}

/** Short forms without a year: "16.11." and "29/09", the latter only beside a word or bracket. */
function* shortDays(text: string): Generator<DayToken> {
  for (const m of text.matchAll(
    /(?<![\d./:-])(\d{1,2})\.\s?(\d{1,2})\.(?!\d)|(?<=[(\s])(\d{1,2})\/(\d{1,2})(?=[)\s,]|$)/g,
  )) {
    const [a, b] = [Number(m[1] ?? m[3]), Number(m[2] ?? m[4])];
    const span = { kind: 'day' as const, start: m.index, end: m.index + m[0].length, year: null };
    if (isDay(b, a)) yield { ...span, month: b, day: a, swap: m[3] !== undefined && isDay(a, b) && a !== b };
    else if (m[3] !== undefined && isDay(a, b)) yield { ...span, month: a, day: b, swap: false };
  }
}

function* easternDays(text: string): Generator<DayToken> {
  for (const m of text.matchAll(/(?:(20\d\d)\s?[年년]\s?)?(?<!\d)(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日號号일]?/g)) {
    const [month, day] = [Number(m[2]), Number(m[3])];
    const year = m[1] === undefined ? null : Number(m[1]);
    if (isDay(month, day))
      yield { kind: 'day', start: m.index, end: m.index + m[0].length, year, month, day, swap: false };
  }
}

/** Days whose month is a word: "12 September", "Oct 1 … 2026", "27 października 2026 r.", "2026. október 4.", "02/Oct/2026". */
export function* namedDays(text: string, runs: readonly Run[], words: TimeWords): Generator<DayToken> {
  for (const m of monthNames(runs, words)) {
    const { name, month } = m;
    const left =
      /(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.|-?го|-?е|-?ro|e|:n)?(?:\s{1,3}(?:of|de|del|di|den|τις|tháng)\s|[\s/-]{1,3}|\s?\p{L}{0,1}-)$/iu.exec(
        text.slice(Math.max(0, m.index - 14), m.index),
      );
    const end = m.index + name.length;
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

type MonthName = { readonly name: string; readonly month: number; readonly index: number };

/** Names of months among the words, those within hyphens too ("12-Sep-2026"). */
function* monthNames(runs: readonly Run[], words: TimeWords): Generator<MonthName> {
  for (const { word, index } of runs) {
    const whole = word.includes('-') || word.includes('ʼ') ? undefined : monthOf(word, words);
    if (whole !== undefined) yield { name: word, month: whole, index };
    if (whole !== undefined || !/^['’]|[-ʼ]/.test(word)) continue;
    for (const m of word.matchAll(/\p{L}[\p{L}\p{M}'’]{1,14}/gu)) {
      const month = monthOf(m[0], words);
      if (month !== undefined) yield { name: m[0], month, index: index + m.index };
    }
  }
}

function monthOf(name: string, words: TimeWords): number | undefined {
  if (name.length > 15) return undefined;
  const month = words.months.get(name);
  if (month !== undefined) return month;
  if (/^d['’]/.test(name)) return words.months.get(name.slice(2));
  return name.endsWith('kuun') || name.endsWith('kuussa') ? finnish(words, name) : undefined;
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

/** Words that count from the day of writing: "yesterday", "last night", the days of the week. */
export function* relatives(lower: string, runs: readonly Run[], words: TimeWords): Generator<RelativeToken> {
  for (const { word, index } of runs) {
    const phrase = words.relativeBy.get(word)?.find((p) => standsAt(lower, p, index));
    if (phrase !== undefined) {
      const days = words.relativeDays.get(phrase) ?? 0;
      yield { kind: 'relative', start: index, end: index + phrase.length, days, weekday: null };
    }
    const weekday = words.weekdays.get(word);
    if (weekday !== undefined) yield { kind: 'relative', start: index, end: index + word.length, days: null, weekday };
  }
  if (!/[\u0e00-\u0e7f\u3040-\u9fff\uac00-\ud7af]/.test(lower)) return;
  for (const m of lower.matchAll(words.unspacedRelative)) {
    const days = words.relativeDays.get(m[0]) ?? 0;
    yield { kind: 'relative', start: m.index, end: m.index + m[0].length, days, weekday: null };
  }
}

function standsAt(lower: string, phrase: string, index: number): boolean {
  return (
    lower.startsWith(phrase, index) && !/^\p{L}/u.test(lower.slice(index + phrase.length, index + phrase.length + 2))
  );
}

function isDay(month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

function fullYear(text: string): number {
  const year = Number(text);
  return text.length === 4 ? year : 2000 + year;
}
