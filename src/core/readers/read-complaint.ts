import { findAddresses } from '../addresses/find.ts';
import { isInInventory, nodeOfHostname, standingAt } from '../exits.ts';
import type { Inventory, Window } from '../exits.ts';
import type { AccusedAddress } from '../judgement.ts';
import type { Mail } from '../mail.ts';
import type { Segments } from '../segments.ts';
import { cluesIn } from './clues.ts';
import type { Labels } from './labels.ts';
import { unitsOf } from './material.ts';
import type { Unit } from './material.ts';
import type { ComplaintReading } from './reading.ts';
import { eventTime } from './times/event.ts';
import { weighClues } from './weigh-clues.ts';

/**
 * Reads who is accused, of what and when. Pure and linear in the mail's text.
 * @param labels see compileLabels
 */
export function readComplaint(mail: Mail, segments: Segments, inventory: Inventory, labels: Labels): ComplaintReading {
  const units = unitsOf(mail, segments, inventory.desk);
  const clues = cluesIn(units, labels);
  const roles = weighClues({
    clues,
    structured: new Map(),
    isOurs: (ip) => isInInventory(inventory, ip),
    relays: relaysOf(mail),
    mentionOnly: null,
  });
  const window: Window | null = null;
  const addresses = roles.map((r): AccusedAddress => {
    const { standing, node } = standingAt(inventory, r.ip, window, mail.date?.at ?? null);
    return { ip: r.ip, role: r.role, standing, node, because: r.because };
  });
  return {
    format: 'free-text',
    addresses,
    event: eventTime(units, mail, {
      words: labels.times,
      accused: addresses.filter((a) => a.role === 'reported').map((a) => a.ip),
    }),
    times: [],
    sourcePort: null,
    destinationPort: null,
    protocol: null,
    reportedCategory: null,
    provider: null,
    automatedHint: false,
    namedNodes: nodesNamedIn(units, inventory),
  };
}

/** Addresses in the mail's own Received lines: the reporter's machines, never the accused unless the report says so. */
function relaysOf(mail: Mail): ReadonlySet<string> {
  const lines = mail.headers.filter((h) => h.name === 'received' || h.name === 'x-originating-ip');
  return new Set(lines.slice(0, 30).flatMap((h) => findAddresses(h.value).map((s) => s.ip)));
}

function nodesNamedIn(units: readonly Unit[], inventory: Inventory): readonly string[] {
  const names = inventory.nodes.flatMap((n) => n.hostnames.map((h) => h.toLowerCase()));
  const found = new Set<string>();
  for (const unit of units) {
    if (names.length === 0) break;
    for (const line of unit.lines) {
      const lower = line.toLowerCase();
      for (const name of names) if (lower.includes(name)) found.add(nodeOfHostname(inventory, name)?.name ?? name);
    }
  }
  return [...found];
}
