import { IANAZone } from 'luxon';
import type { Mail } from '../../mail.ts';
import type { Zone } from './time-words.ts';
import type { ClockToken, DayToken, TimeToken } from './tokens.ts';

/** A calendar day as days since 1970-01-01. */
export type Day = { readonly days: number };

/** Month-day pairs ("10-8") that stand in the mail beyond doubt. */
export type DayOrder = { readonly certain: ReadonlySet<string> };

export type DayContext = {
  /** The day that relative words count from, null where nothing tells it. */
  readonly base: Day | null;
  readonly hour: number;
  readonly order: DayOrder;
  readonly written: Mail['date'];
};

const dayMs = 86_400_000;

/**
 * The day that a token means, null where day and month could be exchanged and nothing in the mail settles it. A missing
 * year is the one that brings the day nearest to the text it stands in.
 */
export function resolveDay(token: TimeToken, context: DayContext): Day | null {
  if (token.kind === 'relative') return relativeDay(token, context);
  if (token.kind !== 'day') return null;
  const latest =
    (context.written === null
      ? (context.base?.days ?? Infinity)
      : Math.floor((context.written.at + 14 * 3_600_000) / dayMs)) + 1;
  const base = context.base ?? (context.written === null ? null : { days: Math.floor(context.written.at / dayMs) });
  const straight = dated(token, base);
  if (!token.swap || straight === null) return straight;
  const swapped = dated({ ...token, month: token.day, day: token.month }, base);
  return swapped === null ? straight : unswapped({ token, straight, swapped, latest }, context.order);
}

/** The day of a token with a year, or in the given year. */
export function plainDay(token: DayToken, year: number): Day {
  return { days: daysOf(token.year ?? year, token.month, token.day) };
}

/** Day and clock as ms, as if they were UTC. */
export function localMs(day: Day, clock: Pick<ClockToken, 'hour' | 'minute' | 'second'>): number {
  return day.days * dayMs + ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1000;
}

/** The instant (ms UTC) of a day and clock in a zone; an IANA zone's summer time is taken as it was on that day. */
export function instantOf(day: Day, clock: Pick<ClockToken, 'hour' | 'minute' | 'second'>, zone: Zone): number {
  const local = localMs(day, clock);
  if (typeof zone === 'number') return local - zone * 60_000;
  const iana = IANAZone.create(zone);
  if (!iana.isValid) return local;
  const first = local - iana.offset(local) * 60_000;
  return local - iana.offset(first) * 60_000;
}

function dated(token: DayToken, base: Day | null): Day | null {
  if (token.day > daysIn(token.year ?? 2024, token.month)) return null;
  if (token.year !== null) return { days: daysOf(token.year, token.month, token.day) };
  if (base === null) return null;
  const year = Math.floor((base.days + 719_468.5 - 60) / 365.2425);
  const candidates = [year, year - 1, year + 1].map((y) => daysOf(y, token.month, token.day));
  // The nearest one, the past before the future: a deadline some weeks ahead is no event of last year.
  const distance = (days: number) => (days <= base.days + 1 ? base.days - days : 2 * (days - base.days));
  return { days: candidates.reduce((a, b) => (distance(b) < distance(a) ? b : a)) };
}

type Swap = { readonly token: DayToken; readonly straight: Day; readonly swapped: Day; readonly latest: number };

function unswapped({ token, straight, swapped, latest }: Swap, order: DayOrder): Day | null {
  const [dayFirst, monthFirst] = [
    order.certain.has(`${token.month}-${token.day}`),
    order.certain.has(`${token.day}-${token.month}`),
  ];
  if (dayFirst !== monthFirst) return dayFirst ? straight : swapped;
  if (straight.days > latest !== swapped.days > latest) return straight.days > latest ? swapped : straight;
  const [a, b] = [latest - straight.days, latest - swapped.days];
  // A report follows its event: an event months ago against one of these days is no real doubt.
  if (a <= 16 && b > 60) return straight;
  return b <= 16 && a > 60 ? swapped : null;
}

function relativeDay(token: Extract<TimeToken, { kind: 'relative' }>, context: DayContext): Day | null {
  if (context.base === null) return null;
  const base = context.base.days;
  if (token.weekday !== null) {
    const today = ((base + 3) % 7) + 1;
    return { days: base - ((today - token.weekday + 7) % 7) };
  }
  if (token.days === 'night') return { days: context.hour >= 15 ? base - 1 : base };
  return { days: base - (token.days ?? 0) };
}

/** Days since 1970-01-01 of a proleptic Gregorian date. */
export function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

/** How many days a month (1 to 12) has. */
export function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
