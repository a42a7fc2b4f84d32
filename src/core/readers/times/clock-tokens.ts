import type { TimeWords } from './time-words.ts';
import type { ClockToken, TimeToken } from './tokens.ts';
import { zoneAfter, zoneBefore } from './zones.ts';

/** Clock times of a line, none over a day already found there. Each form is looked for only where its signs stand. */
export function* clocks(text: string, words: TimeWords, days: readonly TimeToken[]): Generator<ClockToken> {
  const free = (m: RegExpExecArray) => !days.some((d) => m.index < d.end && d.start < m.index + m[0].length);
  if (/\d:\d/.test(text)) yield* colonClocks(text, words, free);
  if (/T\d{6}/.test(text)) yield* compactClocks(text, words);
  if (/\d\s?h/.test(text)) yield* hourClocks(text, words);
  if (/[時时点點시]/.test(text)) yield* easternClocks(text, words);
  if (/\d\s?(?:[ap]|uhr|hrs|o['’])/i.test(text)) yield* namedClocks(text, words, free);
  if (/\p{L}\.?\s{1,2}\d/u.test(text)) yield* announcedClocks(text, words, free);
  if (/\d{4}\s?(?:Z|UTC|GMT|h)/.test(text)) yield* zuluClocks(text, words);
}

type Free = (m: RegExpExecArray) => boolean;

function* colonClocks(text: string, words: TimeWords, free: Free): Generator<ClockToken> {
  for (const m of text.matchAll(
    /(?<![\d.]|[A-SU-Za-z:]|\d:)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?!\d|:[\dA-Fa-f:]|[A-Fa-f][\dA-Fa-f:])|(?<=\/\d{4}:)(\d{2}):(\d{2}):(\d{2})(?!\d)/g,
  )) {
    const bare = m[4] === undefined ? m : Object.assign([m[0], m[4], m[5], m[6]], { index: m.index });
    // "(-03:00)" is a zone
    const isOffset = /(?:^|[\s(,]|UTC|GMT)[+\-−]$/.test(text.slice(Math.max(0, m.index - 4), m.index));
    if (free(m) && !(isOffset && m[3] === undefined && m[4] === undefined)) yield* clock(text, bare, words);
  }
}

function* compactClocks(text: string, words: TimeWords): Generator<ClockToken> {
  for (const m of text.matchAll(/(?<=T)(\d{2})(\d{2})(\d{2})(?=Z|[+-]\d{4}|\b)/g)) yield* clock(text, m, words);
}

/** 17h42, 6 h 10, 17h. */
function* hourClocks(text: string, words: TimeWords): Generator<ClockToken> {
  for (const m of text.matchAll(
    /(?<![\d.:])(\d{1,2})\s?h(?:\s?(\d{2})(?:\s?(?:min|m)?\s?(\d{2})\s?s)?)?(?![\p{L}\d])/gu,
  ))
    yield* clock(text, m, words);
}

function* easternClocks(text: string, words: TimeWords): Generator<ClockToken> {
  for (const m of text.matchAll(
    /(?<!\d)(\d{1,2})\s?[時时点點시]\s?(?:(\d{1,2})\s?[分분]\s?(?:(\d{1,2})\s?[秒초])?|(半))?/g,
  )) {
    yield* clock(text, m, words);
  }
}

function* namedClocks(text: string, words: TimeWords, free: Free): Generator<ClockToken> {
  for (const m of text.matchAll(
    /(?<![\d.:])(\d{1,2})(?:[.:](\d{2}))?(?:[.:](\d{2}))?(?=\s?(?:[ap]\.?\s?m\b|Uhr\b|hrs\b|o['’]clock))/giu,
  )) {
    if (free(m)) yield* clock(text, m, words);
  }
}

/** "23.15", "kl. 14", "ore 9": only behind a word that announces a clock time. */
function* announcedClocks(text: string, words: TimeWords, free: Free): Generator<ClockToken> {
  for (const m of text.matchAll(/(?<![\d.:,-])(\d{1,2})(?:\.(\d{2})(?:\.(\d{2}))?)?(?![\d:/%-]|\.\d|,\d)/g)) {
    if (free(m) && announced(text, m, words)) yield* clock(text, m, words);
  }
}

function* zuluClocks(text: string, words: TimeWords): Generator<ClockToken> {
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
  const end = m.index + m[0].length;
  const after = text.slice(end, end + 40);
  // "at 3 in the morning", "à 5 heures du matin"
  // "about 3.50 euros"
  if (/^\s?(?:[€$£%]|eur|usd|gbp|chf|kr\b|zł|gb|mb|tb|mbit|gbit|mio|million|percent|prozent)/i.test(after))
    return false;
  if (m[2] === undefined) return strong || (Number(m[1]) <= 12 && halfOfDay('', after, words) !== null);
  // "this morning 7.05 (NZDT)"
  const hasZone = /^\s?\(?\p{L}/u.test(after) && zoneAfter(after, words) !== null;
  return strong || hasZone || words.clockWords.has(one) || words.clockWords.has(two);
}

type Found = { readonly index: number; readonly [group: number]: string | undefined };

function* clock(text: string, m: Found, words: TimeWords): Generator<ClockToken> {
  const [hour, minute, second] = [Number(m[1]), m[4] === '半' ? 30 : Number(m[2] ?? 0), Number(m[3] ?? 0)];
  if (hour > 24 || minute > 59 || second > 60) return;
  const end = m.index + (m[0] ?? '').length;
  const after = text.slice(end, end + 60);
  const half = asHalf(hour, halfOfDay(text.slice(Math.max(0, m.index - 14), m.index), after, words));
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
    isVague: m[2] === undefined && m[4] === undefined && !range.test(after),
    hasSeconds: m[3] !== undefined,
  };
}

/** "entre 14h et 14h25": the first of two times is meant as it stands. */
const range =
  /^\s?(?:h|uhr|uur|heures?|horas?)?\s?(?:et|and|bis|à|y|e|a|to|until|till|do|до|og|och|en|–|-)\s?\d{1,2}\s?[h:.]/i;

/** "At 11 at night" is late, "at 2 at night" early. */
function asHalf(hour: number, half: ReturnType<typeof halfOfDay>): 'am' | 'pm' | null {
  if (half !== 'night') return half;
  return hour >= 6 && hour < 12 ? 'pm' : 'am';
}

/** Words that say only "at night", which has hours on both sides of midnight. */
const nightly = /night|noche|noite|nacht|natt|\bnat\b|noc\b|noapte|ночи|gece|夜|晩|밤/u;

function halfOfDay(before: string, after: string, words: TimeWords): 'am' | 'pm' | 'night' | null {
  const right = after.toLowerCase().replace(/^\s?(?:uhr|h\b|horas?|heures?|ore|час\w*|год\w*)?[\s,]{0,2}/, '');
  const left = before.toLowerCase().trimEnd();
  if (words.beforeNoonBefore.some((w) => left.endsWith(w))) return 'am';
  const later = words.afterNoonBefore.find((w) => left.endsWith(w));
  if (later !== undefined) return nightly.test(later) ? 'night' : 'pm';
  const said = words.beforeNoon.find((w) => startsWithWord(right, w));
  if (said !== undefined) return nightly.test(said) ? 'night' : 'am';
  const late = words.afterNoon.find((w) => startsWithWord(right, w));
  return late === undefined ? null : nightly.test(late) ? 'night' : 'pm';
}

function startsWithWord(text: string, word: string): boolean {
  return text.startsWith(word) && !/^[\p{L}\d]/u.test(text.slice(word.length));
}
