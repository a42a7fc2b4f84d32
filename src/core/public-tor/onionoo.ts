import { z } from 'zod';
import { hostOfEndpoint } from '../addresses/endpoint.ts';
import {
  exitAddress,
  instantOf,
  mostSightings,
  sampleOf,
  type ReadDocument,
  type Reading,
  type Sighting,
} from './document.ts';

const texts = z.array(z.string()).catch([]);

/** Of Onionoo's details (protocol 8): what the desk reads. Every field may be missing or of another form. */
const relay = z.object({
  fingerprint: z.string().regex(/^[0-9A-Fa-f]{40}$/),
  or_addresses: texts,
  exit_addresses: texts,
  flags: texts,
  running: z.boolean().optional().catch(undefined),
  last_seen: z.string().optional().catch(undefined),
  contact: z.string().optional().catch(undefined),
  exit_policy_v6_summary: z.object({ accept: texts.optional(), reject: texts.optional() }).optional().catch(undefined),
});
const details = z.object({ relays_published: z.string(), relays: z.array(z.unknown()) });

type Relay = z.output<typeof relay>;

/**
 * Details documents of Onionoo (metrics.torproject.org/onionoo.html). exit_addresses are the IPv4 addresses from which a relay
 * was seen to exit in the past day; where there are none, a relay with the flag Exit exits from those it listens on, and from
 * IPv6 only where its policy for IPv6 accepts anything. The document speaks of relays_published.
 */
export function readOnionoo(text: string, { nowMs, contact }: Reading): ReadDocument {
  const document = details.safeParse(parsed(text)).data;
  if (document === undefined) return nothing('it is no details document of Onionoo');
  if (document.relays.length > mostSightings) return nothing('it has more relays than there can be');
  const asOfMs = instantOf(...dateAndTime(document.relays_published), nowMs);
  if (asOfMs === null) return nothing('its relays_published is no past instant');
  const sightings: Sighting[] = [];
  let others = 0;
  let junk = 0;
  let junkSample: string | null = null;
  for (const entry of document.relays) {
    const read = relay.safeParse(entry).data;
    if (read === undefined) {
      junk += 1;
      junkSample ??= sampleOf(JSON.stringify(entry) ?? '');
      continue;
    }
    const addresses = exitAddressesOf(read);
    if (addresses.length === 0) others += 1;
    const lastSeenMs = instantOf(...dateAndTime(read.last_seen ?? ''), nowMs);
    const common = {
      fingerprint: read.fingerprint.toUpperCase(),
      sinceMs: null,
      untilMs: read.running === false ? (lastSeenMs ?? asOfMs) : null,
      namesUs: contact === null ? null : (read.contact ?? '').toLowerCase().includes(contact.toLowerCase()),
    };
    for (const address of addresses) sightings.push({ address, ...common });
  }
  return { asOfMs, sightings, others, junk, junkSample, broken: null };
}

function exitAddressesOf(relay: Relay): readonly string[] {
  const hasFlag = relay.flags.includes('Exit');
  const listening = hasFlag ? relay.or_addresses.flatMap((text) => exitAddress(hostOfEndpoint(text)) ?? []) : [];
  const tested = relay.exit_addresses.flatMap((text) => exitAddress(text) ?? []);
  const v4 = tested.length > 0 ? tested : listening.filter((ip) => !ip.includes(':'));
  const v6 = exitsToV6(relay) ? listening.filter((ip) => ip.includes(':')) : [];
  return [...new Set([...v4, ...v6])];
}

/** dir-spec: a missing summary says that nothing is accepted. */
function exitsToV6({ exit_policy_v6_summary: summary }: Relay): boolean {
  if (summary?.accept !== undefined) return summary.accept.length > 0;
  return summary?.reject !== undefined && !summary.reject.includes('1-65535');
}

function dateAndTime(text: string): [string | undefined, string | undefined] {
  const [date, time] = text.split(' ');
  return [date, time];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function nothing(broken: string): ReadDocument {
  return { asOfMs: null, sightings: [], others: 0, junk: 0, junkSample: null, broken };
}
