import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeNodes, type ImportedNode, type ImportResult } from '../../../src/core/tor-files/imported-node.ts';
import { nodesOfOnionoo } from '../../../src/core/tor-files/onionoo-nodes.ts';
import { nodeOfTorrc } from '../../../src/core/tor-files/torrc-node.ts';
import { readTorrc } from '../../../src/core/tor-files/torrc.ts';

const folder = join(import.meta.dirname, '..', '..', 'corpus', 'tor-files');
const details = readFileSync(join(folder, 'details.json'), 'utf8');
const noFilter = { fingerprints: [], contact: null };

function only(result: ImportResult): ImportedNode {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const [node] = result.nodes;
  if (node === undefined) throw new Error('no node');
  return node;
}

/** A relay's torrc with these lines. */
function relay(...lines: readonly string[]): ImportedNode {
  return only(nodeOfTorrc(['Nickname helium', 'ORPort 198.51.100.10:9001', ...lines].join('\n'), 'torrc'));
}

const policyOf = (node: ImportedNode) => node.exitPolicies[0];

describe('the form of a torrc', () => {
  it('has comments, continued lines, quotes, names in any case, and options that clear others', () => {
    const text =
      '# a\nORPort 9001 # b\n\nexitPOLICY reject *:25, \\\n# c\n reject *:22\nNickname "a \\"b\\" # c" # d\n+ExitPolicy accept *:*\n/Nickname\n%include x\n';
    expect(readTorrc(text)).toEqual({
      options: [
        { name: 'orport', value: '9001', line: 2 },
        { name: 'exitpolicy', value: 'reject *:25,  reject *:22', line: 4 },
        { name: 'exitpolicy', value: 'accept *:*', line: 8 },
      ],
      includes: [{ name: '%include', value: 'x', line: 10 }],
      problems: [],
    });
  });

  it('never throws on any text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => typeof nodeOfTorrc(text, 'x').ok === 'boolean'));
  });
});

describe('a node from a torrc', () => {
  it('has exit addresses that stand in no ORPort line, and OR addresses that are no exits', () => {
    const node = only(nodeOfTorrc(readFileSync(join(folder, 'torrc'), 'utf8'), 'torrc'));
    expect(node).toMatchObject({
      name: 'helium',
      hostnames: ['helium.exits.example'],
      exit: true,
      addresses: [
        { address: '198.51.100.11', use: 'exit', from: null },
        { address: '2001:db8:e1::11', use: 'exit', from: null },
        { address: '198.51.100.10', use: 'or', from: null },
        { address: '2001:db8:e1::10', use: 'or', from: null },
      ],
    });
    expect(policyOf(node)).toEqual({
      exitPolicy: ['reject *:22', 'reject 203.0.113.0/24:*', 'reject [2001:db8:beef::]/48:*', 'accept *:*'],
      reducedExitPolicy: false,
      ipv6Exit: true,
      from: null,
    });
    const notes = node.notes.join('\n');
    expect(notes).toContain('line 4: %include /etc/tor/torrc.d/*.conf was not followed');
    expect(notes).toContain('line 7: 127.0.0.1 is an inner address');
    expect(notes).toContain('line 8: the name helium.exits.example was not looked up');
    expect(notes).toContain('line 21: accept6 and reject6 know no IPv4 address');
    expect(notes).toContain('MyFamily names 2 relays');
    expect(notes).toContain('tells no dates');
  });

  it.each([
    ['ExitRelay 1', ['ExitRelay 1'], true, [], false],
    ['an exit policy alone', ['ExitPolicy reject *:25'], true, ['reject *:25'], false],
    ['ReducedExitPolicy alone', ['ReducedExitPolicy 1'], true, [], true],
    ['IPv6Exit alone', ['IPv6Exit 1'], true, [], false],
    ['nothing that makes an exit', [], false, undefined, undefined],
    ['ExitRelay 0 beside a policy', ['ExitPolicy accept *:*', 'ExitRelay 0'], false, undefined, undefined],
    ['the last of two', ['ExitRelay 0', 'ExitRelay 1'], true, [], false],
    ['a policy that lets nothing out', ['ExitPolicy reject *:*'], false, undefined, undefined],
    ['a bridge', ['BridgeRelay 1', 'ExitRelay 1'], false, undefined, undefined],
  ] as const)('is an exit or not by %s', (...[, lines, exit, rules, reduced]) => {
    const node = relay(...lines);
    expect([node.exit, policyOf(node)?.exitPolicy, policyOf(node)?.reducedExitPolicy]).toEqual([exit, rules, reduced]);
  });

  it.each([
    ['the OR address where nothing else is said', ['ExitRelay 1'], [['198.51.100.10', null]]],
    [
      'OutboundBindAddress',
      ['ExitRelay 1', 'OutboundBindAddress 198.51.100.12'],
      [
        ['198.51.100.12', null],
        ['198.51.100.10', 'or'],
      ],
    ],
    [
      'both families apart',
      ['ExitRelay 1', 'ORPort [2001:db8::1]:9001', 'OutboundBindAddressExit 2001:db8::2'],
      [
        ['198.51.100.10', null],
        ['2001:db8::2', 'exit'],
        ['2001:db8::1', 'or'],
      ],
    ],
    ['the OR address itself', ['ExitRelay 1', 'OutboundBindAddressExit 198.51.100.10'], [['198.51.100.10', null]]],
    [
      'no exit at all',
      ['OutboundBindAddress 198.51.100.12'],
      [
        ['198.51.100.10', null],
        ['198.51.100.12', null],
      ],
    ],
  ] as const)('lets users’ traffic out of %s', (_, lines, expected) => {
    expect(relay(...lines).addresses.map((a) => [a.address, a.use])).toEqual(expected);
  });

  it.each([
    ['a rule that is none', 'ORPort 9001\nExitPolicy reject *:25,deny *:80', 2, 'deny *:80'],
    ['a switch that is none', 'ORPort 9001\n\nIPv6Exit yes', 3, 'no value of ipv6exit'],
    ['a line that is none', 'ORPort 9001\n<html>', 2, '<html>'],
    ['a quote that stays open', 'ORPort 9001\nNickname "a', 2, 'no option'],
    ['a client', 'SocksPort 9050', null, 'has no ORPort'],
    ['a relay that is switched off', 'ORPort 0', null, 'has no ORPort'],
  ] as const)('is refused with its line: %s', (...[, text, line, words]) => {
    expect(nodeOfTorrc(text, 'torrc')).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([{ line, text: expect.stringContaining(words) }]),
    });
  });
});

