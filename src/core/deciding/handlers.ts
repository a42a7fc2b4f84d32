import type { Case, CaseEvent, Decision, Draft, Outcome } from '../case.ts';
import { judgedAs } from '../case.ts';
import type { Policy } from '../policy.ts';
import { modeFor } from '../policy.ts';
import { askForChecks, goOn, letGo } from './hosts.ts';
import { queueLetters } from './letters.ts';
import { closed, decided, inState, needsPerson, onlyNoted, refused, withdrawQueued } from './outcome.ts';
import { planFor } from './plan.ts';

type Of<T extends CaseEvent['type']> = Extract<CaseEvent, { type: T }>;

/** A handler lets the drafted letters go. */
export function onApproved(kase: Case, event: Of<'approved'>, policy: Policy): Decision {
  const drafts = draftsOf(kase);
  if (drafts.length === 0) return refused(kase, 'there is no draft to approve in this case', policy);
  if (kase.hold !== null) return refused(kase, 'the case is on hold: release it first', policy);
  const under = kase.hosts.find((host) => host.status === 'suspicious');
  if (under !== undefined) {
    return refused(
      kase,
      `node ${under.node} is under suspicion: look at it and clear it first (probe ${under.node} --clear)`,
      policy,
    );
  }
  const judged = judgedAs(kase);
  const observed = drafts.find(
    (draft) => modeFor(policy, { risk: judged.risk, category: judged.category, letter: draft.letter }) === 'observe',
  );
  if (observed !== undefined) {
    return refused(kase, `the mode for letter ${observed.letter} is observe: nothing is sent (policy.mode)`, policy);
  }
  const queued = queueLetters(kase, drafts, policy, { handler: event.by, text: event.text });
  const because = `approved by ${event.by}`;
  if (kase.state === 'in-discussion' || kase.state === 'reopened') {
    return decided(inState(queued.kase, { state: kase.state, drafts: [] }), queued.actions, because, policy);
  }
  const onlyFollowUp = drafts.every((draft) => draft.slot === 'follow-up');
  const next = onlyFollowUp
    ? inState(queued.kase, { state: 'followed-up', closeAt: null })
    : inState(queued.kase, { state: 'answering' });
  return decided(next, queued.actions, because, policy);
}

function draftsOf(kase: Case): readonly Draft[] {
  return kase.state === 'needs-person' || kase.state === 'in-discussion' || kase.state === 'reopened'
    ? kase.drafts
    : [];
}

export function onHeld(kase: Case, event: Of<'held'>, policy: Policy, now: number): Decision {
  if (kase.hold !== null) return refused(kase, `the case is on hold already (by ${kase.hold.by})`, policy);
  return decided({ ...kase, hold: { by: event.by, at: now } }, [], `put on hold by ${event.by}`, policy);
}

/** The clock goes on where it stood: what is overdue fires at once. */
export function onReleased(kase: Case, event: Of<'released'>, policy: Policy, now: number): Decision {
  if (kase.hold === null) return refused(kase, 'the case is not on hold', policy);
  return goOn({ ...kase, hold: null }, `released by ${event.by}`, policy, now);
}

export function onTaken(kase: Case, event: Of<'taken'>, policy: Policy): Decision {
  if (kase.state === 'closed') return refused(kase, 'the case is closed: reopen it first', policy);
  const drafts = draftsOf(kase);
  const state = kase.state === 'reopened' ? 'reopened' : 'in-discussion';
  const next = inState({ ...withdrawQueued(kase), handler: event.by }, { state, drafts });
  return decided(next, [], `taken by ${event.by}`, policy);
}

export function onClosedByHandler(kase: Case, event: Of<'closed-by-handler'>, policy: Policy, now: number): Decision {
  if (kase.state === 'closed') return refused(kase, 'the case is closed already', policy);
  if (kase.hold !== null) return refused(kase, 'the case is on hold: release it first', policy);
  const outcome: Outcome = event.outcome ?? (kase.humanAnswered ? 'answered' : 'handled-by-person');
  return decided(closed(kase, outcome, now, policy), [], `closed by ${event.by}`, policy);
}

export function onReopenedByHandler(kase: Case, event: Of<'reopened-by-handler'>, policy: Policy): Decision {
  if (kase.state !== 'closed') return refused(kase, 'the case is not closed', policy);
  const next = inState({ ...kase, handler: event.by }, { state: 'reopened', drafts: [] });
  return decided(next, [], `reopened by ${event.by}`, policy);
}

/** The correction is kept beside the judgement; where no letter has left yet, the case is planned anew. */
export function onJudgedAs(kase: Case, event: Of<'judged-as'>, policy: Policy, now: number): Decision {
  const corrected: Case = { ...withdrawIfPlanned(kase), correction: event.correction };
  const because = `judged anew by ${event.correction.by}`;
  switch (kase.state) {
    case 'received':
    case 'checking':
    case 'needs-person':
    case 'answering':
      return replan(corrected, because, policy, now);
    case 'awaiting-answer':
    case 'followed-up':
    case 'in-discussion':
    case 'reopened':
    case 'closed':
      return onlyNoted(corrected, because, policy);
  }
}

function withdrawIfPlanned(kase: Case): Case {
  return kase.state === 'answering' ? withdrawQueued(kase) : kase;
}

function replan(kase: Case, because: string, policy: Policy, now: number): Decision {
  const alreadySent = kase.letters.some((letter) => letter.status !== 'withdrawn' && letter.status !== 'would-send');
  if (alreadySent) return onlyNoted(kase, `${because}; a letter has left already`, policy);
  const plan = planFor(kase, policy);
  const asked = askForChecks(kase, plan.nodes, now);
  const blocked = asked.kase.hosts.some((host) => host.status === 'suspicious');
  const fresh = inState(asked.kase, { state: 'checking' });
  const reasons = blocked ? [...plan.reasons, 'host-suspicious' as const] : plan.reasons;
  if (reasons.length > 0) {
    return decided(needsPerson(fresh, reasons, plan.drafts), asked.actions, because, policy);
  }
  const open = fresh.hosts.some((host) => host.status !== 'clean' && host.status !== 'cleared');
  if (open) return decided(waitOrAsk(fresh, plan.drafts), asked.actions, because, policy);
  return letGo(fresh, because, policy, now);
}

/** Checking while a check is due or coming; a person where every attempt is over. */
function waitOrAsk(kase: Case, drafts: readonly Draft[]): Case {
  const over = kase.hosts.some((host) => host.status === 'could-not-check' && host.retryAt === null);
  return over ? needsPerson(kase, ['host-not-checkable'], drafts) : kase;
}
