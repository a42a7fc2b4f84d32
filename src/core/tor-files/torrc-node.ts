/** What a relay's torrc tells of a node: its addresses and what they are for, its exit policy (tor manual). */
import { hostOfEndpoint } from '../addresses/endpoint.ts';
import { canonicalIp, isPrivate, isSpecial } from '../addresses/ip.ts';
import type { AddressUse } from '../exits.ts';
import { lets, wholePolicy } from '../tor-policy/exit-policy.ts';
import { parseRules, type PolicyRule } from '../tor-policy/rule.ts';
import type { FileProblem, ImportedAddress, ImportedPolicy, ImportResult } from './imported-node.ts';
import { readTorrc, type Torrc, type TorOption } from './torrc.ts';

/**
 * @param fallbackName the node's name where the torrc has no Nickname
 * @param fingerprints by nickname, from the files that tor keeps them in
 */
export function nodeOfTorrc(
  text: string,
  fallbackName: string,
  fingerprints: ReadonlyMap<string, string> = new Map(),
): ImportResult {
  const torrc = readTorrc(text);
  const all = (name: string) => torrc.options.filter((option) => option.name === name);
  const rules = rulesOf(all('exitpolicy'));
  const problems = [...torrc.problems, ...rules.problems, ...switchProblems(torrc)];
  const hasPort = all('orport').some((option) => !/^0\b/.test(option.value));
  if (!hasPort) problems.push({ line: null, text: 'has no ORPort: this is the torrc of no relay' });
  if (problems.length > 0) return { ok: false, problems };
  const policy = policyOf(torrc, rules.rules);
  const notes: string[] = [
    ...torrc.includes.map(
      (i) => `line ${i.line}: %include ${i.value} was not followed: import that file too, or add what it says`,
    ),
    ...rules.notes,
  ];
  const addresses = addressesOf(torrc, policy !== null, notes);
  const nickname = all('nickname').at(-1)?.value ?? '';
  const name = /^[A-Za-z0-9]{1,19}$/.test(nickname) ? nickname : fallbackName;
  const fingerprint = fingerprints.get(nickname);
  if (isOn(torrc, 'bridgerelay')) notes.push('a bridge: its address is nobody’s to know; it is no exit');
  if (all('myfamily').length > 0)
    notes.push(`MyFamily names ${familyOf(torrc).length} relays; a torrc does not say which of them is this one`);
  notes.push(
    'a torrc tells no dates: state from, since when each address was yours, and from of the exit policy where it is older',
  );
  if (fingerprint === undefined)
    notes.push(
      `a torrc tells no fingerprint: that of ${name} stands in the file "fingerprint" of its DataDirectory, which import reads too`,
    );
  const node = {
    name,
    addresses,
    hostnames: all('address')
      .map((o) => o.value.toLowerCase())
      .filter((host) => canonicalIp(host) === null),
    fingerprints: fingerprint === undefined ? [] : [fingerprint],
    exit: policy !== null,
    exitPolicies: policy === null ? [] : [policy],
    notes,
  };
  return { ok: true, nodes: [node], notes: [] };
}

const switches = ['reducedexitpolicy', 'ipv6exit', 'bridgerelay'];

/** The last one counts, as in tor. */
function valueOf({ options }: Torrc, name: string): TorOption | undefined {
  return options.findLast((option) => option.name === name);
}

function isOn(torrc: Torrc, name: string): boolean {
  return valueOf(torrc, name)?.value === '1';
}

function switchProblems(torrc: Torrc): readonly FileProblem[] {
  const wrong = torrc.options.filter(
    ({ name, value }) =>
      (switches.includes(name) && !/^[01]$/.test(value)) || (name === 'exitrelay' && !/^(?:[01]|auto)$/i.test(value)),
  );
  return wrong.map(({ name, value, line }) => ({ line, text: `"${value.slice(0, 40)}" is no value of ${name}` }));
}

type Rules = {
  readonly rules: readonly PolicyRule[];
  readonly problems: readonly FileProblem[];
  readonly notes: readonly string[];
};

