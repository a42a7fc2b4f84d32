import { DateTime, Duration } from 'luxon';
import type { Judgement } from './judgement.ts';

/** The hosting provider's deadline as an instant (ms UTC): a date as written, a duration counted from the mail's date. */
export function providerDeadlineOf(judgement: Judgement, mailDate: number): number | null {
  const written = judgement.provider?.deadline ?? null;
  if (written === null) return null;
  const duration = Duration.fromISO(written);
  if (duration.isValid) return mailDate + duration.toMillis();
  const at = DateTime.fromISO(written, { zone: 'utc' });
  return at.isValid ? at.toMillis() : null;
}
