import { describe, expect, it } from 'vitest';
import { isInInventory, nodeOfHostname, standingAt, standingsOver } from '../../src/core/exits.ts';
import type { Inventory } from '../../src/core/exits.ts';

const january = Date.parse('2026-01-01T00:00:00Z');
const april = Date.parse('2026-04-01T00:00:00Z');
const june = Date.parse('2026-06-01T00:00:00Z');
const july = Date.parse('2026-07-01T00:00:00Z');
const day = 24 * 3_600_000;

const inventory: Inventory = {
  desk: { addresses: [], messageIdDomain: 'exits.example', authservId: '', tokenPrefix: '', providerDomains: [] },
  nodes: [
    {
      name: 'helium',
      addresses: ['198.51.100.10', '2001:db8:e1::/64'],
      hostnames: ['helium.exits.example'],
      from: january,
      until: null,
      exit: true,
    },
    { name: 'krypton', addresses: ['192.0.2.77'], hostnames: [], from: january, until: april, exit: true },
    { name: 'xenon', addresses: ['192.0.2.200'], hostnames: [], from: null, until: null, exit: false },
    { name: 'radon', addresses: ['192.0.2.201'], hostnames: [], from: january, until: june, exit: false },
    { name: 'radon', addresses: ['192.0.2.201'], hostnames: [], from: june, until: null, exit: true },
  ],
};

const at = (ms: number) => ({ from: ms, to: ms });

describe('what an address was at a time', () => {
  it.each([
    ['our exit then and now', '198.51.100.10', july, july, 'exit', 'helium'],
    ['our exit by prefix', '2001:db8:e1::99', july, july, 'exit', 'helium'],
    ['not ours before it began', '198.51.100.10', january - day, july, 'not-ours', 'helium'],
    ['our exit then, handed back since', '192.0.2.77', april - 1, july, 'exit-then', 'krypton'],
    ['our exit then, complaint of the same day', '192.0.2.77', april - 2, april - 1, 'exit', 'krypton'],
    ['not ours from the very moment it was handed back', '192.0.2.77', april, july, 'not-ours', 'krypton'],
    ['ours but never an exit', '192.0.2.200', july, july, 'not-exit', 'xenon'],
    ['a middle relay before it became an exit', '192.0.2.201', june - 1, july, 'not-exit', 'radon'],
    ['an exit after it became one', '192.0.2.201', june, july, 'exit', 'radon'],
    ['a stranger', '203.0.113.1', july, july, 'not-ours', null],
  ])('%s', (...[, ip, when, seen, standing, node]) => {
    expect(standingAt(inventory, ip, at(when), seen)).toMatchObject({ standing, node });
  });

  it('takes the exit where an uncertain time reaches into it', () => {
    const window = { from: june - day, to: june + day };
    expect(standingAt(inventory, '192.0.2.201', window, july).standing).toBe('exit');
  });

  it('asks the date of the mail where no time is known, and the present where that is missing too', () => {
    expect(standingAt(inventory, '192.0.2.77', null, april - 1).standing).toBe('exit');
    expect(standingAt(inventory, '192.0.2.77', null, null).standing).toBe('not-ours');
  });
});

describe('what an address was in the course of a window', () => {
  it.each([
    ['one and the same throughout', '198.51.100.10', july, july + day, ['exit']],
    ['ours, and then not ours any more', '192.0.2.77', april - 1, april, ['exit-then', 'not-ours']],
    ['not ours yet, and then ours', '198.51.100.10', january - day, january, ['not-ours', 'exit']],
    ['no exit, and then one', '192.0.2.201', june - 1, june, ['not-exit', 'exit']],
    ['already what it became at the very beginning', '192.0.2.201', june, june + day, ['exit']],
    ['a stranger all the time', '203.0.113.1', january, july, ['not-ours']],
  ])('%s', (...[, ip, from, to, standings]) => {
    expect(standingsOver(inventory, ip, { from, to }, july + day).map((s) => s.standing)).toEqual(standings);
  });

  it('asks a hundred thousand addresses of a large inventory in no time', () => {
    const nodes = Array.from({ length: 500 }, (_, n) => ({
      name: `n${n}`,
      addresses: Array.from({ length: 10 }, (__, a) => `10.${n >> 8}.${n & 255}.${a}`),
      hostnames: [],
      from: january,
      until: null,
      exit: true,
    }));
    const large = { ...inventory, nodes };
    const found = Array.from({ length: 100_000 }, (_, i) =>
      isInInventory(large, `10.${(i >> 16) & 1}.${(i >> 8) & 255}.${i & 255}`),
    );
    expect(found.filter((is) => is).length).toBeGreaterThan(0);
  });
});

describe('the inventory', () => {
  it('knows addresses of any time', () => {
    expect(isInInventory(inventory, '192.0.2.77')).toBe(true);
    expect(isInInventory(inventory, '203.0.113.1')).toBe(false);
  });

  it('knows nodes by host name whatever its case and final dot', () => {
    expect(nodeOfHostname(inventory, 'Helium.Exits.example.')?.name).toBe('helium');
    expect(nodeOfHostname(inventory, 'other.example')).toBeNull();
  });
});
