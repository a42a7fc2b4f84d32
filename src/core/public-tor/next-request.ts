/** A server is left alone for at least so long (ms), whatever becomes of a request. */
export const politeMs = 600_000;
const longestPauseMs = 6 * 3_600_000;
const longestWaitMs = 24 * 3_600_000;

/** Is a source to be asked now? A time further ahead than any pause was written under a clock that ran ahead. All in ms UTC. */
export function isDue(nextAt: number, everyMs: number, now: number): boolean {
  return nextAt <= now || nextAt > now + 2 * Math.max(everyMs, longestWaitMs);
}

export type Asked = {
  /** It brought something that could be taken, or nothing new. */
  readonly isWell: boolean;
  /** How often in a row it had not, before this time. */
  readonly failures: number;
  readonly everyMs: number;
  /** How long the server itself asks to be left alone; 0 where it does not. */
  readonly retryAfterMs: number;
};

/**
 * How long (ms) until the next request: as configured, or after a failure from ten minutes up to six hours, or as the server
 * asked. @param chance from 0 to 1: so that not all desks ask at once
 */
export function pauseAfter({ isWell, failures, everyMs, retryAfterMs }: Asked, chance: number): number {
  if (isWell) return Math.round(everyMs * (1 + chance / 20));
  const backoffMs = Math.min(longestPauseMs, politeMs * 2 ** Math.min(failures, 10)) * (1 + chance / 4);
  return Math.round(Math.max(backoffMs, retryAfterMs));
}
