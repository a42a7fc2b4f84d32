/** What one address was at a time, with the reasons: for handlers (`nodes at`, `case`), in sentences of our own. */
import { assertNever } from '../errors.ts';
import type { AddressUse, Dated, Inventory, StandingAt, Window } from './exits.ts';
import { holdersOf, holdsWithin, standingsOver } from './exits.ts';
import { dayOf, daysOf, exoneraTorLink } from './exonera-tor.ts';
import type { Standing } from './judgement.ts';
import { policiesOf } from './passage.ts';
import type { PublicAnswer } from './public-tor.ts';
import { publicWords } from './public-tor.ts';
import { utcTime } from './utc-time.ts';

export type AddressThen = {
  readonly ip: string;
  /** ms UTC; both ends equal where the instant is known. */
  readonly window: Window;
  /** The most telling one of the window; null where the window leaves it open. */
  readonly standing: Standing | null;
  /** What it was in the course of the window, in the order of time. */
  readonly course: readonly StandingAt[];
  readonly use: AddressUse | null;
  readonly provider: string | null;
  readonly fingerprints: readonly string[];
  /** The exit policies that held at some moment of the window. */
  readonly policies: readonly (Dated & { readonly rules: readonly string[] })[];
  /** ExoneraTor's pages for this address, one for each day (UTC) of the window. */
  readonly publicRecord: readonly string[];
  /** What public Tor data said; null where nobody asked. */
  readonly publicTor: PublicAnswer | null;
  readonly because: readonly string[];
};

/**
 * @param ip canonical
 * @param window when, ms UTC
 * @param known seenAt: "ours no more" counts from then (ms UTC); publicTor: what the collected public Tor data say, null = not asked
 */
export function addressThen(
  inventory: Inventory,
  ip: string,
  window: Window,
  known: { readonly seenAt: number | null; readonly publicTor: PublicAnswer | null },
): AddressThen {
  const course = standingsOver(inventory, ip, window, known.seenAt);
  const standings = new Set(course.map((s) => s.standing));
  const [only] = standings;
  const holders = holdersOf(inventory, ip).filter((node) => holdsWithin(node, window));
  const policies = policiesOf(holders).filter((span) => holdsWithin(span, window));
  return {
    ip,
    window,
    standing: standings.size === 1 ? (only ?? null) : null,
    course,
    use: holders[0]?.use ?? null,
    provider: holders[0]?.provider ?? null,
    fingerprints: [...new Set(holders.flatMap((n) => n.fingerprints ?? []))],
    policies: policies.map((p) => ({ from: p.from, until: p.until, rules: p.policy.map((rule) => rule.text) })),
    publicRecord: daysOf(window).map((day) => exoneraTorLink(ip, day)),
    publicTor: known.publicTor,
    because: [
      ...(standings.size > 1 ? [openSentence(window)] : []),
      ...course.map((s) => standingSentence(s, holders[0]?.use ?? null)),
      ...publicSentences(standings, known.publicTor),
    ],
  };
}

function openSentence({ from, to }: Window): string {
  return `Unknown within the window from ${utcTime(from)} to ${utcTime(to)}: what it was changed meanwhile.`;
}

function standingSentence({ standing, node, from, until }: StandingAt, use: AddressUse | null): string {
  const who = node === null ? '' : ` (node ${node})`;
  switch (standing) {
    case 'exit':
      return `Our exit then${who}${span(from, until)}.`;
    case 'exit-then':
      return `Our exit then${who}${span(from, until)}; ours no more: nobody of us can look at that machine.`;
    case 'not-exit':
      return `Ours then, but no exit${use === null || use === 'exit' ? '' : `: ${useWords[use]}`}${who}${span(from, until)}. What came from it did not come through Tor.`;
    case 'not-ours':
      return node === null
        ? 'Never ours, by the inventory.'
        : `Not ours then: node ${node} had it${span(from, until)}.`;
    default:
      return assertNever(standing);
  }
}

export const useWords: Readonly<Record<AddressUse, string>> = {
  exit: 'exit address',
  or: 'OR address',
  management: 'management address',
};

function span(from: number | null, until: number | null): string {
  if (from === null) return until === null ? ' since ever' : ` until ${dayOf(until)}`;
  return until === null ? ` since ${dayOf(from)}` : ` from ${dayOf(from)} until ${dayOf(until)}`;
}

/** Public Tor data confirm or contradict; they never decide. */
function publicSentences(standings: ReadonlySet<Standing>, answer: PublicAnswer | null): readonly string[] {
  if (answer === null) return [];
  const words = `Public Tor data: ${publicWords(answer, utcTime)}.`;
  const isExit = standings.has('exit') || standings.has('exit-then');
  if (answer.kind === 'exit' && standings.has('not-exit'))
    return [words, 'The inventory calls it no exit: is it right?'];
  if (answer.kind === 'exit' && !isExit)
    return [words, 'It was another operator’s exit then, or the inventory lacks it.'];
  if (answer.kind === 'not-seen' && isExit) return [words, 'Was tor down then, or is the inventory wrong?'];
  return [words];
}
