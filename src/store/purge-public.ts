import type { Db } from './open.ts';
import { inTransaction } from './open.ts';

/** Forgets public Tor data that ended before an instant (ms UTC). Costs what goes. Returns how many spans went. */
export function purgePublic(db: Db, before: number): number {
  return inTransaction(db, () => {
    db.prepare(
      `DELETE FROM public_collections WHERE id IN
         (SELECT c.id FROM public_sources s JOIN public_collections c ON c.source_id = s.id AND c.at < ?)`,
    ).run(before);
    return db.prepare('DELETE FROM public_spans WHERE last_at < ?').run(before).changes;
  });
}
