import { DateTime } from 'luxon';
import { daysIn, daysOf, localMs } from './calendar.ts';

/** ISO 8601 in UTC with seconds, "2026-09-13T03:02:11Z". @param ms instant, ms UTC */
export function isoOf(ms: number): string {
  return DateTime.fromMillis(Math.floor(ms / 1000) * 1000, { zone: 'utc' }).toISO({ suppressMilliseconds: true }) ?? '';
}

const plain = /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)Z)?$/;

/** The instant of an ISO 8601 text, ms UTC; without a zone it is read as UTC. NaN for anything else. */
export function millisOf(iso: string): number {
  const parts = plain.exec(iso);
  // What isoOf wrote needs no library to be read.
  if (parts === null) return DateTime.fromISO(iso, { zone: 'utc' }).toMillis();
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0));
  return day > daysIn(year, month) ? NaN : localMs({ days: daysOf(year, month, day) }, { hour, minute, second });
}
