import { mostSightings, type ReadDocument } from './document.ts';

/** What is known of a source before a document of it is judged. */
export type Before = {
  /** Exits in the last document that was taken; null before the first. */
  readonly count: number | null;
  /** Of which instant it spoke, ms UTC. */
  readonly asOfMs: number | null;
};

/** What is known of the document that a source shows again unchanged. */
export type Known = {
  /** It says of which instant it speaks: `asOfMs`. */
  readonly dated: boolean;
  readonly asOfMs: number | null;
  /** Since when its documents have been the same, ms UTC. */
  readonly unchangedSinceMs: number | null;
};

export type Circumstances = {
  readonly nowMs: number;
  readonly staleAfterMs: number;
  /** It shows every exit there is, and not only some relays. */
  readonly complete: boolean;
  /** The connection told where the document ended; without that, only a final line break does. */
  readonly framed: boolean;
  /** The text ends with a line break. */
  readonly endsWithBreak: boolean;
  /** A handler looked at it and takes it although it is so much shorter or longer than the last. */
  readonly accepted: boolean;
};

/** taken: it counts as of `asOfMs`. older: nothing new in it. stale, implausible: kept out, and told. */
export type DocumentVerdict =
  | { readonly outcome: 'taken'; readonly asOfMs: number }
  | { readonly outcome: 'older' }
  | { readonly outcome: 'stale' | 'implausible'; readonly because: string };

/** Below this many exits a halving is nothing unusual. */
const fewExits = 20;

/**
 * May a document change what is known? A cut, foreign or aged one ends no span and begins none: an error page, a captive portal
 * or half a list is no sign that an exit is gone.
 */
export function judgeDocument(read: ReadDocument, before: Before, here: Circumstances): DocumentVerdict {
  const because = read.broken ?? whyImplausible(read, before, here);
  if (because !== null) return { outcome: 'implausible', because };
  const asOfMs = Math.min(read.asOfMs ?? here.nowMs, here.nowMs);
  const aged = ageOf(read, here);
  if (aged !== null) return { outcome: 'stale', because: aged };
  if (before.asOfMs !== null && asOfMs <= before.asOfMs) return { outcome: 'older' };
  return { outcome: 'taken', asOfMs };
}

function whyImplausible(read: ReadDocument, { count }: Before, here: Circumstances): string | null {
  const { sightings, others, junk } = read;
  const sample = read.junkSample === null ? '' : `, for example "${read.junkSample}"`;
  if (sightings.length > mostSightings) return `${sightings.length} exits are more than there can be`;
  if (junk > sightings.length + others) return `${junk} of its lines are nothing of this form${sample}`;
  if (here.complete && sightings.length === 0) return 'it shows no exit at all';
  if (!here.framed && !here.endsWithBreak) return 'it ends in the middle of a line, and the connection told no length';
  if (here.accepted || count === null || count < fewExits) return null;
  if (sightings.length * 2 < count) return `it shows ${sightings.length} exits, the one before it ${count}`;
  if (sightings.length > count * 5) return `it shows ${sightings.length} exits, the one before it only ${count}`;
  return null;
}

/** The age of what it says, in words, where that is too old. */
function ageOf({ asOfMs }: ReadDocument, { nowMs, staleAfterMs }: Circumstances): string | null {
  return asOfMs === null || nowMs - asOfMs <= staleAfterMs ? null : `it speaks of ${hours(nowMs - asOfMs)} hours ago`;
}

/**
 * The source says what it said last time. A document that names no instant is confirmed by that as of now (`asOfMs`), until it
 * has been the same for too long.
 */
export function judgeUnchanged(
  { dated, asOfMs, unchangedSinceMs }: Known,
  { nowMs, staleAfterMs }: Pick<Circumstances, 'nowMs' | 'staleAfterMs'>,
):
  | { readonly outcome: 'unchanged'; readonly asOfMs: number | null }
  | { readonly outcome: 'stale'; readonly because: string } {
  const sinceMs = dated ? asOfMs : unchangedSinceMs;
  if (sinceMs !== null && nowMs - sinceMs > staleAfterMs)
    return { outcome: 'stale', because: `it has not changed for ${hours(nowMs - sinceMs)} hours` };
  return { outcome: 'unchanged', asOfMs: dated ? null : nowMs };
}

function hours(ms: number): number {
  return Math.floor(ms / 3_600_000);
}
