import { DateTime } from 'luxon';

/** An instant as people read it: "2026-03-01 11:04 UTC". @param at ms UTC */
export function utcTime(at: number): string {
  return DateTime.fromMillis(at, { zone: 'utc' }).toFormat("yyyy-MM-dd HH:mm 'UTC'");
}
