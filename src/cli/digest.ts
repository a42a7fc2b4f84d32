import { DateTime } from 'luxon';
import type { App } from '../app.ts';
import { digestOfDay } from '../core/digest-day.ts';
import { DeskError } from '../errors.ts';
import { makeDigest } from '../flow/make-digest.ts';
import { renderDigest } from '../mail/render-notice.ts';
import { enqueue } from '../store/outbox.ts';
import type { ExitCode, Output } from './output.ts';

/** `exitdesk digest`: queues the day's digest (once a day, like the clock would), or prints it. */
export function runDigest(
  app: App,
  options: { readonly day?: string; readonly print?: boolean },
  out: Output,
): ExitCode {
  const { digest } = app.config;
  const day = options.day ?? DateTime.fromMillis(app.now(), { zone: digest.timeZone }).toISODate() ?? '';
  const due = digestOfDay(digest, day);
  if (due === null) throw new DeskError('usage', `--day "${day}" is no day: write it as in 2026-11-22`);
  // A day whose hour is still to come is told until now.
  const until = Math.min(due.until, app.now());
  if (options.print === true) {
    out.write(renderDigest(makeDigest(app, { period: due.period, until })).text.trimEnd());
    return 0;
  }
  const key = `digest:${due.period}:${due.day}`;
  enqueue(app.db, { type: 'digest', period: due.period, day: due.day, until }, { key, caseId: null, at: app.now() });
  out.write(`the digest of ${day} is in the outbox, or has left already: once a day`);
  return 0;
}
