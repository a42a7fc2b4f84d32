import { assertNever } from '../errors.ts';
import type { Action, Case, CaseEvent, Decision } from './case.ts';
import { onBounced, onHandlerWrote, onHumanAnswered, onMachineAnswered } from './deciding/answers.ts';
import {
  onApproved,
  onClosedByHandler,
  onHeld,
  onJudgedAs,
  onReleased,
  onReopenedByHandler,
  onTaken,
} from './deciding/handlers.ts';
import { askForChecks, letGo, onHostChecked, onNodeCleared, retryChecks } from './deciding/hosts.ts';
import { automaticLetters, followUpFor, onLetter, queueLetters } from './deciding/letters.ts';
import { alertAction, closed, decided, inState, letterIn, needsPerson, onlyNoted } from './deciding/outcome.ts';
import { planFor } from './deciding/plan.ts';
import { providerAnswered } from './deciding/timers.ts';
import { judgedAs } from './case.ts';
import type { Policy } from './policy.ts';
import { modeFor } from './policy.ts';

/**
 * The one function that decides what becomes of a case (procedure.md). Total and pure: reads no clock, no database, no
 * network; the same arguments give the same decision. `now` is ms UTC.
 */
export function decide(kase: Case, event: CaseEvent, policy: Policy, now: number): Decision {
  switch (event.type) {
    case 'complaint-received':
      return onComplaint(kase, policy, now);
    case 'host-checked':
      return onHostChecked(kase, event, policy, now);
    case 'node-cleared':
      return onNodeCleared(kase, event.node, policy, now);
    case 'timer-due':
      return onTimer(kase, event, policy, now);
    case 'letter-accepted':
    case 'letter-would-send':
    case 'letter-withheld':
    case 'letter-needs-handler':
    case 'letter-failed':
    case 'letter-unknown':
      return onLetter(kase, event, policy, now);
    case 'human-answered':
      return onHumanAnswered(kase, event, policy);
    case 'machine-answered':
      return onMachineAnswered(kase, event, policy);
    case 'bounced':
      return onBounced(kase, policy);
    case 'handler-wrote':
      return onHandlerWrote(kase, event, policy);
    case 'approved':
      return onApproved(kase, event, policy);
    case 'held':
      return onHeld(kase, event, policy, now);
    case 'released':
      return onReleased(kase, event, policy, now);
    case 'taken':
      return onTaken(kase, event, policy);
    case 'closed-by-handler':
      return onClosedByHandler(kase, event, policy, now);
    case 'reopened-by-handler':
      return onReopenedByHandler(kase, event, policy);
    case 'noted':
      return onlyNoted(kase, `note by ${event.by}`, policy);
    case 'judged-as':
      return onJudgedAs(kase, event, policy, now);
    default:
      return assertNever(event);
  }
}

/** A new complaint: alert where somebody must know at once, check the accused hosts, then answer or call a person. */
function onComplaint(kase: Case, policy: Policy, now: number): Decision {
  if (kase.state !== 'received') return onlyNoted(kase, 'the case is open already', policy);
  const plan = planFor(kase, policy);
  const asked = askForChecks(kase, plan, now);
  const actions: readonly Action[] = [...plan.alerts.map(alertAction), ...asked.actions];
  if (plan.reasons.length > 0) {
    const next = needsPerson(asked.kase, plan.reasons, plan.drafts);
    return decided(next, actions, 'no machine decides this: a person does', policy);
  }
  if (asked.actions.length > 0) {
    return decided(
      inState(asked.kase, { state: 'checking' }),
      actions,
      'the host is checked before any letter',
      policy,
    );
  }
  const decision = letGo(asked.kase, 'no host of ours is to be checked', policy, now);
  return { ...decision, actions: [...actions, ...decision.actions] };
}

/** A timer row came due. A timer that the case no longer has, or not yet, changes nothing. */
function onTimer(kase: Case, event: Extract<CaseEvent, { type: 'timer-due' }>, policy: Policy, now: number): Decision {
  if (kase.hold !== null) return onlyNoted(kase, 'the case is on hold', policy);
  switch (event.timer) {
    case 'check-retry':
      return retryChecks(kase, policy, now);
    case 'provider-deadline':
      return onProviderDeadline(kase, policy);
    case 'follow-up':
      return kase.state === 'awaiting-answer' && kase.followUpAt !== null && kase.followUpAt <= now
        ? onFollowUpDue(kase, policy, now)
        : onlyNoted(kase, 'no follow-up is due', policy);
    case 'close': {
      const closeAt = kase.state === 'awaiting-answer' || kase.state === 'followed-up' ? kase.closeAt : null;
      return closeAt !== null && closeAt <= now
        ? decided(closed(kase, outcomeOf(kase), now, policy), [], 'the second week passed without an answer', policy)
        : onlyNoted(kase, 'no closing is due', policy);
    }
  }
}

/** A week without an answer. What was withheld at first is not followed up; the clock goes on all the same. */
function onFollowUpDue(kase: Case, policy: Policy, now: number): Decision {
  const draft = followUpFor(kase);
  const withheld = letterIn(kase, 'first')?.status !== 'accepted';
  if (draft === null || withheld || automaticLetters(kase) >= policy.budgets.perCase) {
    const next = inState(kase, { state: 'followed-up', closeAt: now + policy.closeAfterMs });
    return decided(next, [], 'the week is over; no second letter is due', policy);
  }
  const judged = judgedAs(kase);
  if (draft.letter === 'follow-up' && judged.risk !== 'non-threatening') {
    return decided(needsPerson(kase, ['judgement-unsure'], [draft]), [], 'the risk was never made sure', policy);
  }
  if (modeFor(policy, { risk: judged.risk, category: judged.category, letter: draft.letter }) === 'approve') {
    return decided(needsPerson(kase, ['approval'], [draft]), [], 'the mode for the follow-up is approve', policy);
  }
  const queued = queueLetters(kase, [draft], policy);
  const next = inState(queued.kase, { state: 'followed-up', closeAt: null });
  return decided(next, queued.actions, 'a week without an answer', policy);
}

function outcomeOf(kase: Case): 'not-ours' | 'over-budget' | 'never-answered' {
  if (kase.letters.some((letter) => letter.letter === 'not-ours' && letter.status === 'accepted')) return 'not-ours';
  if (kase.letters.some((letter) => letter.status === 'withheld')) return 'over-budget';
  return 'never-answered';
}

/** The hosting provider's own clock: a handler is told in time. */
function onProviderDeadline(kase: Case, policy: Policy): Decision {
  if (kase.state === 'closed' || kase.providerAlerted || providerAnswered(kase)) {
    return onlyNoted(kase, 'the provider has its answer', policy);
  }
  const next: Case = { ...kase, providerAlerted: true };
  return decided(next, [alertAction('provider-deadline')], 'the provider waits for our statement', policy);
}
