import { DateTime } from 'luxon';

/** ISO 8601 in UTC with seconds, "2026-09-13T03:02:11Z". @param ms instant, ms UTC */
export function isoOf(ms: number): string {
  return DateTime.fromMillis(Math.floor(ms / 1000) * 1000, { zone: 'utc' }).toISO({ suppressMilliseconds: true }) ?? '';
}

/** The instant of an ISO 8601 text, ms UTC. */
export function millisOf(iso: string): number {
  return DateTime.fromISO(iso, { zone: 'utc' }).toMillis();
}
