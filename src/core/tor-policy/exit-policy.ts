/**
 * What a tor exit lets out (tor manual, ExitPolicy): rules from first to last, the first that matches decides. What tor
 * puts around the operator's own rules is put around them here too.
 */
import { isWithin, parsePrefix } from '../addresses/ip.ts';
import { defaultRules, reducedRules } from './named-policies.ts';
import type { Family, PolicyRule } from './rule.ts';
import { parseRule } from './rule.ts';

function known(text: string): PolicyRule {
  const parsed = parseRule(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.rule;
}

const noIpv6 = [known('reject *6:*')];
const noPrivate = [known('reject private:*')];
const byDefault = defaultRules.map(known);
const reduced = reducedRules.map(known);

export type ExitPolicy = readonly PolicyRule[];

/** The options of a torrc that make the policy; each as the manual's default where it is not stated. */
export type PolicyOptions = {
  readonly exitPolicy: readonly PolicyRule[];
  readonly reducedExitPolicy: boolean;
  readonly ipv6Exit: boolean;
};

/**
 * The whole policy: nothing by IPv6 without IPv6Exit, no inner networks (ExitPolicyRejectPrivate), the operator's rules,
 * then tor's default or reduced policy. Rules behind one that decides everything have no effect.
 */
export function wholePolicy({ exitPolicy, reducedExitPolicy, ipv6Exit }: PolicyOptions): ExitPolicy {
  return [...(ipv6Exit ? [] : noIpv6), ...noPrivate, ...exitPolicy, ...(reducedExitPolicy ? reduced : byDefault)];
}

/** Where somebody connected to: null where it is not known. A port is one of TCP. */
export type Destination = {
  readonly family: Family;
  readonly address: string | null;
  readonly port: number | null;
};

/** `rule` is the one that decides; null where nothing does, or where it depends on what is not known. */
export type PolicyAnswer =
  | { readonly answer: 'accepted'; readonly rule: PolicyRule }
  | { readonly answer: 'refused'; readonly rule: PolicyRule }
  | { readonly answer: 'depends'; readonly rule: null };

/**
 * Does the policy let a connection to there out? "refused" and "accepted" hold for every destination that fits what is known;
 * "depends" where some would be let out and others not. A destination that is not known is none of an inner network.
 */
export function askPolicy(policy: ExitPolicy, to: Destination): PolicyAnswer {
  const partly = new Set<PolicyRule['action']>();
  for (const rule of policy) {
    const match = matches(rule, to);
    if (match === 'no') continue;
    if (match === 'some') {
      partly.add(rule.action);
      continue;
    }
    const answer = rule.action === 'accept' ? 'accepted' : 'refused';
    const against = rule.action === 'accept' ? 'reject' : 'accept';
    return partly.has(against) ? { answer: 'depends', rule: null } : { answer, rule };
  }
  return { answer: 'depends', rule: null };
}

/** Does the policy let anything out at all? */
export function lets(policy: ExitPolicy): boolean {
  return ([4, 6] as const).some(
    (family) => askPolicy(policy, { family, address: null, port: null }).answer !== 'refused',
  );
}

function matches(rule: PolicyRule, { family, address, port }: Destination): 'all' | 'some' | 'no' {
  if (!rule.families.includes(family)) return 'no';
  if (port !== null && (port < rule.fromPort || port > rule.toPort)) return 'no';
  const anyPort = port !== null || (rule.fromPort <= 1 && rule.toPort === 65_535);
  if (rule.networks === null) return anyPort ? 'all' : 'some';
  if (address === null) return rule.isPrivate ? 'no' : 'some';
  if (!rule.networks.some((network) => isInNetwork(address, network))) return 'no';
  return anyPort ? 'all' : 'some';
}

function isInNetwork(address: string, network: string): boolean {
  const prefix = parsePrefix(network);
  return prefix !== null && isWithin(address, prefix);
}
