/** What a letter may say of traffic that cannot, or may not, have come through our exit: only what is stated and sure. */
import type { HostCheck } from '../hosts/check.ts';
import type { AccusedAddress, PassageReason } from '../judgement.ts';

export type PassageView = {
  /** Tor cannot have carried it, or some of it. */
  readonly ruledOut: boolean;
  /** None of what is reported can have come through our exit. */
  readonly all: boolean;
  /** "UDP port 123, ICMP"; null where none is reported. */
  readonly notTcp: string | null;
  /** Where our exit policy of that time let nothing out to, and the line of it that says so. */
  readonly refused: readonly { readonly to: string; readonly rule: string }[];
  /** Only first packets of connections to port 22 are shown. */
  readonly synOnly: boolean;
  /** Every machine in question was checked, and the check found no sign of a break-in. */
  readonly machineChecked: boolean;
};

const mostRefused = 5;
const mostNamed = 3;

/** Null where there is nothing to say. What is said holds for every accused exit of ours. */
export function passageView(
  addresses: readonly AccusedAddress[],
  checks: readonly Pick<HostCheck, 'node' | 'verdict'>[],
): PassageView | null {
  const exits = addresses.filter(
    (a) => a.role === 'reported' && (a.standing === 'exit' || a.standing === 'exit-then') && a.uncertain !== true,
  );
  const [first, ...others] = exits.map((a) => (a.passage?.because ?? []).filter(isSure));
  const shared = (first ?? []).filter((r) => others.every((o) => o.some((s) => isSame(r, s))));
  const notTcp = shared.flatMap((r) => (r.why === 'not-tcp' ? [withPort(r.protocol.toUpperCase(), r.port)] : []));
  const refused = refusedIn(shared);
  const synOnly = shared.some((r) => r.why === 'syn-only');
  const ruledOut = notTcp.length + refused.length > 0;
  if (!ruledOut && !synOnly) return null;
  return {
    ruledOut,
    all: ruledOut && exits.every((a) => a.passage?.verdict === 'impossible'),
    notTcp: notTcp.length === 0 ? null : notTcp.join(', '),
    refused: refused.slice(0, mostRefused),
    synOnly,
    machineChecked: exits.every((a) => checks.some((c) => c.node === a.node && c.verdict === 'clean')),
  };
}

/** One line for each port and rule, with up to three of the destinations that the complaint names. */
function refusedIn(reasons: readonly PassageReason[]): PassageView['refused'] {
  const all = reasons.filter((r) => r.why === 'refused');
  const groups = Map.groupBy(all, (r) => `${r.port ?? ''} ${r.rule}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const named = group.flatMap((r) => r.address ?? []);
    const whole = named.length < group.length ? [] : named.slice(0, mostNamed);
    const more = named.length > whole.length && whole.length > 0 ? ' and others' : '';
    const to = withPort('TCP', first.port);
    return [{ to: whole.length === 0 ? to : `${to} of ${whole.join(', ')}${more}`, rule: first.rule }];
  });
}

function isSure(reason: PassageReason): boolean {
  return reason.why === 'not-tcp' || reason.why === 'syn-only' || (reason.why === 'refused' && reason.stated);
}

function isSame(a: PassageReason, b: PassageReason): boolean {
  if (a.why === 'refused' && b.why === 'refused') return destination(a) === destination(b) && a.rule === b.rule;
  if (a.why === 'not-tcp' && b.why === 'not-tcp') return a.protocol === b.protocol && a.port === b.port;
  return a.why === b.why;
}

function destination({ port, address }: Extract<PassageReason, { why: 'refused' }>): string {
  const to = withPort('TCP', port);
  return address === null ? to : `${to} of ${address}`;
}

function withPort(protocol: string, port: number | null): string {
  return port === null ? protocol : `${protocol} port ${port}`;
}
