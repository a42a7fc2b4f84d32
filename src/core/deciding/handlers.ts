import type { Case, CaseEvent, CaseLetter, Correction, Decision, Draft, Outcome } from '../case.ts';
import { judgedAs, takesOwnWords } from '../case.ts';
import type { Policy } from '../policy.ts';
import { modeFor } from '../policy.ts';
import { askForChecks, goOn, hasLeft, letGo } from './hosts.ts';
import { followUpFor, queueLetters } from './letters.ts';
import { closed, decided, inState, needsPerson, onlyNoted, refused, withdrawQueued } from './outcome.ts';
import { draftsFor, planFor } from './plan.ts';

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
  const pending = kase.hosts.find((host) => host.status === 'pending');
  if (pending !== undefined)
    return refused(kase, `node ${pending.node} is being checked: try again in a minute`, policy);
  const judged = judgedAs(kase);
  if (event.text === null && takesOwnWords(kase)) {
    return refused(
      kase,
      `no standard letter answers ${judged.category ?? 'this'}: write your own words (--text-file)`,
      policy,
    );
  }
  const low = drafts.find((draft) => draft.letter === 'non-threatening' || draft.letter === 'follow-up');
  if (event.text === null && low !== undefined && judged.risk !== 'non-threatening') {
    const why = `the risk is ${judged.risk ?? 'not judged'}: say with judge-as how grave it is, or write your own words (--text-file)`;
    return refused(kase, `${low.letter} is the letter for low risk, and ${why}`, policy);
  }
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

/**
 * The correction is kept beside the judgement. No letter that was chosen under the old one leaves by itself any more: where
 * none has left yet the case is planned anew, else what waited becomes a draft of the letter that fits now.
 */
export function onJudgedAs(kase: Case, event: Of<'judged-as'>, policy: Policy, now: number): Decision {
  const overtaken = kase.letters.filter((letter) => letter.status === 'queued' && letter.by === null);
  const corrected: Case = {
    ...withdrawQueued(kase, (letter) => letter.by === null),
    correction: merged(kase.correction, event.correction),
  };
  const because = `judged anew by ${event.correction.by}`;
  switch (kase.state) {
    case 'received':
    case 'checking':
    case 'needs-person':
    case 'answering':
      return hasLetterOut(corrected)
        ? withNewDrafts(corrected, overtaken, because, policy)
        : replan(corrected, because, policy, now);
    case 'awaiting-answer':
    case 'followed-up':
    case 'in-discussion':
    case 'reopened':
      return withNewDrafts(corrected, overtaken, because, policy);
    case 'closed':
      return onlyNoted(corrected, because, policy);
  }
}

/** What the new correction does not speak of stays as an earlier one left it. */
function merged(before: Correction | null, now: Correction): Correction {
  return {
    ...now,
    risk: now.risk ?? before?.risk ?? null,
    category: now.category ?? before?.category ?? null,
    automated: now.automated ?? before?.automated ?? null,
  };
}

function hasLetterOut(kase: Case): boolean {
  return kase.letters.some((letter) => letter.status === 'accepted' || letter.status === 'unknown');
}

/** Letters that waited, and drafts that exist, become drafts of the letters that fit the case as it is judged now. */
function withNewDrafts(kase: Case, overtaken: readonly CaseLetter[], because: string, policy: Policy): Decision {
  const slots = new Set([...overtaken, ...draftsOf(kase)].map((draft) => draft.slot));
  const followUp = followUpFor(kase);
  const fitting = [
    ...draftsFor(kase).filter((draft) => !hasLeft(kase, draft.slot)),
    ...(followUp === null ? [] : [followUp]),
  ];
  const drafts = fitting.filter((draft) => slots.has(draft.slot));
  if (kase.state === 'in-discussion' || kase.state === 'reopened') {
    const keepsExitList = judgedAs(kase).risk === 'non-threatening';
    const kept = kase.drafts.filter((draft) => draft.letter === 'exit-list' && keepsExitList);
    return decided(inState(kase, { state: kase.state, drafts: kept }), [], because, policy);
  }
  if (kase.state === 'needs-person') return decided({ ...kase, drafts }, [], because, policy);
  if (overtaken.length === 0) return onlyNoted(kase, because, policy);
  return decided(needsPerson(kase, ['approval'], drafts), [], `${because}; a letter was waiting to leave`, policy);
}

function replan(kase: Case, because: string, policy: Policy, now: number): Decision {
  const plan = planFor(kase, policy);
  const asked = askForChecks(kase, plan, now);
  const blocked = asked.kase.hosts.some((host) => host.status === 'suspicious');
  const fresh = inState(asked.kase, { state: 'checking' });
  const reasons = [...plan.reasons, ...(blocked ? (['host-suspicious'] as const) : [])];
  if (reasons.length > 0) {
    return decided(needsPerson(fresh, reasons, plan.drafts), asked.actions, because, policy);
  }
  const open = fresh.hosts.some((host) => host.status !== 'clean' && host.status !== 'cleared');
  // On hold nothing moves; the release goes on from here.
  if (open || kase.hold !== null) return decided(waitOrAsk(fresh, plan.drafts), asked.actions, because, policy);
  return letGo(fresh, because, policy, now);
}

/** Checking while a check is due or coming; a person where every attempt is over. */
function waitOrAsk(kase: Case, drafts: readonly Draft[]): Case {
  const over = kase.hosts.some((host) => host.status === 'could-not-check' && host.retryAt === null);
  return over ? needsPerson(kase, ['host-not-checkable'], drafts) : kase;
}
