import type { App } from '../app.ts';
import { dueDigests } from '../core/digest-day.ts';
import { enqueue } from '../store/outbox.ts';

/** Puts the digests whose hour has come into the outbox, once a day each: the day is the key. */
export function queueDigests(app: App): void {
  if (app.config.digest.recipients.length === 0) return;
  for (const due of dueDigests(app.config.digest, app.now())) {
    if (due.until <= app.installedAt) continue;
    const body = { type: 'digest', period: due.period, day: due.day, until: due.until } as const;
    enqueue(app.db, body, { key: `digest:${due.period}:${due.day}`, caseId: null, at: app.now() });
  }
}
