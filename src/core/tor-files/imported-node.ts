import type { AddressUse } from '../exits.ts';

/** An exit policy as the options of a torrc make it, with why its beginning is what it is. */
export type ImportedPolicy = {
  readonly exitPolicy: readonly string[];
  readonly reducedExitPolicy: boolean;
  readonly ipv6Exit: boolean;
  /** ms UTC; null where the file does not say: then it is known from the import on. */
  readonly from: number | null;
};

export type ImportedAddress = {
  readonly address: string;
  /** Null where users' traffic and relays share it, or nothing tells. */
  readonly use: AddressUse | null;
  /** ms UTC; null where the file does not say. */
  readonly from: number | null;
};

/** What one of tor's files tells of one node; what it does not tell stands in the notes. */
export type ImportedNode = {
  readonly name: string;
  readonly addresses: readonly ImportedAddress[];
  readonly hostnames: readonly string[];
  readonly fingerprints: readonly string[];
  readonly exit: boolean;
  readonly exitPolicies: readonly ImportedPolicy[];
  readonly notes: readonly string[];
};

/** A file that is not what it should be: the line (from 1) where there is one, and what is wrong. */
export type FileProblem = { readonly line: number | null; readonly text: string };

export type ImportResult =
  | { readonly ok: true; readonly nodes: readonly ImportedNode[]; readonly notes: readonly string[] }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

/**
 * One node a machine: relays that share an address are processes of one machine, with a policy each. Names become unique.
 */
export function mergeNodes(nodes: readonly ImportedNode[]): readonly ImportedNode[] {
  const merged: ImportedNode[] = [];
  for (const node of nodes) {
    const shares = (other: ImportedNode) =>
      other.addresses.some((a) => node.addresses.some((b) => a.address === b.address));
    const [first, ...more] = merged.filter(shares);
    if (first === undefined) merged.push(node);
    else {
      const whole = [...more, node].reduce(mergeTwo, first);
      merged.splice(merged.indexOf(first), 1, whole);
      for (const other of more) merged.splice(merged.indexOf(other), 1);
    }
  }
  return merged.map((node, index) => ({ ...node, name: uniqueName(merged, index) }));
}

function mergeTwo(a: ImportedNode, b: ImportedNode): ImportedNode {
  const addresses = new Map(a.addresses.map((address) => [address.address, address]));
  for (const address of b.addresses) {
    const known = addresses.get(address.address);
    addresses.set(address.address, known === undefined ? address : mergeAddress(known, address));
  }
  return {
    name: a.name,
    addresses: [...addresses.values()],
    hostnames: [...new Set([...a.hostnames, ...b.hostnames])],
    fingerprints: [...new Set([...a.fingerprints, ...b.fingerprints])],
    exit: a.exit || b.exit,
    exitPolicies: [...a.exitPolicies, ...b.exitPolicies.filter((p) => !a.exitPolicies.some((q) => isSame(p, q)))],
    notes: [...new Set([...a.notes, `the relay ${b.name} is on the same machine, by its address`, ...b.notes])],
  };
}

/** An address from which one of the processes lets users' traffic out is an exit address. */
function mergeAddress(a: ImportedAddress, b: ImportedAddress): ImportedAddress {
  const use = a.use === b.use ? a.use : a.use === null || b.use === null ? null : 'exit';
  const from = a.from === null || b.from === null ? null : Math.min(a.from, b.from);
  return { address: a.address, use, from };
}

function isSame(a: ImportedPolicy, b: ImportedPolicy): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function uniqueName(nodes: readonly ImportedNode[], index: number): string {
  const name = nodes[index]?.name ?? '';
  const before = nodes.slice(0, index).filter((node) => node.name === name).length;
  return before === 0 ? name : `${name}-${before + 1}`;
}
