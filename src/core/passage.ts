/**
 * Could it have come through us? What a complaint shows of its traffic, against what our exit let out at that time. What
 * cannot have come through Tor was sent in our name by somebody else, or by the machine itself: a reason to look at it.
 */
import { holdsWithin, type Node, type PolicySpan, type Window } from './exits.ts';
import type { AccusedAddress, Flow, Passage, PassageReason, Traffic } from './judgement.ts';
import { askPolicy } from './tor-policy/exit-policy.ts';
import type { PolicyRule } from './tor-policy/rule.ts';

const mostReasons = 10;
const sshPort = 22;
const namePort = 53;

/**
 * @param ip the accused address, canonical
 * @param holders the entries of the inventory that have the address at any time
 * @param when the span in which all of the reported traffic lies; null = not known, then no policy can be named
 */
export function passageOf(traffic: Traffic, ip: string, holders: readonly Node[], when: Window | null): Passage {
  const spans = policiesOf(holders);
  const asked = traffic.flows.map((flow) => askFlow(flow, { ip, spans, when }));
  const reasons = asked.flatMap((a) => (a.reason === null ? [] : [a.reason]));
  const synOnly = traffic.synOnly && traffic.flows.every((f) => f.protocol === 'tcp' && f.port === sshPort);
  const because = [...reasons, ...(synOnly ? [{ why: 'syn-only' } as const] : [])].slice(0, mostReasons);
  const ruledOut = asked.filter((a) => a.answer === 'impossible').length;
  if (ruledOut > 0) return { verdict: ruledOut === asked.length && traffic.whole ? 'impossible' : 'partly', because };
  if (because.some((r) => r.why !== 'name-lookup')) return { verdict: 'doubtful', because };
  return { verdict: asked.every((a) => a.answer === 'unknown') ? 'unknown' : 'possible', because };
}

/** Tor cannot have carried it, or it may be forged: the machine is looked at anew and with more care. */
export function raisesSuspicion({ passage }: AccusedAddress): boolean {
  if (passage === undefined) return false;
  return isRuledOut({ passage }) || passage.because.some((r) => r.why === 'syn-only');
}

/** Tor cannot have carried it, or some of it. */
export function isRuledOut({ passage }: Pick<AccusedAddress, 'passage'>): boolean {
  return passage?.verdict === 'impossible' || passage?.verdict === 'partly';
}

/** The exit policies of these entries, each once: a machine's entries share its policies. */
export function policiesOf(holders: readonly Node[]): readonly PolicySpan[] {
  return [...new Set(holders.filter((n) => n.exit).flatMap((n) => n.exitPolicies ?? []))];
}

type Asked = {
  readonly answer: 'impossible' | 'doubtful' | 'possible' | 'unknown';
  readonly reason: PassageReason | null;
};
type Then = { readonly ip: string; readonly spans: readonly PolicySpan[]; readonly when: Window | null };

function askFlow(flow: Flow, then: Then): Asked {
  const { protocol, port, address, stated } = flow;
  if (protocol === 'udp' && (port === null || port === namePort))
    return { answer: 'possible', reason: { why: 'name-lookup' } };
  if (protocol === 'udp' || protocol === 'icmp') {
    return { answer: stated ? 'impossible' : 'doubtful', reason: { why: 'not-tcp', protocol, port } };
  }
  const decided = refusal(flow, then);
  if (decided === 'unknown' || decided === null) return { answer: decided ?? 'possible', reason: null };
  const reason = { why: 'refused', port, address, rule: decided.rule.text, since: decided.since, stated } as const;
  return { answer: stated ? 'impossible' : 'doubtful', reason };
}

type Refusal = { readonly rule: PolicyRule; readonly since: number | null };

/**
 * What refused the connection: every policy that held at any moment of the span must, and the span must be covered by policies
 * that are known. Null where one lets it out or may do so. From an IPv4 address one reaches IPv4 addresses only.
 */
function refusal({ port, address }: Flow, { ip, spans, when }: Then): Refusal | 'unknown' | null {
  const family = ip.includes(':') ? 6 : 4;
  const other = address !== null && address.includes(':') !== ip.includes(':');
  const held = when === null ? [] : spans.filter((span) => holdsWithin(span, when));
  if (when === null || other || !covers(held, when)) return 'unknown';
  const answers = held.map(({ policy, from }) => ({ ...askPolicy(policy, { family, address, port }), since: from }));
  const first = answers[0];
  const refused = answers.every((a) => a.answer === 'refused');
  return refused && first?.rule != null ? { rule: first.rule, since: first.since } : null;
}

/** Do the spans together leave no moment of the window out? */
function covers(spans: readonly PolicySpan[], { from, to }: Window): boolean {
  let at = from;
  for (const span of spans.toSorted((a, b) => (a.from ?? -Infinity) - (b.from ?? -Infinity))) {
    if ((span.from ?? -Infinity) > at) return false;
    if (span.until === null) return true;
    at = Math.max(at, span.until);
  }
  return at > to;
}
