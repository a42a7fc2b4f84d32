import type { App } from '../app.ts';
import type { DueTimer } from '../store/timers.ts';
import { inTransaction } from '../store/open.ts';
import { dueTimers, timersOfCase } from '../store/timers.ts';
import { mailsToRead } from '../store/mails.ts';
import { pulses } from '../store/pulse.ts';
import { applyEvent } from './apply-event.ts';

const batch = 100;

/**
 * Fires what is due. A follow-up or a closing fires only after every mailbox was read at or after the instant at which it
 * came due, and no filed mail is still unread: replies that arrived while the desk was down come before any timer
 * (procedure.md §3, downtime). Returns how many fired.
 */
export function fireTimers(app: App): number {
  const readUntil = mailsToRead(app.db, 1).length > 0 ? 0 : mailboxesReadAt(app);
  let fired = 0;
  for (const timer of dueTimers(app.db, Math.min(app.now(), readUntil), batch)) fired += fire(app, timer);
  for (const timer of dueTimers(app.db, app.now(), batch)) {
    if (timer.kind === 'check-retry' || timer.kind === 'provider-deadline') fired += fire(app, timer);
  }
  return fired;
}

/** Fires a timer that still stands: since the batch was read, a command may have held the case, a clock may have jumped. */
function fire(app: App, timer: DueTimer): number {
  const key = `timer:${timer.caseId}:${timer.kind}:${timer.dueAt}`;
  const event = { type: 'timer-due', timer: timer.kind, dueAt: timer.dueAt } as const;
  return inTransaction(app.db, () => {
    const stands = timersOfCase(app.db, timer.caseId).some((t) => t.kind === timer.kind && t.dueAt === timer.dueAt);
    if (!stands || timer.dueAt > app.now()) return 0;
    return applyEvent(app, timer.caseId, event, key) === null ? 0 : 1;
  });
}

/** Until when all mailboxes are known to be read, ms UTC; 0 if one was never read. */
function mailboxesReadAt(app: App): number {
  const beats = new Map(pulses(app.db, app.mailboxes).map((pulse) => [pulse.part, pulse.okAt]));
  return Math.min(...app.mailboxes.map((mailbox) => beats.get(`mailbox:${mailbox.name}`) ?? 0));
}
