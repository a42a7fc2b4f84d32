/** Imported nodes as YAML for the section `nodes` of a configuration. Every value is our own or checked: nothing else is written. */
import { DateTime } from 'luxon';
import type { ImportedAddress, ImportedNode, ImportedPolicy } from './imported-node.ts';

/** @param importedAt ms UTC: a policy without a date is known from then on, and from no earlier day */
export function nodesAsYaml(nodes: readonly ImportedNode[], importedAt: number): string {
  return nodes.map((node) => nodeYaml(node, importedAt)).join('\n');
}

function nodeYaml(node: ImportedNode, importedAt: number): string {
  const { name, hostnames, fingerprints, exit, exitPolicies, addresses, notes } = node;
  const common = sharedFrom(addresses);
  const lines = [
    `- name: ${name}`,
    ...(addresses.length === 0
      ? ['  addresses: [] # none was found: a node needs at least one']
      : ['  addresses:', ...addresses.map((a) => `    - ${addressYaml(a, common)}`)]),
    ...(hostnames.length === 0 ? [] : [`  hostnames: [${hostnames.filter(isHostname).join(', ')}]`]),
    ...(common === null
      ? ['  # from: since when it was yours, for example 2024-01-01']
      : [`  from: ${instant(common)}`]),
    ...(exit ? [] : ['  exit: false']),
    '  # provider: the hosting provider',
    ...(fingerprints.length === 0 ? [] : [`  fingerprints: [${fingerprints.map((f) => `'${f}'`).join(', ')}]`]),
    ...(exitPolicies.length === 0
      ? []
      : ['  exitPolicies:', ...exitPolicies.flatMap((p) => policyYaml(p, importedAt))]),
    '  check: { transport: none } # how to look at the machine: docs/node-setup.md',
  ];
  return [...notes.map((note) => `# ${oneLine(note)}`), ...lines, ''].join('\n');
}

/** The date that all addresses share, which is then the node's own; null where one has none. */
function sharedFrom(addresses: readonly ImportedAddress[]): number | null {
  const dates = addresses.map((a) => a.from).filter((from) => from !== null);
  return dates.length === 0 || dates.length < addresses.length ? null : Math.min(...dates);
}

function addressYaml({ address, use, from }: ImportedAddress, common: number | null): string {
  const text = address.includes(':') ? `'${address}'` : address;
  const own = from === null || from === common ? [] : [`from: ${instant(from)}`];
  const fields = [...own, ...(use === null ? [] : [`use: ${use}`])];
  return fields.length === 0 ? text : `{ address: ${text}, ${fields.join(', ')} }`;
}

function policyYaml(
  { exitPolicy, reducedExitPolicy, ipv6Exit, from }: ImportedPolicy,
  importedAt: number,
): readonly string[] {
  const since =
    from === null
      ? `${instant(importedAt)} # the time of this import; set it back if you know since when`
      : instant(from);
  return [
    `    - from: ${since}`,
    ...(exitPolicy.length === 0 ? [] : ['      exitPolicy:', ...exitPolicy.map((rule) => `        - '${rule}'`)]),
    ...(reducedExitPolicy ? ['      reducedExitPolicy: true'] : []),
    ...(ipv6Exit ? ['      ipv6Exit: true'] : []),
  ];
}

function instant(at: number): string {
  return DateTime.fromMillis(at, { zone: 'utc' }).toFormat("yyyy-MM-dd'T'HH:mm:ss'Z'");
}

function isHostname(text: string): boolean {
  return /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/.test(text);
}

/** A note may quote a file: no line break of it ends the comment. */
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').slice(0, 300);
}
