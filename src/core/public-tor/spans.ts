import type { Sighting } from './document.ts';

/** A span that is still going on, and what a new document makes of those of its source. */
export type SpanKey = Pick<Sighting, 'address' | 'fingerprint'>;

export type SpanPlan = {
  /** Spans that end, and when they ended (ms UTC). */
  readonly ended: readonly (SpanKey & { readonly lastMs: number })[];
  /** Shown now and not before: spans that begin. */
  readonly begun: readonly Sighting[];
  /** Shown, but as gone since `untilMs`: kept where that is news. */
  readonly past: readonly (Sighting & { readonly untilMs: number })[];
};

/**
 * What changes with a document that was taken. What is shown again costs nothing: its span just goes on. Where the collection
 * before it lies too far back (`contiguous` false), every span ends there, and begins anew.
 * @param open the spans that go on, by the documents before
 * @param previousMs the instant of the document before (ms UTC); null for the first
 */
export function planSpans(
  open: readonly SpanKey[],
  sightings: readonly Sighting[],
  { previousMs, contiguous }: { readonly previousMs: number | null; readonly contiguous: boolean },
): SpanPlan {
  const shown = new Map<string, Sighting>();
  for (const sighting of sightings) {
    const key = keyOf(sighting);
    // One relay's address twice: what is seen now outweighs what was.
    if (shown.get(key)?.untilMs !== null) shown.set(key, sighting);
  }
  const going = new Set(contiguous ? open.map(keyOf) : []);
  const lastMs = previousMs ?? 0;
  const ended = open.flatMap((span) => {
    const sighting = shown.get(keyOf(span));
    if (contiguous && sighting?.untilMs === null) return [];
    const { address, fingerprint } = span;
    return [{ address, fingerprint, lastMs: Math.min(lastMs, sighting?.untilMs ?? lastMs) }];
  });
  const known = new Set(open.map(keyOf));
  const begun = [...shown.values()].filter((s) => s.untilMs === null && !going.has(keyOf(s)));
  const past = [...shown.values()].flatMap((s) => (s.untilMs === null || known.has(keyOf(s)) ? [] : [{ ...s, untilMs: s.untilMs }])); // prettier-ignore
  return { ended, begun, past };
}

/**
 * Where a span begins that is new to its source (ms UTC): at the instant since which the document dates it, where the desk
 * does not know better, else with the document itself.
 * @param lastMs when the span before of the same address and relay ended; null where there is none
 */
export function beginOf(sinceMs: number | null, lastMs: number | null, asOfMs: number): number {
  return sinceMs !== null && sinceMs > (lastMs ?? 0) ? Math.min(sinceMs, asOfMs) : asOfMs;
}

function keyOf({ address, fingerprint }: SpanKey): string {
  return `${address} ${fingerprint ?? ''}`;
}
