/** What Onionoo's details documents (metrics.torproject.org/onionoo.html, protocol 8) tell of relays, as nodes of an inventory. */
import { DateTime } from 'luxon';
import { z } from 'zod';
import { hostOfEndpoint } from '../addresses/endpoint.ts';
import { canonicalIp } from '../addresses/ip.ts';
import { lets, wholePolicy } from '../tor-policy/exit-policy.ts';
import { parseRule, privateNetworks, type PolicyRule } from '../tor-policy/rule.ts';
import { utcTime } from '../utc-time.ts';
import type { ImportedAddress, ImportedNode, ImportedPolicy, ImportResult } from './imported-node.ts';

const texts = z.array(z.string()).default([]);
const summary = z.object({ accept: z.array(z.string()).optional(), reject: z.array(z.string()).optional() });
const relaySchema = z.object({
  nickname: z.string().default(''),
  fingerprint: z.string().regex(/^[0-9A-Fa-f]{40}$/, 'is no fingerprint of 40 hexadecimal digits'),
  or_addresses: texts,
  exit_addresses: texts,
  exit_policy: z.array(z.string()).optional(),
  exit_policy_summary: summary.optional(),
  exit_policy_v6_summary: summary.optional(),
  first_seen: z.string().optional(),
  last_seen: z.string().optional(),
  last_changed_address_or_port: z.string().optional(),
  contact: z.string().optional(),
});
const documentSchema = z.object({ relays_published: z.string().optional(), relays: z.array(z.unknown()) });
type Relay = z.output<typeof relaySchema>;

/** Which relays are ours: by fingerprint, or by a part of their ContactInfo (letter case does not matter). None: all. */
export type RelayFilter = { readonly fingerprints: readonly string[]; readonly contact: string | null };

/** More relays than anybody runs: a document of the whole network, out of which ours must be named. */
const mostWithoutFilter = 100;

/** @param text a details document; a problem names the relay by its place, since JSON has no lines of its own */
export function nodesOfOnionoo(text: string, filter: RelayFilter): ImportResult {
  const json = parsed(text);
  if ('problem' in json) return wrong(json.problem);
  const document = documentSchema.safeParse(json.value);
  if (!document.success) return wrong('is no details document of Onionoo: it has no list "relays"');
  const isFiltered = filter.fingerprints.length > 0 || filter.contact !== null;
  const { relays, relays_published: published } = document.data;
  if (!isFiltered && relays.length > mostWithoutFilter)
    return wrong(`holds ${relays.length} relays: say which are yours with --fingerprint or --contact`);
  const problems: string[] = [];
  const found: Relay[] = [];
  for (const [index, entry] of relays.entries()) {
    const relay = relaySchema.safeParse(entry);
    if (relay.success) {
      if (!isFiltered || isOurs(relay.data, filter)) found.push(relay.data);
    } else
      problems.push(
        `relays[${index}]: ${relay.error.issues[0]?.path.join('.') ?? ''} ${relay.error.issues[0]?.message ?? ''}`,
      );
  }
  if (problems.length > 0)
    return { ok: false, problems: problems.slice(0, 20).map((problem) => ({ line: null, text: problem })) };
  const asOf = instantOf(published);
  const missing = filter.fingerprints.filter((f) => found.every((r) => r.fingerprint.toUpperCase() !== f));
  const notes = missing.map((fingerprint) => `no relay in it has the fingerprint ${fingerprint}`);
  return { ok: true, nodes: found.map((relay) => nodeOf(relay, asOf)), notes };
}

function isOurs(relay: Relay, { fingerprints, contact }: RelayFilter): boolean {
  if (fingerprints.includes(relay.fingerprint.toUpperCase())) return true;
  return contact !== null && (relay.contact ?? '').toLowerCase().includes(contact.toLowerCase());
}

function nodeOf(relay: Relay, asOf: number | null): ImportedNode {
  const notes: string[] = [];
  const fingerprint = relay.fingerprint.toUpperCase();
  const policy = policyOf(relay, asOf, notes);
  const lastSeen = instantOf(relay.last_seen);
  if (asOf !== null && lastSeen !== null && lastSeen < asOf)
    notes.push(`last seen ${utcTime(lastSeen)}: if you gave it back, state until`);
  notes.push(
    'Onionoo knows the addresses of now: add earlier ones, with from and until, and exit addresses of IPv6 that no relay announces',
  );
  return {
    name: /^[A-Za-z0-9]{1,19}$/.test(relay.nickname) ? relay.nickname : `relay-${fingerprint.slice(0, 8)}`,
    addresses: addressesOf(relay, policy !== 'none', notes),
    hostnames: [],
    fingerprints: [fingerprint],
    exit: policy !== 'none',
    exitPolicies: policy === 'none' || policy === 'unknown' ? [] : [policy],
    notes,
  };
}

