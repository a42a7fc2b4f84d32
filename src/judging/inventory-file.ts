import { isIP } from 'node:net';
import { z } from 'zod';
import type { Inventory } from '../core/exits.ts';
import { wholePolicy } from '../core/tor-policy/exit-policy.ts';
import { policyLine } from '../core/tor-policy/policy-line.ts';
import { DeskError } from '../errors.ts';

const text = z.string().min(1);
const addressOrPrefix = text.refine((value) => {
  const [address, length, ...more] = value.split('/');
  const version = isIP(address ?? '');
  if (version === 0 || more.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128));
}, 'an IPv4 or IPv6 address, or a prefix such as 192.0.2.0/24');
const instant = z.iso.datetime({ offset: true }).nullable().default(null);

const exitPolicy = z.strictObject({
  from: instant,
  until: instant,
  exitPolicy: z
    .array(policyLine())
    .default([])
    .transform((lines) => lines.flat()),
  reducedExitPolicy: z.boolean().default(false),
  ipv6Exit: z.boolean().default(false),
});

const inventorySchema = z.strictObject({
  desk: z.strictObject({
    addresses: z.array(z.email()).min(1),
    messageIdDomain: text,
    authservId: text,
    tokenPrefix: z.string().regex(/^[A-Za-z0-9]{1,20}$/),
    providerDomains: z.array(text).default([]),
  }),
  nodes: z.array(
    z.strictObject({
      name: text,
      hostnames: z.array(text).default([]),
      addresses: z.array(addressOrPrefix),
      from: instant,
      until: instant,
      exit: z.boolean().default(true),
      exitPolicies: z.array(exitPolicy).default([]),
    }),
  ),
});

/**
 * The small JSON of `judge --inventory` (interfaces.md) as an inventory.
 * @throws DeskError config-invalid that names every problem with its path
 */
export function parseInventory(json: unknown): Inventory {
  const outcome = inventorySchema.safeParse(json);
  if (!outcome.success) {
    throw new DeskError('config-invalid', `the inventory cannot be used:\n${z.prettifyError(outcome.error)}`);
  }
  const { desk, nodes } = outcome.data;
  return {
    desk,
    nodes: nodes.map((node) => ({
      ...node,
      from: ms(node.from),
      until: ms(node.until),
      exitPolicies: node.exitPolicies.map((p) => ({ from: ms(p.from), until: ms(p.until), policy: wholePolicy(p) })),
    })),
  };
}

/** An inventory without nodes and without a desk: every address is somebody else's. */
export const emptyInventory: Inventory = {
  desk: {
    addresses: [],
    messageIdDomain: 'desk.invalid',
    authservId: 'desk.invalid',
    tokenPrefix: 'EX',
    providerDomains: [],
  },
  nodes: [],
};

function ms(time: string | null): number | null {
  return time === null ? null : Date.parse(time);
}
