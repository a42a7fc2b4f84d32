import type { App } from '../app.ts';
import { pulses } from '../store/pulse.ts';
import { enqueue } from '../store/outbox.ts';

/** A mailbox or SMTP that has been failing this long is an alert (procedure.md §4). */
const longMs = 15 * 60_000;

/** Alerts once about each failure that lasts: the key holds the instant at which it began. */
export function reportTrouble(app: App): void {
  const now = app.now();
  for (const pulse of pulses(app.db, app.mailboxes)) {
    if (pulse.failingSince === null || now - pulse.failingSince < longMs) continue;
    const about = pulse.part === 'smtp' ? 'smtp-failing' : 'mailbox-failing';
    const body = { type: 'desk-alert', about, part: pulse.part, since: pulse.failingSince } as const;
    enqueue(app.db, body, { key: `desk-alert:${pulse.part}:${pulse.failingSince}`, caseId: null, at: now });
  }
}
