/** One line of a tor exit policy, as tor's manual describes ExitPolicy: "accept[6]|reject[6] ADDR[/MASK][:PORT]". */
import { canonicalIp, networkOf, parsePrefix } from '../addresses/ip.ts';
import type { Prefix } from '../addresses/ip.ts';

export type Family = 4 | 6;

export type PolicyRule = {
  readonly action: 'accept' | 'reject';
  /** The kinds of address that the rule is about. */
  readonly families: readonly Family[];
  /** The networks it names, canonical; null: every address of its families. Plain text: a policy goes to another thread. */
  readonly networks: readonly string[] | null;
  /** Inner networks by tor's word "private". */
  readonly isPrivate: boolean;
  readonly fromPort: number;
  readonly toPort: number;
  /** The rule in one spelling: parsing it gives the same rule. */
  readonly text: string;
};

export type ParsedRule =
  | { readonly ok: true; readonly rule: PolicyRule }
  /** ignored: tor passes the rule over, where it would not start with any other that is wrong. */
  | { readonly ok: false; readonly problem: string; readonly ignored: boolean };

const lastPort = 65_535;

/** What tor means by "private" (tor manual, ExitPolicy). */
export const privateNetworks: readonly string[] = [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '127.0.0.0/8',
  '192.168.0.0/16',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '::/8',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

/** Reads one rule; letter case and blanks do not matter. Never throws. */
export function parseRule(written: string): ParsedRule {
  const found = /^\s*(accept|reject)(6?)\s+(\S+)\s*$/i.exec(written.slice(0, 200));
  if (found === null) return wrong(`"${short(written)}" is no rule: write accept or reject, and ADDRESS:PORT`);
  const action = found[1]?.toLowerCase() === 'accept' ? 'accept' : 'reject';
  const { host, portText } = partsOf(found[3] ?? '');
  const ports = portsOf(portText);
  if (ports === null) return wrong(`"${portText}" is no port: write one, a range such as 80-81, or *`);
  const where = placeOf(host, found[2] === '6');
  if (where === 'ignored')
    return { ok: false, problem: 'accept6 and reject6 know no IPv4 address: tor ignores this rule', ignored: true };
  if (where === null) return wrong(`"${short(host)}" is no address of an exit policy`);
  const [fromPort, toPort] = ports;
  const portPart =
    fromPort === 1 && toPort === lastPort ? '*' : fromPort === toPort ? `${fromPort}` : `${fromPort}-${toPort}`;
  const rule = { action, ...where, fromPort, toPort, text: `${action} ${where.text}:${portPart}` } as const;
  return { ok: true, rule };
}

/** The rules of one ExitPolicy value, which parts them by commas; each with what is wrong with it. */
export function parseRules(value: string): readonly ParsedRule[] {
  return value
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(parseRule);
}

type Place = Pick<PolicyRule, 'families' | 'networks' | 'isPrivate' | 'text'>;

/** Null: no address. Ignored: one of IPv4 in a rule for IPv6. */
function placeOf(host: string, onlySix: boolean): Place | 'ignored' | null {
  const lower = host.toLowerCase();
  if (lower === 'private') return { families: [4, 6], networks: privateNetworks, isPrivate: true, text: 'private' };
  if (lower === '*4' && onlySix) return 'ignored';
  const any = lower === '*' ? (onlySix ? '*6' : '*') : lower;
  if (any === '*') return { families: [4, 6], networks: null, isPrivate: false, text: '*' };
  if (any === '*4') return { families: [4], networks: null, isPrivate: false, text: '*4' };
  if (any === '*6') return { families: [6], networks: null, isPrivate: false, text: '*6' };
  const network = networkFrom(lower);
  if (network === null) return null;
  const family = network.bits === 32 ? 4 : 6;
  if (onlySix && family === 4) return 'ignored';
  const base = family === 4 ? networkOf(network) : `[${networkOf(network)}]`;
  const text = network.length === network.bits ? base : `${base}/${network.length}`;
  return { families: [family], networks: [`${networkOf(network)}/${network.length}`], isPrivate: false, text };
}

/** "198.51.100.0/24", "198.51.100.0/255.255.255.0", "[2001:db8::]/32"; bits behind the mask do not matter, as in tor. */
function networkFrom(text: string): Prefix | null {
  const [address = '', mask, ...more] = text.split('/');
  if (more.length > 0) return null;
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  // An IPv4-mapped address would become another kind of address than tor takes it for.
  if (canonicalIp(bare)?.includes(':') !== bare.includes(':')) return null;
  if (mask === undefined) return parsePrefix(bare);
  const length = mask.includes('.') ? lengthOfMask(mask) : /^\d{1,3}$/.test(mask) ? Number(mask) : null;
  const prefix = length === null ? null : parsePrefix(`${bare}/${length}`);
  return prefix === null ? null : parsePrefix(`${networkOf(prefix)}/${prefix.length}`);
}

/** A dotted mask of ones followed by zeros as the count of its ones. */
function lengthOfMask(mask: string): number | null {
  const ip = canonicalIp(mask);
  if (ip === null || ip.includes(':')) return null;
  const bits = ip
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : null;
}

/** The port stands behind the last colon that is not part of an IPv6 address; without one it means all. */
function partsOf(target: string): { readonly host: string; readonly portText: string } {
  const closing = target.lastIndexOf(']');
  const colon = target.indexOf(':', Math.max(0, closing));
  const isBareSix = closing < 0 && colon !== target.lastIndexOf(':');
  if (colon < 0 || isBareSix) return { host: target, portText: '*' };
  return { host: target.slice(0, colon), portText: target.slice(colon + 1) };
}

function portsOf(text: string): readonly [number, number] | null {
  if (text === '*') return [1, lastPort];
  const found = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (found === null) return null;
  const from = Number(found[1]);
  const to = Number(found[2] ?? found[1]);
  return from < 1 || from > to || to > lastPort ? null : [from, to];
}

function wrong(problem: string): ParsedRule {
  return { ok: false, problem, ignored: false };
}

function short(text: string): string {
  return text.trim().slice(0, 80);
}
