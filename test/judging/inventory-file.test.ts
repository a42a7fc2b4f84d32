import { describe, expect, it } from 'vitest';
import { parseInventory } from '../../src/judging/inventory-file.ts';

const desk = {
  addresses: ['abuse@exits.example'],
  messageIdDomain: 'exits.example',
  authservId: 'mx.exits.example',
  tokenPrefix: 'EX',
};

describe('the inventory as JSON', () => {
  it('knows exit policies, as a torrc writes them', () => {
    const exitPolicies = [{ from: '2026-01-01T00:00:00Z', exitPolicy: ['reject *:22,accept *:*'], ipv6Exit: true }];
    const [node] = parseInventory({
      desk,
      nodes: [{ name: 'helium', addresses: ['198.51.100.10'], exitPolicies }],
    }).nodes;
    expect(node?.exitPolicies?.[0]).toMatchObject({ from: Date.UTC(2026, 0, 1), until: null });
    expect(node?.exitPolicies?.[0]?.policy[1]?.text).toBe('reject *:22');
  });

  it('is refused with the place of what is wrong', () => {
    const nodes = [{ name: 'helium', addresses: ['198.51.100.10'], exitPolicies: [{ exitPolicy: ['deny *:22'] }] }];
    expect(() => parseInventory({ desk, nodes })).toThrow(/deny[\s\S]*nodes\[0\]\.exitPolicies\[0\]/);
  });
});
