import type { App } from '../app.ts';
import type { CaseEvent, CaseId, Decision } from '../core/case.ts';
import { decide } from '../core/decide.ts';
import { caseById, isJournaled, saveDecision } from '../store/cases.ts';
import { inTransaction } from '../store/open.ts';
import { enqueueActions, releaseHeldOfCase } from '../store/outbox.ts';

/**
 * The heart of the desk: one transaction per event. Load the case, decide, save case, journal, timers and outbox rows.
 * `key` is the event's natural key: an event that was applied before changes nothing and gives null. A refused command
 * gives its decision and saves nothing. Joins a transaction that is already open.
 */
export function applyEvent(app: App, caseId: CaseId, event: CaseEvent, key: string): Decision | null {
  const { db, policy } = app;
  const now = app.now();
  const decision = inTransaction(db, () => {
    if (isJournaled(db, key)) return null;
    const kase = caseById(db, caseId);
    if (kase === null) throw new Error(`there is no case ${caseId}`);
    const made = decide(kase, event, policy, now);
    if (made.refused !== null) return made;
    saveDecision(db, made, { key, at: now, event });
    enqueueActions(db, caseId, made.actions, now);
    if (event.type === 'released') releaseHeldOfCase(db, caseId, now);
    return made;
  });
  if (decision !== null && decision.refused === null) {
    app.log.info('case-event', { case: caseId, type: event.type, state: decision.next.state });
  }
  return decision;
}
