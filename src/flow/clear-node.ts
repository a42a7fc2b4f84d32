import type { App } from '../app.ts';
import type { CaseId } from '../core/case.ts';
import { openCasesOfNode } from '../store/cases.ts';
import { clearNode } from '../store/checks.ts';
import { inTransaction } from '../store/open.ts';
import { releaseHeldByNode } from '../store/outbox.ts';
import { applyEvent } from './apply-event.ts';

/**
 * A handler has looked at a machine and lifts the suspicion: held letters are due again, and the cases that waited for this
 * go on. One commit. Gives the cases that were told, or null where the node was under no suspicion.
 */
export function clearSuspicion(
  app: App,
  node: string,
  { by, note, key }: { readonly by: string; readonly note: string; readonly key: string },
): readonly CaseId[] | null {
  return inTransaction(app.db, () => {
    if (!clearNode(app.db, node, { at: app.now(), by, note })) return null;
    releaseHeldByNode(app.db, node, app.now());
    const cases = openCasesOfNode(app.db, node);
    for (const id of cases) applyEvent(app, id, { type: 'node-cleared', node, by, note }, `cleared:${key}:${id}`);
    return cases;
  });
}
