import { DateTime } from 'luxon';
import type { Window } from './exits.ts';

const dayMs = 86_400_000;

/** https://metrics.torproject.org/exonerator.html: was this address a relay on that day? A link for people, one day at a time. */
export function exoneraTorLink(ip: string, day: string): string {
  return `https://metrics.torproject.org/exonerator.html?ip=${encodeURIComponent(ip)}&timestamp=${day}&lang=en`;
}

/** The days in UTC, as ExoneraTor counts, that a window touches; at most three, which any time without a zone fits into. */
export function daysOf({ from, to }: Window): readonly string[] {
  const first = from - (((from % dayMs) + dayMs) % dayMs);
  const count = Math.min(3, Math.floor((to - first) / dayMs) + 1);
  return Array.from({ length: count }, (_, i) => dayOf(first + i * dayMs));
}

/** "2026-03-31", UTC. @param at ms UTC */
export function dayOf(at: number): string {
  return DateTime.fromMillis(at, { zone: 'utc' }).toFormat('yyyy-MM-dd');
}
