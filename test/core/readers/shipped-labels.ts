import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { HeadWords } from '../../../src/core/reading/heads.ts';
import type { Inventory, Node } from '../../../src/core/exits.ts';
import { compileLabels, labelsSchema } from '../../../src/core/readers/labels.ts';
import { timeWordsSchema } from '../../../src/core/readers/times/time-words.ts';
import { compileHeads } from '../../../src/core/reading/heads.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'config', 'judgement');

/** The shipped label files, as the tests of the readers need them. */
export const labelsFile = labelsSchema.parse(yaml('labels.yaml'));
export const labels = compileLabels([labelsFile], timeWordsSchema.parse(yaml('labels-time.yaml')));
export const heads = compileHeads([yaml('heads.yaml') as HeadWords]);

const desk = {
  addresses: ['abuse@exits.example'],
  messageIdDomain: 'exits.example',
  authservId: 'mx.exits.example',
  tokenPrefix: 'EX',
  providerDomains: [],
};

export const emptyInventory: Inventory = { desk, nodes: [] };

/** Three nodes: an exit, one that was handed back at the end of March 2026, and a middle relay. */
export const inventory: Inventory = {
  desk,
  nodes: [
    node('helium', ['198.51.100.10', '198.51.100.11', '2001:db8:e1::/64'], { exit: true, until: null }),
    node('krypton', ['192.0.2.77'], { exit: true, until: 1_774_915_200_000 }),
    node('xenon', ['192.0.2.200'], { exit: false, until: null }),
  ],
};

function node(
  name: string,
  addresses: readonly string[],
  of: { readonly exit: boolean; readonly until: number | null },
): Node {
  return { name, addresses, hostnames: [`${name}.exits.example`], from: null, ...of };
}

function yaml(name: string): unknown {
  return parse(readFileSync(join(folder, name), 'utf8'));
}
