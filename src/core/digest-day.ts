import { DateTime } from 'luxon';

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

export type DigestSchedule = {
  /** Minutes after midnight in the zone; null: no digest. */
  readonly dailyAt: number | null;
  readonly weeklyOn: (typeof weekdays)[number] | null;
  readonly timeZone: string;
};

/** A digest that is due: its day is its key, its span ends at the instant of its hour. */
export type DueDigest = {
  readonly period: 'daily' | 'weekly';
  /** YYYY-MM-DD in the digest's zone. */
  readonly day: string;
  readonly until: number;
};

/**
 * The digests whose hour has come by `now` (ms UTC): the latest daily and the latest weekly one. Days that were missed are
 * covered by the next digest, whose span begins where the last one ended.
 */
export function dueDigests(schedule: DigestSchedule, now: number): readonly DueDigest[] {
  const { dailyAt, weeklyOn, timeZone } = schedule;
  const minutes = dailyAt ?? eightOClock;
  const at = (day: DateTime): DateTime =>
    day.startOf('day').set({ hour: Math.floor(minutes / 60), minute: minutes % 60 });
  const local = DateTime.fromMillis(now, { zone: timeZone });
  const latest = at(local) <= local ? at(local) : at(local.minus({ days: 1 }));
  const due: DueDigest[] = dailyAt === null ? [] : [dueOn('daily', latest)];
  if (weeklyOn !== null) {
    const back = (latest.weekday - 1 - weekdays.indexOf(weeklyOn) + 7) % 7;
    due.push(dueOn('weekly', at(latest.minus({ days: back }))));
  }
  return due;
}

/** The hour of a weekly digest where there is no daily one. */
const eightOClock = 8 * 60;

/** The digest of one calendar day, for `exitdesk digest --day`; null where the day is none. */
export function digestOfDay(schedule: DigestSchedule, day: string): DueDigest | null {
  const start = DateTime.fromISO(day, { zone: schedule.timeZone });
  if (!start.isValid || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
  return dueOn('daily', start.startOf('day').plus({ minutes: schedule.dailyAt ?? 24 * 60 }));
}

function dueOn(period: DueDigest['period'], instant: DateTime): DueDigest {
  return { period, day: instant.toISODate() ?? '', until: instant.toMillis() };
}
