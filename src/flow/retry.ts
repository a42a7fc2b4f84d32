import type { App } from '../app.ts';
import type { OutboxRow } from '../store/outbox.ts';

/**
 * When a row may be tried again (ms UTC): exponential from retry.firstMs, capped at retry.maxMs, with up to a quarter of
 * jitter; null where the row is older than retry.giveUpAfterMs.
 */
export function nextAttemptAt(app: App, row: OutboxRow, now: number): number | null {
  const { firstMs, maxMs, giveUpAfterMs } = app.config.sending.retry;
  if (now - row.createdAt >= giveUpAfterMs) return null;
  const wait = Math.min(maxMs, firstMs * 2 ** Math.min(row.attempts - 1, 20));
  return now + Math.round(wait * (1 + app.random() / 4));
}