/** An address of IPv4 that is announced and from which no exit was seen within a day is an OR address and no more. */
function addressesOf(relay: Relay, isExit: boolean, notes: string[]): readonly ImportedAddress[] {
  const from = instantOf(relay.last_changed_address_or_port) ?? instantOf(relay.first_seen);
  if (from === null) notes.push('it does not say since when: state from');
  const or = [...new Set(relay.or_addresses.flatMap((text) => canonicalIp(hostOfEndpoint(text)) ?? []))];
  const exits = [...new Set(relay.exit_addresses.flatMap((text) => canonicalIp(text) ?? []))];
  const hasExits = isExit && exits.length > 0;
  return [...new Set([...exits, ...or])].map((address) => {
    const isOnlyOr = hasExits && !address.includes(':') && !exits.includes(address);
    const use = isOnlyOr ? 'or' : hasExits && exits.includes(address) && !or.includes(address) ? 'exit' : null;
    return { address, use, from };
  });
}

/**
 * exit_policy lists the descriptor's rules, which are of IPv4 alone. Of IPv6 there is only a summary by ports, which does not say
 * what is refused to single networks: so nothing is held against it where it lets anything out.
 */
function policyOf(relay: Relay, asOf: number | null, notes: string[]): ImportedPolicy | 'none' | 'unknown' {
  const ipv6Exit = relay.exit_policy_v6_summary !== undefined;
  const { exit_policy: lines } = relay;
  if (lines === undefined) {
    if (relay.exit_policy_summary === undefined) {
      notes.push('it names no exit policy: fetch it without "fields", or with exit_policy');
      return 'unknown';
    }
    const { accept } = relay.exit_policy_summary;
    if (accept?.length === 0 && !ipv6Exit) return 'none';
    notes.push(
      'it has a summary of the exit policy only, which does not prove what was refused: take the policy from the torrc',
    );
    return 'unknown';
  }
  const rules = lines.map(parseRule);
  const bad = rules.find((rule) => !rule.ok);
  if (bad?.ok === false) {
    notes.push(`its exit policy cannot be read: ${bad.problem}`);
    return 'unknown';
  }
  const four = rules.flatMap((parsedRule) => (parsedRule.ok ? [asFour(parsedRule.rule)] : []));
  const own = four.filter((rule) => !isPrivateNetwork(rule));
  if (!ipv6Exit && !lets(wholePolicy({ exitPolicy: four, reducedExitPolicy: false, ipv6Exit }))) return 'none';
  if (ipv6Exit) notes.push('the policy for IPv6 is known by a summary only, and is written as if it refused nothing');
  if (asOf === null) notes.push('it does not say of when its policy is');
  notes.push('since when the exit policy holds is not known: set its from back if you know better');
  return {
    exitPolicy: [...own.map((rule) => rule.text), ...(ipv6Exit ? ['accept *6:*'] : [])],
    reducedExitPolicy: false,
    ipv6Exit,
    from: asOf,
  };
}

/** A rule for every address is one for IPv4 in a descriptor. */
function asFour(rule: PolicyRule): PolicyRule {
  if (rule.networks !== null || rule.families.length === 1) return rule;
  const four = parseRule(rule.text.replace(/ \*:/, ' *4:'));
  return four.ok ? four.rule : rule;
}

/** Inner networks are refused by every policy here as they are by tor: they need no lines. */
function isPrivateNetwork({ action, networks, fromPort, toPort }: PolicyRule): boolean {
  const [network, ...more] = networks ?? [];
  const isWhole = action === 'reject' && fromPort === 1 && toPort === 65_535 && more.length === 0;
  return isWhole && network !== undefined && privateNetworks.includes(network);
}

/** "2026-03-01 11:00:00", UTC. */
function instantOf(text: string | undefined): number | null {
  const time = DateTime.fromFormat(text ?? '', 'yyyy-MM-dd HH:mm:ss', { zone: 'utc' });
  return time.isValid ? time.toMillis() : null;
}

function parsed(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text.replace(/^\uFEFF/, '')) as unknown };
  } catch (error) {
    return { problem: `is not JSON (${error instanceof Error ? error.message.slice(0, 120) : 'unreadable'})` };
  }
}

function wrong(text: string): ImportResult {
  return { ok: false, problems: [{ line: null, text }] };
}
