import type { Action, Case, StoppedAtTheDoor } from './case.ts';
import { judgedAs } from './case.ts';
import type { Policy } from './policy.ts';
import { modeFor } from './policy.ts';

/** What the store counts when a letter is about to leave. Only automatic letters that left, or may have, are counted. */
export type LetterCounts = {
  readonly toAddressInDay: number;
  readonly toDomainInDay: number;
  readonly inHour: number;
  /** When the oldest automatic letter of the last hour left, ms UTC; null where there was none. */
  readonly oldestInHourAt: number | null;
  /** Automatic letters ever accepted for this sender's address, for forged-looking senders. */
  readonly toAddressEver: number;
  /** Nodes that are under suspicion now. */
  readonly suspectNodes: readonly string[];
  /** A hard bounce came from this address before. */
  readonly deadAddress: boolean;
};

export type Ceiling = 'address' | 'domain' | 'hour' | 'forged-sender';

/** The answer to "may this letter leave now?" */
export type MayLeave =
  | { readonly may: 'leave' }
  | { readonly may: 'would-send' }
  /** Overtaken: answered, closed, withdrawn. */
  | { readonly may: 'withdraw' }
  /** Waits until a handler clears the node, or releases the case. */
  | { readonly may: 'wait-for-handler'; readonly node: string | null }
  | { readonly may: 'withhold'; readonly ceiling: Ceiling }
  | { readonly may: 'ask'; readonly reason: StoppedAtTheDoor; readonly ceiling: Ceiling | null }
  | { readonly may: 'later'; readonly at: number };

/** A letter at the door, and the case as it is now. */
export type Leaving = { readonly kase: Case; readonly letter: Extract<Action, { type: 'send-letter' }> };

const hourMs = 3_600_000;

/**
 * Asked in the transaction in which a letter is about to leave (procedure.md §3, budgets; suspicion; modes). `now` ms UTC.
 * A robot's letter over a ceiling is withheld, a person's waits for a handler; a follow-up over the hourly ceiling waits for
 * the next hour, so that days of downtime do not end in a burst.
 */
export function mayLeave(leaving: Leaving, counts: LetterCounts, policy: Policy, now: number): MayLeave {
  const { kase, letter } = leaving;
  const current = kase.letters.find((l) => l.slot === letter.slot && l.attempt === letter.attempt);
  if (current?.status !== 'queued') return { may: 'withdraw' };
  const judged = judgedAs(kase);
  const modeNow = modeFor(policy, { risk: judged.risk, category: judged.category, letter: letter.letter });
  if (letter.mode === 'observe' || modeNow === 'observe') return { may: 'would-send' };
  if (kase.hold !== null) return { may: 'wait-for-handler', node: null };
  const suspect = kase.hosts.find((host) => counts.suspectNodes.includes(host.node));
  if (suspect !== undefined) return { may: 'wait-for-handler', node: suspect.node };
  // A handler who approves has looked.
  if (letter.by !== null) return { may: 'leave' };
  if (modeNow === 'approve') return { may: 'ask', reason: 'approval', ceiling: null };
  // The last guard: whatever was decided before, the letters for low risk leave for low risk only.
  const forDanger = letter.letter === 'threatening' || letter.letter === 'follow-up-threatening';
  if (!forDanger && judged.risk !== 'non-threatening') {
    return { may: 'ask', reason: 'judgement-unsure', ceiling: null };
  }
  if (counts.deadAddress) return { may: 'ask', reason: 'dead-address', ceiling: null };
  const ceiling = ceilingReached(kase, counts, policy);
  if (ceiling === null) return { may: 'leave' };
  if (ceiling === 'hour' && letter.slot === 'follow-up') {
    return { may: 'later', at: (counts.oldestInHourAt ?? now) + hourMs };
  }
  // The provider has a deadline: a handler is asked, nothing is withheld in silence.
  const asks = judged.automated === false || letter.slot === 'provider';
  return asks ? { may: 'ask', reason: 'over-ceiling', ceiling } : { may: 'withhold', ceiling };
}

/** Unsure whether robot or person: as a robot for loop safety. */
function ceilingReached(kase: Case, counts: LetterCounts, policy: Policy): Ceiling | null {
  const { budgets } = policy;
  const perAddress = judgedAs(kase).automated === false ? budgets.personAddressPerDay : budgets.robotAddressPerDay;
  if (kase.judgement.oneLetterOnly && counts.toAddressEver >= 1) return 'forged-sender';
  if (counts.toAddressInDay >= perAddress) return 'address';
  if (counts.toDomainInDay >= budgets.domainPerDay) return 'domain';
  if (counts.inHour >= budgets.perHour) return 'hour';
  return null;
}
