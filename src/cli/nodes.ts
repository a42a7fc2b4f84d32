import type { App } from '../app.ts';
import type { NodeConfig } from '../config.ts';
import { inventoryOf } from '../config.ts';
import { parseInstant } from '../config/quantities.ts';
import type { AddressThen } from '../core/address-then.ts';
import { addressThen, useWords } from '../core/address-then.ts';
import { canonicalIp } from '../core/addresses/ip.ts';
import { windowOfEvent } from '../core/event-window.ts';
import type { Dated, Window } from '../core/exits.ts';
import { dayOf } from '../core/exonera-tor.ts';
import type { PublicAnswer } from '../core/public-tor.ts';
import { utcTime } from '../core/utc-time.ts';
import { assertNever, DeskError } from '../errors.ts';
import { publicAnswer } from '../store/public-answer.ts';
import { type ExitCode, iso, type Output } from './output.ts';
import { table } from './table.ts';

type Options = { readonly json?: boolean };

const dayMs = 86_400_000;
const day = (at: number | null, none: string): string => (at === null ? none : dayOf(at));

/** `exitdesk nodes`: the dated inventory, a line an address; for programs one object a node. */
export function runNodes(app: App, options: Options, out: Output): ExitCode {
  const { nodes } = app.config;
  if (options.json === true) {
    for (const node of nodes) out.write(JSON.stringify(nodeObject(node)));
    return 0;
  }
  const rows = nodes.flatMap((node) =>
    node.addresses.map((a) => [
      node.name,
      a.address,
      a.use === null ? '-' : useWords[a.use],
      a.exit ? 'exit' : 'no exit',
      day(a.from, 'ever'),
      day(a.until, 'now'),
      node.provider ?? '-',
      policyInShort(node, app.now()),
    ]),
  );
  out.write(table(['NODE', 'ADDRESS', 'USE', 'TOR', 'FROM', 'UNTIL', 'PROVIDER', 'EXIT POLICY'], rows));
  return 0;
}

function nodeObject(node: NodeConfig): Readonly<Record<string, unknown>> {
  const { name, hostnames, provider, fingerprints, exit } = node;
  return {
    name,
    hostnames,
    provider,
    fingerprints,
    exit,
    ...datesOf(node),
    addresses: node.addresses.map((a) => ({ ...a, ...datesOf(a) })),
    exitPolicies: node.exitPolicies.map((p) => ({ ...datesOf(p), rules: p.policy.map((rule) => rule.text) })),
    check: node.check.transport,
  };
}

function datesOf({ from, until }: Dated): { readonly from: string | null; readonly until: string | null } {
  return { from: iso(from), until: iso(until) };
}

function policyInShort({ exitPolicies }: NodeConfig, now: number): string {
  if (exitPolicies.length === 0) return 'not known';
  const held = exitPolicies.filter((p) => (p.from ?? 0) <= now && now < (p.until ?? Infinity));
  return held.length === 0 ? 'not known now' : `since ${day(held[0]?.from ?? null, 'ever')}`;
}

/** `exitdesk nodes at ADDRESS TIME`: what the address was then, and why. */
export function runNodesAt(app: App, [address, ...time]: readonly string[], options: Options, out: Output): ExitCode {
  const ip = canonicalIp(address ?? '');
  if (ip === null) throw new DeskError('usage', `"${address ?? ''}" is no IP address`);
  const window = windowOf(time.join(' '));
  const publicTor = publicAnswer(app.db, ip, window);
  const then = addressThen(inventoryOf(app.config), ip, window, { seenAt: app.now(), publicTor });
  if (options.json === true) out.write(JSON.stringify(asObject(then)));
  else for (const line of describe(then)) out.write(line);
  return 0;
}

/** An instant with its zone, a time without one (every zone is looked at), or a day in UTC. */
function windowOf(text: string): Window {
  const time = text.trim();
  if (/^\d{4}-\d{2}-\d{2}$/.test(time)) {
    const from = parseInstant(time);
    if (from !== null) return { from, to: from + dayMs - 1 };
  }
  const at = parseInstant(time);
  if (at !== null) return { from: at, to: at };
  const isLocal = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?$/.test(time);
  const window = isLocal ? windowOfEvent({ at: null, local: time.replace(' ', 'T') }) : null;
  if (window !== null) return window;
  const hint =
    'write 2026-03-01T11:04Z or with a zone such as +01:00; 2026-03-01T11:04 where the zone is unknown; or a day';
  throw new DeskError('usage', `"${time}" is no time: ${hint}`);
}

function asObject(then: AddressThen): Readonly<Record<string, unknown>> {
  const { window, policies, course, publicTor } = then;
  return {
    ...then,
    window: { from: iso(window.from), to: iso(window.to) },
    course: course.map((s) => ({ ...s, ...datesOf(s) })),
    policies: policies.map((p) => ({ ...p, ...datesOf(p) })),
    publicTor: publicTor === null ? null : publicObject(publicTor),
  };
}

function publicObject(answer: PublicAnswer): Readonly<Record<string, unknown>> {
  const { kind } = answer;
  switch (kind) {
    case 'exit': {
      const { source, fingerprint, firstSeenMs, lastSeenMs } = answer;
      return { kind, source, fingerprint, firstSeen: iso(firstSeenMs), lastSeen: iso(lastSeenMs) };
    }
    case 'not-seen':
      return { kind, coveredFrom: iso(answer.coveredFromMs), coveredUntil: iso(answer.coveredUntilMs) };
    case 'unknown':
      return answer;
    default:
      return assertNever(answer);
  }
}

function describe(then: AddressThen): readonly string[] {
  const { window, policies, course } = then;
  const wasExit = course.some((s) => s.standing === 'exit' || s.standing === 'exit-then');
  const when = window.from === window.to ? utcTime(window.from) : `${utcTime(window.from)} to ${utcTime(window.to)}`;
  const fact = (name: string, value: string): readonly string[] =>
    value === '' ? [] : [`  ${name.padEnd(13)} ${value}`];
  return [
    `${then.ip} at ${when}: ${then.standing ?? 'unknown within the window'}`,
    ...then.because.map((sentence) => `  ${sentence}`),
    ...fact('use', then.use === null ? '' : useWords[then.use]),
    ...fact('provider', then.provider ?? ''),
    ...then.fingerprints.flatMap((fingerprint) => fact('fingerprint', fingerprint)),
    ...then.publicRecord.flatMap((link) => fact('ExoneraTor', link)),
    ...(wasExit && policies.length === 0 ? fact('exit policy', 'not known for that time') : []),
    ...policies.flatMap((p) => [
      ...fact('exit policy', `since ${day(p.from, 'ever')}${p.until === null ? '' : ` until ${dayOf(p.until)}`}`),
      ...p.rules.map((rule) => `    ${rule}`),
    ]),
  ];
}
