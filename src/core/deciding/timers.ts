import type { Case, Timer } from '../case.ts';
import type { Policy } from '../policy.ts';

/** The timers that a case has, as a function of what it is. On hold: none; they come back, due or overdue, with its release. */
export function timersOf(kase: Case, policy: Policy): readonly Timer[] {
  if (kase.hold !== null || kase.state === 'closed') return [];
  const timers: Timer[] = [];
  const retries = kase.hosts.flatMap((host) => (host.retryAt === null ? [] : [host.retryAt]));
  if (retries.length > 0) timers.push({ kind: 'check-retry', dueAt: Math.min(...retries) });
  if (kase.state === 'awaiting-answer' && kase.followUpAt !== null) {
    timers.push({ kind: 'follow-up', dueAt: kase.followUpAt });
  }
  if ((kase.state === 'awaiting-answer' || kase.state === 'followed-up') && kase.closeAt !== null) {
    timers.push({ kind: 'close', dueAt: kase.closeAt });
  }
  if (kase.providerDeadline !== null && !kase.providerAlerted && !providerAnswered(kase)) {
    timers.push({ kind: 'provider-deadline', dueAt: kase.providerDeadline - policy.providerMarginMs });
  }
  return timers;
}

/** Whether the hosting provider has our statement. */
export function providerAnswered(kase: Case): boolean {
  return kase.letters.some((letter) => letter.slot === 'provider' && letter.status === 'accepted');
}
