import type { Window } from '../exits.ts';
import { bestAnswer, type PublicAnswer, type PublicExit } from '../public-tor.ts';
import { utcTime } from '../utc-time.ts';

/** What one source has kept about one address around a window; instants in ms UTC. */
export type SourceFacts = {
  readonly source: string;
  /** False: given up, but its history stands. */
  readonly configured: boolean;
  /** It shows every exit there is, and not only some relays. */
  readonly complete: boolean;
  /** Two collections that lie no further apart leave nothing out between them; an exit seen so near is no clear case. */
  readonly gapMs: number;
  /** The instant of the last document that was taken; null before the first. */
  readonly asOfMs: number | null;
  /** Why there is nothing newer, where the source fails; null while it is well. */
  readonly trouble: string | null;
  /** The oldest collection that is kept; null before the first. */
  readonly firstMs: number | null;
  /** The last collection at or before the window's beginning. */
  readonly beforeMs: number | null;
  /** The first one at or after its end: since when no collection is missing up to it, and whether it shows such addresses (v4, v6). */
  readonly after: { readonly atMs: number; readonly coveredFromMs: number; readonly showsFamily: boolean } | null;
  /** The spans of the address that touch the window or lie within the gap of it; lastMs null: shown to the last. */
  readonly spans: readonly {
    readonly firstMs: number;
    readonly lastMs: number | null;
    readonly fingerprint: string | null;
  }[];
};

/** What the sources together say about the address in the window. */
export function answerFrom(facts: readonly SourceFacts[], window: Window): PublicAnswer {
  const answers = facts.map((source) => ({ source, ...answerOf(source, window) }));
  // One that saw the exit shortly before or after casts a doubt on those that did not see it.
  const inDoubt = answers.some((a) => a.near);
  const telling = answers.filter(({ source, answer, near }) => {
    if (answer.kind === 'not-seen') return !inDoubt;
    // What a source that was given up cannot say is no news.
    return answer.kind === 'exit' || near || (source.configured && !inDoubt);
  });
  return bestAnswer(telling.map((a) => a.answer));
}

type SourceAnswer = { readonly answer: PublicAnswer; readonly near: boolean };

function answerOf(facts: SourceFacts, window: Window): SourceAnswer {
  const { source, gapMs, asOfMs, firstMs, beforeMs, after } = facts;
  const unknown = (because: string, near = false): SourceAnswer => ({
    answer: { kind: 'unknown', because: `${source}: ${because}` },
    near,
  });
  if (asOfMs === null) return unknown(facts.trouble ?? 'nothing has been collected yet');
  const exits = facts.spans.map((span): PublicExit => ({
    kind: 'exit',
    firstSeenMs: span.firstMs,
    lastSeenMs: span.lastMs ?? asOfMs,
    fingerprint: span.fingerprint,
    source,
  }));
  const during = exits.filter((exit, index) => {
    // What is shown to the last goes on until something newer says otherwise, for as long as no collection is missing.
    const reach = facts.spans[index]?.lastMs === null ? gapMs : 0;
    return exit.firstSeenMs <= window.to && window.from <= exit.lastSeenMs + reach;
  });
  if (during.length > 0) return { answer: bestAnswer(during), near: false };
  const [near] = exits.filter(
    (exit) => exit.firstSeenMs - gapMs <= window.to && window.from <= exit.lastSeenMs + gapMs,
  );
  if (near !== undefined) {
    return near.lastSeenMs < window.from
      ? unknown(`last seen as an exit shortly before, at ${utcTime(near.lastSeenMs)}`, true)
      : unknown(`first seen as an exit shortly after, at ${utcTime(near.firstSeenMs)}`, true);
  }
  if (!facts.complete) return unknown('it shows some relays only, and this address is not among them');
  if (after === null) return unknown(`nothing has been collected since ${utcTime(asOfMs)}${facts.trouble === null ? '' : ` (${facts.trouble})`}`); // prettier-ignore
  if (!after.showsFamily) return unknown('it shows no addresses of this kind');
  if (beforeMs === null) return unknown(`what is collected begins at ${utcTime(firstMs ?? after.atMs)}`);
  if (after.coveredFromMs > window.from) return unknown(`nothing was collected between ${utcTime(beforeMs)} and ${utcTime(after.coveredFromMs)}`); // prettier-ignore
  return { answer: { kind: 'not-seen', coveredFromMs: beforeMs, coveredUntilMs: after.atMs }, near: false };
}
