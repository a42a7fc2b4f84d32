import type { Window } from './exits.ts';
import { millisOf } from './readers/times/iso.ts';

const hourMs = 3_600_000;

/**
 * The span in which an event lies: a known instant is a point; a local time without a zone may be any instant that some zone
 * on earth (UTC-12 to UTC+14) calls so; null where there is no time, or none that can be read.
 * @param event at: ISO 8601 with a zone; local: ISO 8601 without
 */
export function windowOfEvent(event: { readonly at: string | null; readonly local: string | null }): Window | null {
  const at = event.at === null ? null : millis(event.at);
  if (at !== null) return { from: at, to: at };
  const local = event.local === null ? null : millis(event.local);
  return local === null ? null : { from: local - 14 * hourMs, to: local + 12 * hourMs };
}

function millis(iso: string): number | null {
  const ms = millisOf(iso);
  return Number.isNaN(ms) ? null : ms;
}
