import type { Window } from '../exits.ts';
import { utcTime } from '../utc-time.ts';
import type { TorFacts } from './host-facts.ts';

/** What one check of a node saw of tor, and when (ms UTC). */
export type TorSighting = { readonly at: number; readonly tor: TorFacts };

/** Longer after a check that saw no tor, it may have run and stopped again. */
const nearMs = 86_400_000;

/** Did tor run on a node at a time, as far as the checks of its host show? */
export type TorThen =
  | { readonly answer: 'running'; readonly since: number }
  /** A check before saw it not running, and the next one that saw it saw it started after the time. */
  | { readonly answer: 'not-running'; readonly seenAt: number; readonly startedAt: number }
  | { readonly answer: 'unknown'; readonly startedAt: number | null };

/**
 * @param before the last check up to the window's beginning, after: the first from its end on; null where there is none
 * A check that sees no tor proves little by itself (it may run where the check cannot see it): only together with one that does.
 */
export function torThen(before: TorSighting | null, after: TorSighting | null, window: Window): TorThen {
  const since = after?.tor.running === true ? after.tor.since : null;
  if (since === null) return { answer: 'unknown', startedAt: null };
  if (since <= window.from) return { answer: 'running', since };
  const isNear = before !== null && !before.tor.running && window.from - before.at <= nearMs;
  const wasDown = isNear && since > window.to;
  return wasDown
    ? { answer: 'not-running', seenAt: before.at, startedAt: since }
    : { answer: 'unknown', startedAt: since };
}

/** The same in a sentence for a handler. */
export function torThenWords(node: string, then: TorThen): string {
  switch (then.answer) {
    case 'running':
      return `Tor ran on ${node} then: since ${utcTime(then.since)}.`;
    case 'not-running':
      return `Tor did not run on ${node} then, as far as the checks show: not at ${utcTime(then.seenAt)}, and it was started at ${utcTime(then.startedAt)}.`;
    case 'unknown':
      return then.startedAt === null
        ? `Whether tor ran on ${node} then is not known: no check tells.`
        : `Whether tor ran on ${node} then is not known: it was started at ${utcTime(then.startedAt)}.`;
  }
}
