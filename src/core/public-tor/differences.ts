import { holdersOf, holdsWithin, type Inventory, type Node } from '../exits.ts';
import { utcTime } from '../utc-time.ts';

/** A source as it stands; instants in ms UTC. */
export type SourceState = {
  readonly name: string;
  readonly complete: boolean;
  readonly showsV4: boolean;
  readonly showsV6: boolean;
  /** Of which instant its last document spoke, and since when none is missing up to it; null before the first. */
  readonly asOfMs: number | null;
  readonly coveredFromMs: number | null;
  /** Since when it has brought nothing that could be taken; null while it is well. */
  readonly failingSince: number | null;
  readonly trouble: string | null;
};

/** An exit that the public data show. */
export type PublicSighting = {
  readonly address: string;
  readonly fingerprint: string | null;
  readonly source: string;
  readonly lastSeenMs: number;
  /** The relay's ContactInfo is ours. */
  readonly namesUs: boolean;
};

export type DifferenceInput = {
  readonly nowMs: number;
  readonly unseenAfterMs: number;
  readonly staleAfterMs: number;
  readonly inventory: Inventory;
  readonly sources: readonly SourceState[];
  /** Exits that are ours by fingerprint or ContactInfo, seen within `unseenAfterMs`. */
  readonly ours: readonly PublicSighting[];
  /** For each entry of the inventory whose time is now: what was seen last at its addresses; null where nothing was. */
  readonly seen: readonly { readonly node: Node; readonly last: PublicSighting | null }[];
};

/** What the inventory and the public data do not agree on, or why nothing can be compared. */
export type Difference = {
  readonly kind: 'not-in-inventory' | 'unseen' | 'not-exit' | 'stale-source';
  readonly what: string;
  readonly why: string;
  /** ms UTC: seen then, or failing since. */
  readonly sinceMs: number | null;
};

/** Each kind as handlers read it: in the digest, `tor` and `doctor`. */
export const differenceWords: Readonly<Record<Difference['kind'], string>> = {
  'not-in-inventory': 'exit missing in the inventory',
  unseen: 'exit not seen',
  'not-exit': 'no exit by the inventory',
  'stale-source': 'source',
};

/** What a handler should set right, in the inventory or at a relay; the same state gives the same lines, once each. */
export function differencesOf(input: DifferenceInput): readonly Difference[] {
  return [...missing(input), ...unseen(input), ...noExits(input), ...stale(input)];
}

/** An exit of ours that the inventory does not know: complaints about it would be answered "not ours". */
function missing({ inventory, ours }: DifferenceInput): readonly Difference[] {
  const byAddress = Map.groupBy(ours, (sighting) => sighting.address);
  return [...byAddress].flatMap(([address, sightings]): Difference[] => {
    const last = sightings.reduce((a, b) => (b.lastSeenMs > a.lastSeenMs ? b : a));
    if (holdersOf(inventory, address).some((node) => isOursAt(node, last.lastSeenMs))) return [];
    const known = inventory.nodes.find((n) => last.fingerprint !== null && n.fingerprints?.includes(last.fingerprint));
    const whose = known === undefined ? `relay ${last.fingerprint ?? '?'}, whose contact is ours` : `the relay of ${known.name}`; // prettier-ignore
    return [
      {
        kind: 'not-in-inventory',
        what: address,
        why: `${whose} exits from it (${last.source}), and the inventory does not have it: add it, with its dates`,
        sinceMs: last.lastSeenMs,
      },
    ];
  });
}

/** An exit that nobody sees: the relay is down, or the address is another by now. Said only where somebody looked all the time. */
function unseen({ nowMs, unseenAfterMs, seen, sources }: DifferenceInput): readonly Difference[] {
  const looking = sources.filter(
    (s) => s.complete && s.coveredFromMs !== null && s.coveredFromMs <= nowMs - unseenAfterMs && isFresh(s, nowMs, unseenAfterMs), // prettier-ignore
  );
  const [v4, v6] = [looking.some((s) => s.showsV4), looking.some((s) => s.showsV6)];
  const exits = seen.filter(({ node }) => {
    const settled = (node.from ?? 0) <= nowMs - unseenAfterMs;
    return node.exit && settled && node.addresses.some((address) => (address.includes(':') ? v6 : v4));
  });
  return [...Map.groupBy(exits, ({ node }) => node.name)].flatMap(([name, entries]): Difference[] => {
    const last = Math.max(0, ...entries.map((entry) => entry.last?.lastSeenMs ?? 0));
    if (last > nowMs - unseenAfterMs) return [];
    const addresses = entries.flatMap(({ node }) => node.addresses).join(', ');
    const since = last === 0 ? 'has never been seen as an exit' : `was last seen as an exit at ${utcTime(last)}`;
    return [
      {
        kind: 'unseen',
        what: name,
        why: `${addresses}: ${since}; is tor down there, or the address another?`,
        sinceMs: last === 0 ? null : last,
      },
    ];
  });
}

/** An address that is said to be no exit and is one: complaints about it would be taken for a break-in. */
function noExits({ nowMs, unseenAfterMs, seen }: DifferenceInput): readonly Difference[] {
  return seen.flatMap(({ node, last }): Difference[] =>
    node.exit || last === null || last.lastSeenMs < nowMs - unseenAfterMs || !isOursAt(node, last.lastSeenMs)
      ? []
      : [
          {
            kind: 'not-exit',
            what: `${node.name}: ${last.address}`,
            why: `${last.source} shows it as an exit, and the inventory says that it is none`,
            sinceMs: last.lastSeenMs,
          },
        ],
  );
}

function stale({ sources, nowMs, staleAfterMs }: DifferenceInput): readonly Difference[] {
  return sources.flatMap((source): Difference[] => {
    const { name, asOfMs, failingSince, trouble } = source;
    // One failed attempt is no news.
    const failing = failingSince !== null && nowMs - failingSince > staleAfterMs / 4;
    if (!failing && (asOfMs === null || isFresh(source, nowMs, staleAfterMs))) return [];
    const newest = asOfMs === null ? 'nothing has ever been collected' : `its newest data are of ${utcTime(asOfMs)}`;
    return [{ kind: 'stale-source', what: name, why: [trouble, newest].filter((t) => t !== null).join('; '), sinceMs: failingSince ?? asOfMs }]; // prettier-ignore
  });
}

function isFresh({ asOfMs }: SourceState, nowMs: number, withinMs: number): boolean {
  return asOfMs !== null && nowMs - asOfMs <= withinMs;
}

/** Whose it was at the instant at which it was seen. */
export function isOursAt(node: Node, at: number): boolean {
  return holdsWithin(node, { from: at, to: at });
}
