import type { App } from '../app.ts';
import { inventoryOf } from '../config.ts';
import { differencesOf, isOursAt, type Difference } from '../core/public-tor/differences.ts';
import { lastSeenAt, relaysOfOurs, sourceStates } from '../store/public-sightings.ts';

/** What the inventory and the public Tor data do not agree on at the moment; nothing where no source is configured. */
export function publicDifferences(app: App): readonly Difference[] {
  const { db, config } = app;
  const sources = sourceStates(db);
  if (sources.length === 0) return [];
  const nowMs = app.now();
  const { unseenAfterMs, staleAfterMs } = config.tor;
  const inventory = inventoryOf(config);
  const fingerprints = inventory.nodes.flatMap((node) => node.fingerprints ?? []);
  return differencesOf({
    nowMs,
    unseenAfterMs,
    staleAfterMs,
    inventory,
    sources,
    ours: relaysOfOurs(db, fingerprints, nowMs - unseenAfterMs),
    seen: inventory.nodes
      .filter((node) => isOursAt(node, nowMs))
      .map((node) => ({ node, last: lastSeenAt(db, node.addresses) })),
  });
}
