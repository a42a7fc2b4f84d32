/** What cannot be right between the nodes of a configuration, or within one; costs what is stated, however many nodes there are. */
import { isWithin, networkOf, parsePrefix, type Prefix } from '../core/addresses/ip.ts';
import type { Dated } from '../core/exits.ts';
import { addressesOf, hostOf, type NodeAddress } from './nodes.ts';
import type { Path, Problem } from './problems.ts';
import type { Written } from './schema.ts';

type WrittenNode = Written['nodes'][number];
type Readable = { readonly node: WrittenNode; readonly index: number };

/** A node that could not be read is undefined, and is passed over. */
export function checkNodes(nodes: readonly (WrittenNode | undefined)[]): Problem[] {
  const readable = nodes.flatMap((node, index) => (node === undefined ? [] : [{ node, index }]));
  return [
    ...readable.flatMap(({ node, index }) => checkNode(node, ['nodes', index])),
    ...sharedNames(readable),
    ...sharedAddresses(readable),
  ];
}

function checkNode(node: WrittenNode, path: Path): Problem[] {
  const problems: Problem[] = [];
  const { check } = node;
  if (node.from !== null && node.until !== null && node.until <= node.from)
    problems.push({ path: [...path, 'until'], text: 'must be later than from' });
  if (check.transport === 'ssh') {
    const here = [...path, 'check'];
    if (check.keyFile === undefined)
      problems.push({ path: here, text: 'keyFile is missing (or state transport: local, or transport: none)' });
    if (check.hostKeys.length === 0 && check.knownHostsFile === undefined)
      problems.push({
        path: here,
        text: 'hostKeys is missing: the desk logs in to no host that it cannot recognise (ssh-keyscan shows the keys)',
      });
    if (check.host === undefined && hostOf(node) === null)
      problems.push({ path: here, text: 'host is missing (no single address of this node is still yours)' });
  }
  return [...problems, ...checkAddresses(node, path), ...checkPolicies(node, path)];
}

/** Nodes of one name may follow each other in time. */
function sharedNames(nodes: readonly Readable[]): Problem[] {
  const groups = Map.groupBy(nodes, ({ node }) => node.name);
  return [...groups.values()].flatMap((group) =>
    group.flatMap(({ node, index }, at) =>
      group.slice(0, at).some((earlier) => isTogether(earlier.node, node))
        ? [{ path: ['nodes', index, 'name'], text: `two nodes are named "${node.name}" at the same time` }]
        : [],
    ),
  );
}

type Entry = { readonly name: string; readonly index: number; readonly span: NodeAddress; readonly prefix: Prefix };

/** An address may move from one node to another, but has no two owners at once. */
function sharedAddresses(nodes: readonly Readable[]): Problem[] {
  const problems: Problem[] = [];
  const single = new Map<string, Entry[]>();
  const wide: Entry[] = [];
  for (const { node, index } of nodes) {
    for (const [at, span] of addressesOf(node).entries()) {
      const prefix = parsePrefix(span.address);
      if (prefix === null) continue;
      const base = networkOf(prefix);
      const isWide = prefix.length < prefix.bits;
      const over = wide.filter((e) => isWithin(base, e.prefix) || isWithin(networkOf(e.prefix), prefix));
      const under = isWide ? [...single.values()].flat().filter((e) => isWithin(networkOf(e.prefix), prefix)) : [];
      const other = [...(single.get(base) ?? []), ...over, ...under].find(
        (e) => e.index !== index && isTogether(e.span, span),
      );
      if (other !== undefined)
        problems.push({
          path: ['nodes', index, 'addresses', at],
          text: `${span.address} belongs to node "${other.name}" (${other.span.address}) at the same time: give from and until`,
        });
      const entry = { name: node.name, index, span, prefix };
      if (isWide) wide.push(entry);
      else single.set(base, [...(single.get(base) ?? []), entry]);
    }
  }
  return problems;
}

function isTogether(a: Dated, b: Dated): boolean {
  return (a.from ?? -Infinity) < (b.until ?? Infinity) && (b.from ?? -Infinity) < (a.until ?? Infinity);
}

function checkAddresses(node: WrittenNode, path: Path): Problem[] {
  const spans = addressesOf(node);
  return spans.flatMap((span, at): Problem[] => {
    const here = [...path, 'addresses', at];
    if (span.from !== null && span.until !== null && span.until <= span.from)
      return [
        {
          path: here,
          text: `${span.address} was never the node's: its from and until leave no time within the node's`,
        },
      ];
    const twin = spans.slice(0, at).find((o) => o.address === span.address && isTogether(o, span));
    return twin === undefined ? [] : [{ path: here, text: `${span.address} is here twice at the same time` }];
  });
}

function checkPolicies(node: WrittenNode, path: Path): Problem[] {
  return node.exitPolicies.flatMap(({ from, until }, at) =>
    until !== null && until <= (from ?? node.from ?? -Infinity)
      ? [{ path: [...path, 'exitPolicies', at, 'until'], text: 'must be later than from' }]
      : [],
  );
}