function rulesOf(lines: readonly TorOption[]): Rules {
  const parsed = lines.flatMap(({ value, line }) => parseRules(value).map((result) => ({ result, line })));
  return {
    rules: parsed.flatMap(({ result }) => (result.ok ? [result.rule] : [])),
    problems: parsed.flatMap(({ result, line }) =>
      result.ok || result.ignored ? [] : [{ line, text: result.problem }],
    ),
    notes: parsed.flatMap(({ result, line }) =>
      !result.ok && result.ignored ? [`line ${line}: ${result.problem}`] : [],
    ),
  };
}

/** Null where it is no exit: ExitRelay 0, none of the exit options with "auto", or a policy that lets nothing out. */
function policyOf(torrc: Torrc, rules: readonly PolicyRule[]): ImportedPolicy | null {
  const stated = (valueOf(torrc, 'exitrelay')?.value ?? 'auto').toLowerCase();
  const [reducedExitPolicy, ipv6Exit] = [isOn(torrc, 'reducedexitpolicy'), isOn(torrc, 'ipv6exit')];
  const automatic = rules.length > 0 || reducedExitPolicy || ipv6Exit;
  if (stated === '0' || (stated === 'auto' && !automatic) || isOn(torrc, 'bridgerelay')) return null;
  if (!lets(wholePolicy({ exitPolicy: rules, reducedExitPolicy, ipv6Exit }))) return null;
  return { exitPolicy: rules.map((rule) => rule.text), reducedExitPolicy, ipv6Exit, from: null };
}

/**
 * Exit connections leave from OutboundBindAddressExit, else from OutboundBindAddress, else from where the system sends them,
 * which is taken for the OR address; each for IPv4 and IPv6 apart. What is left is an OR address and no more.
 */
function addressesOf(torrc: Torrc, isExit: boolean, notes: string[]): readonly ImportedAddress[] {
  const of = (name: string) => torrc.options.filter((o) => o.name === name).flatMap((o) => addressIn(o, notes));
  const or = [...of('address'), ...of('orport'), ...of('outboundbindaddressor')];
  const [bound, exits] = [of('outboundbindaddress'), of('outboundbindaddressexit')];
  const everything = [...new Set([...or, ...bound, ...exits])];
  if (everything.length === 0) notes.push('names no public address: add the addresses under which the relay is known');
  if (isExit && bound.length + exits.length === 0 && everything.length > 0)
    notes.push(
      'names no OutboundBindAddress: users’ traffic is taken to leave from the OR address; add any other that the system may use',
    );
  const uses = everything.map((address): ImportedAddress => {
    const isSix = (ip: string) => ip.includes(':') === address.includes(':');
    const exitHere = [exits, bound].map((list) => list.filter(isSix)).find((list) => list.length > 0);
    const isOnlyOr = exitHere !== undefined && !exitHere.includes(address);
    const use: AddressUse | null = !isExit
      ? null
      : isOnlyOr
        ? 'or'
        : exits.includes(address) && !or.includes(address)
          ? 'exit'
          : null;
    return { address, use, from: null };
  });
  return uses.toSorted((a, b) => Number(a.use === 'or') - Number(b.use === 'or'));
}

/** "198.51.100.10:9001", "[2001:db8::1]:9001", "198.51.100.10"; a port alone and an unspecified address name none. */
function addressIn({ name, value, line }: TorOption, notes: string[]): readonly string[] {
  const [first = ''] = value.split(/\s+/);
  const bare = hostOfEndpoint(first);
  const ip = canonicalIp(bare);
  if (ip === null) {
    if (name === 'address' && bare !== '')
      notes.push(`line ${line}: the name ${bare.slice(0, 100)} was not looked up: add its addresses`);
    return [];
  }
  if (/^(?:0\.0\.0\.0|::)$/.test(ip)) return [];
  if (!isPrivate(ip) && !isSpecial(ip)) return [ip];
  notes.push(`line ${line}: ${ip} is an inner address: add the public one behind which it stands`);
  return [];
}

function familyOf({ options }: Torrc): readonly string[] {
  const texts = options.filter((o) => o.name === 'myfamily').flatMap((o) => o.value.split(/[\s,]+/));
  return [...new Set(texts.map((t) => t.replace(/^\$/, '').toUpperCase()).filter((t) => t !== ''))];
}