describe('nodes from Onionoo', () => {
  it('have their dates, addresses and policies as far as the document tells', () => {
    const result = nodesOfOnionoo(details, { fingerprints: [], contact: 'EXITS.example' });
    if (!result.ok) throw new Error('refused');
    const changed = Date.UTC(2025, 5, 1, 12);
    expect(result.nodes).toMatchObject([
      {
        name: 'helium',
        fingerprints: ['0123456789ABCDEF0123456789ABCDEF01234567'],
        exit: true,
        addresses: [
          { address: '198.51.100.11', use: 'exit', from: changed },
          { address: '198.51.100.10', use: 'or', from: changed },
          { address: '2001:db8:e1::10', use: null, from: changed },
        ],
        exitPolicies: [
          {
            exitPolicy: ['reject 198.51.100.10:*', 'reject *4:25', 'accept *4:*', 'accept *6:*'],
            ipv6Exit: true,
            from: Date.UTC(2026, 9, 1, 10),
          },
        ],
      },
      { name: 'neon', exit: false, exitPolicies: [], addresses: [{ address: '198.51.100.20', from: null }] },
    ]);
    expect(result.nodes[0]?.notes.join()).toContain('IPv6 is known by a summary only');
    expect(result.nodes[1]?.notes.join()).toContain('last seen 2026-09-01 10:00 UTC');
  });

  it('hold nothing against a summary, which proves no refusal', () => {
    const node = only(
      nodesOfOnionoo(details, { fingerprints: ['2123456789ABCDEF0123456789ABCDEF01234567'], contact: null }),
    );
    expect(node).toMatchObject({ exit: true, exitPolicies: [] });
    expect(node.notes.join()).toContain('does not prove what was refused');
  });

  it('name a fingerprint that no relay has', () => {
    const result = nodesOfOnionoo(details, { fingerprints: ['F'.repeat(40)], contact: null });
    expect(result).toEqual({ ok: true, nodes: [], notes: [`no relay in it has the fingerprint ${'F'.repeat(40)}`] });
  });

  it.each([
    ['half a document', details.slice(0, 300), 'is not JSON'],
    ['another document', '{"relays": 3}', 'has no list "relays"'],
    ['a relay without a name', '{"relays": [{"fingerprint": "12"}]}', 'relays[0]: fingerprint is no fingerprint'],
    ['the whole network', JSON.stringify({ relays: Array.from({ length: 101 }, () => ({})) }), 'say which are yours'],
  ])('are refused: %s', (_, text, words) => {
    expect(nodesOfOnionoo(text, noFilter)).toMatchObject({
      ok: false,
      problems: [{ text: expect.stringContaining(words) }],
    });
  });

  it('never throw on a document with anything in it', () => {
    const anything = fc.record({ relays: fc.array(fc.anything(), { maxLength: 5 }) });
    fc.assert(
      fc.property(anything, (document) => {
        const text = JSON.stringify(document, (_, value) => (typeof value === 'bigint' ? 0 : (value as unknown)));
        return typeof nodesOfOnionoo(text, noFilter).ok === 'boolean';
      }),
    );
  });
});

describe('imported nodes', () => {
  it('are one where they share an address: tor processes of one machine, with a policy each', () => {
    const a = relay('ExitPolicy reject *:25');
    const b = relay('ReducedExitPolicy 1', 'OutboundBindAddressExit 198.51.100.11');
    const [node, ...more] = mergeNodes([a, b]);
    expect(more).toEqual([]);
    expect(node?.exitPolicies).toHaveLength(2);
    expect(node?.addresses).toEqual([
      { address: '198.51.100.10', use: null, from: null },
      { address: '198.51.100.11', use: 'exit', from: null },
    ]);
  });

  it('have names of their own', () => {
    const other = { ...relay('ExitRelay 1'), addresses: [{ address: '198.51.100.99', use: null, from: null }] };
    expect(mergeNodes([relay('ExitRelay 1'), other]).map((node) => node.name)).toEqual(['helium', 'helium-2']);
  });
});
