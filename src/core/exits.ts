import { isWithin, networkOf, parsePrefix } from './addresses/ip.ts';
import type { Prefix } from './addresses/ip.ts';
import type { Standing } from './judgement.ts';
import type { ExitPolicy } from './tor-policy/exit-policy.ts';

/** What an address of a node is for: users' traffic comes from an exit address, relays are reached at an OR address (ORPort). */
export const addressUses = ['exit', 'or', 'management'] as const;
export type AddressUse = (typeof addressUses)[number];

/** A time in which something held. Half-open, ms UTC; null = without limit. */
export type Dated = { readonly from: number | null; readonly until: number | null };

/** What tor let out over a span of time. */
export type PolicySpan = Dated & { readonly policy: ExitPolicy };

/**
 * A machine of the operator over a span of time, with the addresses that share it: a machine whose addresses came and went has
 * an entry for each. The dated inventory is the truth (procedure.md §3, "whose address").
 */
export type Node = {
  readonly name: string;
  /** Addresses or prefixes (CIDR), v4 and v6, in canonical text: exit, OR and management addresses alike. */
  readonly addresses: readonly string[];
  readonly hostnames: readonly string[];
  /** ms UTC, inclusive; null = since ever. */
  readonly from: number | null;
  /** ms UTC, exclusive; null = still ours. */
  readonly until: number | null;
  readonly exit: boolean;
  /** Left out where the inventory does not say. */
  readonly use?: AddressUse | null;
  readonly provider?: string | null;
  /** Fingerprints of the relays there: 40 hexadecimal digits, upper case. */
  readonly fingerprints?: readonly string[];
  /** Several at one time: several tor processes with policies of their own. */
  readonly exitPolicies?: readonly PolicySpan[];
};

/** Who the desk is, as far as judging a mail needs to know. */
export type DeskIdentity = {
  readonly addresses: readonly string[];
  readonly messageIdDomain: string;
  readonly authservId: string;
  readonly tokenPrefix: string;
  /** Registrable domains of our hosting providers, where configured: their forwards are recognised by structure too. */
  readonly providerDomains: readonly string[];
};

export type Inventory = { readonly desk: DeskIdentity; readonly nodes: readonly Node[] };

/** What one address was at one instant. */
export type StandingAt = Dated & { readonly standing: Standing; readonly node: string | null };

/** A span of time in ms UTC, both ends included: a time without a zone is a window, a known instant has two equal ends. */
export type Window = { readonly from: number; readonly to: number };

/**
 * What an address was during a window, by the dated inventory (procedure.md §3, "whose address").
 * @param ip canonical text
 * @param at when it happened; null = unknown, then the inventory of `seenAt`
 * @param seenAt when the complaint was written, ms UTC: decides whether "exit" is still ours ("exit-then" if not); null = now ours
 * Within an uncertain window the most telling answer wins: an exit at any moment of it counts as exit.
 */
export function standingAt(inventory: Inventory, ip: string, at: Window | null, seenAt: number | null): StandingAt {
  const holders = holdersOf(inventory, ip);
  const seen = seenAt === null ? null : { from: seenAt, to: seenAt };
  const then = holders.filter((node) => overlaps(node, at ?? seen));
  const node = then.find((n) => n.exit) ?? then[0];
  if (node === undefined) return { standing: 'not-ours', node: holders[0]?.name ?? null, ...spanOf(holders[0]) };
  const stillOurs = holders.some((n) => overlaps(n, seen)) || node.until === null;
  const standing = node.exit ? (stillOurs ? 'exit' : 'exit-then') : 'not-exit';
  return { standing, node: node.name, ...spanOf(node) };
}

/**
 * Every standing that the address had at some moment of the window, in the order of time; more than one where it changed
 * within: which one holds for the event is unknown then. Window and `seenAt` as for standingAt.
 */
export function standingsOver(
  inventory: Inventory,
  ip: string,
  window: Window,
  seenAt: number | null,
): readonly StandingAt[] {
  const changes = holdersOf(inventory, ip).flatMap((node) => [node.from, node.until]);
  const inside = changes.filter((at) => at !== null).filter((at) => window.from < at && at <= window.to);
  const moments = [window.from, ...inside.toSorted((a, b) => a - b)];
  const found = moments.map((at) => standingAt(inventory, ip, { from: at, to: at }, seenAt));
  return found.filter((s, i) => found.findIndex((o) => o.standing === s.standing && o.node === s.node) === i);
}

/** Did it hold at some moment of the window? */
export function holdsWithin({ from, until }: Dated, window: Window): boolean {
  return (from === null || from <= window.to) && (until === null || window.from < until);
}

/** Was the address ever in the inventory? Such an address is almost surely what a complaint is about. */
export function isInInventory(inventory: Inventory, ip: string): boolean {
  return holdersOf(inventory, ip).length > 0;
}

/** Every entry that has the address at any time, in the inventory's order. */
export function holdersOf(inventory: Inventory, ip: string): readonly Node[] {
  const { single, prefixes } = indexOf(inventory);
  const found = [...(single.get(ip) ?? []), ...prefixes.filter((p) => isWithin(ip, p.prefix))];
  return [...new Set(found.toSorted((a, b) => a.at - b.at).map((f) => f.node))];
}

/** The node that a host name belongs to, by the inventory's host names (letter case and a final dot do not matter). */
export function nodeOfHostname(inventory: Inventory, hostname: string): Node | null {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  return inventory.nodes.find((node) => node.hostnames.some((h) => h.toLowerCase() === name)) ?? null;
}

function overlaps(node: Node, window: Window | null): boolean {
  return window === null ? node.until === null : holdsWithin(node, window);
}

function spanOf(node: Node | undefined): Dated {
  return { from: node?.from ?? null, until: node?.until ?? null };
}

type Held = { readonly node: Node; readonly at: number };
type Index = {
  readonly single: ReadonlyMap<string, readonly Held[]>;
  readonly prefixes: readonly (Held & { readonly prefix: Prefix })[];
};

/** Made once for each inventory: it is a constant, while a bulk report asks for thousands of addresses. */
const indexes = new WeakMap<Inventory, Index>();

function indexOf(inventory: Inventory): Index {
  const known = indexes.get(inventory);
  if (known !== undefined) return known;
  const single = new Map<string, Held[]>();
  const prefixes: (Held & { prefix: Prefix })[] = [];
  for (const [at, node] of inventory.nodes.entries()) {
    for (const prefix of node.addresses.flatMap((text) => parsePrefix(text) ?? [])) {
      if (prefix.length < prefix.bits) prefixes.push({ node, at, prefix });
      else {
        const ip = networkOf(prefix);
        single.set(ip, [...(single.get(ip) ?? []), { node, at }]);
      }
    }
  }
  const index = { single, prefixes };
  indexes.set(inventory, index);
  return index;
}
