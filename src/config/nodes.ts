/** The nodes of the configuration: the dated inventory, and how each machine is looked at. */
import type { AddressUse, Dated, Node, PolicySpan } from '../core/exits.ts';
import type { CheckPart } from '../core/hosts/check.ts';
import { wholePolicy } from '../core/tor-policy/exit-policy.ts';
import type { Written } from './schema.ts';

export type CheckConfig = {
  readonly transport: 'ssh' | 'local' | 'none';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** '' unless the transport is ssh. */
  readonly keyFile: string;
  readonly hostKeys: readonly string[];
  /** A known_hosts file that pins keys too; null: none. */
  readonly knownHostsFile: string | null;
  readonly required: readonly CheckPart[];
  readonly oneLog: boolean;
  readonly emptyIsFine: readonly CheckPart[];
  readonly ownSources: readonly string[];
  readonly ownAccounts: readonly string[];
};

/** An address or prefix of a node, with its time within the node's own. */
export type NodeAddress = Dated & {
  readonly address: string;
  readonly exit: boolean;
  readonly use: AddressUse | null;
};

export type NodeConfig = Dated & {
  readonly name: string;
  readonly addresses: readonly NodeAddress[];
  readonly hostnames: readonly string[];
  readonly exit: boolean;
  readonly provider: string | null;
  readonly fingerprints: readonly string[];
  readonly exitPolicies: readonly PolicySpan[];
  readonly check: CheckConfig;
};

type WrittenNode = Written['nodes'][number];

export function normaliseNode(node: WrittenNode, path: (relative: string) => string): NodeConfig {
  const { check, name, hostnames, from, until, exit, fingerprints } = node;
  return {
    name,
    addresses: addressesOf(node),
    hostnames,
    from,
    until,
    exit,
    provider: node.provider ?? null,
    fingerprints,
    exitPolicies: exitPoliciesOf(node),
    check: {
      ...check,
      host: check.host ?? hostOf(node) ?? '',
      keyFile: check.keyFile === undefined ? '' : path(check.keyFile),
      knownHostsFile: check.knownHostsFile === undefined ? null : path(check.knownHostsFile),
    },
  };
}

/** Each address with the time in which it was both the node's and ours. One that was never an exit's is none by itself. */
export function addressesOf(node: WrittenNode): readonly NodeAddress[] {
  return node.addresses.map((a) => ({
    address: a.address,
    ...both(node, a),
    exit: a.exit ?? (node.exit && (a.use ?? 'exit') === 'exit'),
    use: a.use ?? null,
  }));
}

/** Where to log in where nothing is said: the management address, else the first; never one that was given back. */
export function hostOf(node: WrittenNode): string | null {
  const kept = node.addresses.filter((a) => !a.address.includes('/') && a.until === null);
  return (kept.find((a) => a.use === 'management') ?? kept[0])?.address ?? null;
}

/** The node as the inventory has it: an entry for each group of addresses that share their time and what they are. */
export function inventoryNodes(node: NodeConfig): readonly Node[] {
  const groups = Map.groupBy(node.addresses, (a) => `${a.from} ${a.until} ${a.exit} ${a.use}`);
  const { name, hostnames, provider, fingerprints, exitPolicies } = node;
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { from, until, exit, use } = first;
    const addresses = group.map((a) => a.address);
    return [{ name, addresses, hostnames, from, until, exit, use, provider, fingerprints, exitPolicies }];
  });
}

/** A policy holds from its own time on, else from the node's; until its end, else until the next one begins. */
function exitPoliciesOf(node: WrittenNode): readonly PolicySpan[] {
  const begins = node.exitPolicies.map((p) => p.from ?? node.from);
  return node.exitPolicies.map((written, index): PolicySpan => {
    const from = begins[index] ?? null;
    const later = begins.filter((b) => b !== null && b > (from ?? -Infinity)).filter((b) => b !== null);
    const next = later.length === 0 ? null : Math.min(...later);
    return { from, until: written.until ?? next ?? node.until, policy: wholePolicy(written) };
  });
}

function both(node: Dated, own: Dated): Dated {
  const from = own.from === null || node.from === null ? (own.from ?? node.from) : Math.max(own.from, node.from);
  const until = own.until === null || node.until === null ? (own.until ?? node.until) : Math.min(own.until, node.until);
  return { from, until };
}
