import { assertNever } from '../errors.ts';

/**
 * What the public Tor data that the desk collected say about one address in one window of time. They confirm and date what
 * the inventory says, and never stand in for it (procedure.md §3, "whose address").
 */
export type PublicAnswer = PublicExit | PublicNotSeen | PublicUnknown;

/** A source showed the address as an exit during the window. */
export type PublicExit = {
  readonly kind: 'exit';
  /** The unbroken span in which the source showed it, ms UTC, both ends as seen: they do not reach into what was not collected. */
  readonly firstSeenMs: number;
  /** May lie before the window where the source showed the address to the last, and nothing was collected since. */
  readonly lastSeenMs: number;
  /** Forty capital hexadecimal digits; null where the source names addresses only. */
  readonly fingerprint: string | null;
  /** The source by its name in the configuration. */
  readonly source: string;
};

/** A source that shows every exit was collected before, during and after the window, and never showed the address. */
export type PublicNotSeen = {
  readonly kind: 'not-seen';
  /** The collections on both sides of the window between which nothing is missing, ms UTC. */
  readonly coveredFromMs: number;
  readonly coveredUntilMs: number;
};

/**
 * Nothing can be said, and why: nothing collected then, a gap, a source that failed or does not show such addresses. For handlers:
 * the reason may name the desk's own proxy, and belongs in no letter.
 */
export type PublicUnknown = { readonly kind: 'unknown'; readonly because: string };

/**
 * One answer out of those of several sources: one that saw the exit outweighs those that did not (the one that names the
 * relay first, then the one that saw it longest); not seen outweighs unknown; of several unknowns each reason is kept once.
 */
export function bestAnswer(answers: readonly PublicAnswer[]): PublicAnswer {
  const exits = answers.filter((answer) => answer.kind === 'exit').toSorted(byWorth);
  const [exit] = exits;
  if (exit !== undefined) return exit;
  const notSeen = answers.find((answer) => answer.kind === 'not-seen');
  if (notSeen !== undefined) return notSeen;
  const reasons = answers.flatMap((answer) => (answer.kind === 'unknown' ? [answer.because] : []));
  return { kind: 'unknown', because: [...new Set(reasons)].join('; ') || 'no public Tor data are collected' };
}

/** An answer in a few words, for a person: "seen as an exit from … to … (exit-addresses)". `time` writes an instant (ms UTC). */
export function publicWords(answer: PublicAnswer, time: (at: number) => string): string {
  switch (answer.kind) {
    case 'exit':
      return `seen as an exit from ${time(answer.firstSeenMs)} to ${time(answer.lastSeenMs)} (${answer.source})`;
    case 'not-seen':
      return `not seen as an exit between ${time(answer.coveredFromMs)} and ${time(answer.coveredUntilMs)}`;
    case 'unknown':
      return `not known: ${answer.because}`;
    default:
      return assertNever(answer);
  }
}

function byWorth(a: PublicExit, b: PublicExit): number {
  const named = Number(b.fingerprint !== null) - Number(a.fingerprint !== null);
  return named || b.lastSeenMs - b.firstSeenMs - (a.lastSeenMs - a.firstSeenMs) || a.source.localeCompare(b.source);
}
