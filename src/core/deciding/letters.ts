import type { Action, Case, CaseEvent, Decision, Draft, LetterSlot, PersonReason, StoppedAtTheDoor } from '../case.ts';
import { judgedAs } from '../case.ts';
import type { LetterName, Policy } from '../policy.ts';
import { modeFor } from '../policy.ts';
import { alertAction, changeLetter, decided, inState, letterIn, needsPerson, onlyNoted } from './outcome.ts';

/** Puts letters into the outbox: by the policy's mode, or by a handler who approved them. */
export function queueLetters(
  kase: Case,
  drafts: readonly Draft[],
  policy: Policy,
  by: { readonly handler: string | null; readonly text: string | null } = { handler: null, text: null },
): { readonly kase: Case; readonly actions: readonly Action[] } {
  const judged = judgedAs(kase);
  const queued = drafts.map((draft) => {
    const attempt = (letterIn(kase, draft.slot)?.attempt ?? 0) + 1;
    return {
      letter: { ...draft, attempt, status: 'queued', by: by.handler, acceptedAt: null } as const,
      action: {
        type: 'send-letter',
        slot: draft.slot,
        letter: draft.letter,
        to: draft.to,
        attempt,
        mode: modeFor(policy, { risk: judged.risk, category: judged.category, letter: draft.letter }),
        by: by.handler,
        text: by.text,
      } as const,
    };
  });
  return {
    kase: { ...kase, letters: [...kase.letters, ...queued.map((q) => q.letter)] },
    actions: queued.map((q) => q.action),
  };
}

/** The first letters leave, or wait for a handler where the mode says approve. */
export function answer(kase: Case, drafts: readonly Draft[], policy: Policy): Decision {
  const judged = judgedAs(kase);
  const modes = drafts.map((draft) =>
    modeFor(policy, { risk: judged.risk, category: judged.category, letter: draft.letter }),
  );
  if (modes.includes('approve')) {
    return decided(needsPerson(kase, ['approval'], drafts), [], 'the mode for this letter is approve', policy);
  }
  const queued = queueLetters(kase, drafts, policy);
  const names = drafts.map((draft) => draft.letter).join(' and ');
  return decided(inState(queued.kase, { state: 'answering' }), queued.actions, `letter ${names} is due`, policy);
}

/** What a follow-up says depends on the case; null where a second letter makes no sense (not ours, provider only). */
export function followUpFor(kase: Case): Draft | null {
  const first = letterIn(kase, 'first');
  if (first === null || first.letter === 'not-ours' || first.letter === 'details') return null;
  const inDanger = judgedAs(kase).risk === 'threatening' || first.letter === 'threatening';
  const letter: LetterName = inDanger ? 'follow-up-threatening' : 'follow-up';
  return { slot: 'follow-up', letter, to: first.to };
}

type LetterEvent = Extract<CaseEvent, { type: `letter-${string}` }>;

/** The outbox reports what became of a letter. */
export function onLetter(kase: Case, event: LetterEvent, policy: Policy, now: number): Decision {
  switch (event.type) {
    case 'letter-accepted':
      return onAccepted(kase, event, policy);
    case 'letter-withheld': {
      const withheld = changeLetter(kase, event, { status: 'withheld' });
      return decided(startClock(withheld, event.slot, now, policy), [], `withheld: over ${event.ceiling}`, policy);
    }
    case 'letter-would-send':
      return stopped(changeLetter(kase, event, { status: 'would-send' }), event, policy, {
        reason: 'observed',
        because: 'observe mode: the letter would have been sent',
      });
    case 'letter-needs-handler':
      return stopped(changeLetter(kase, event, { status: 'withdrawn' }), event, policy, {
        reason: event.reason,
        because: atTheDoor[event.reason],
      });
    case 'letter-failed':
      return stopped(changeLetter(kase, event, { status: 'failed' }), event, policy, {
        reason: 'letter-failed',
        because: `the letter was refused: ${event.response}`,
      });
    case 'letter-unknown':
      return stopped(changeLetter(kase, event, { status: 'unknown' }), event, policy, {
        reason: 'letter-unknown',
        because: `nobody knows whether the server took the letter: ${event.response}`,
        action: alertAction('letter-unknown'),
      });
  }
}

const atTheDoor: Record<StoppedAtTheDoor, string> = {
  'over-ceiling': 'the letter is over a ceiling',
  'dead-address': 'a hard bounce came from this address',
  'judgement-unsure': 'the risk is not low any more: this letter does not leave by itself',
  approval: 'the mode for this letter is approve now',
};

/**
 * SMTP took a letter, or a proof of it came. Where another letter for the same slot waits meanwhile (a correction overtook
 * this one on the wire), that one does not follow by itself: a handler decides.
 */
function onAccepted(kase: Case, event: Extract<LetterEvent, { type: 'letter-accepted' }>, policy: Policy): Decision {
  const accepted = changeLetter(kase, event, { status: 'accepted', acceptedAt: event.acceptedAt });
  const latest = letterIn(accepted, event.slot);
  const because = `accepted: ${event.proof}`;
  if (latest !== null && latest.attempt !== event.attempt && latest.status === 'queued' && latest.by === null) {
    const crossed = changeLetter(accepted, latest, { status: 'withdrawn' });
    if (isWithHandler(crossed)) return decided(crossed, [], because, policy);
    const draft = { slot: latest.slot, letter: latest.letter, to: latest.to };
    return decided(needsPerson(crossed, ['approval'], [draft]), [], `${because}, while another was waiting`, policy);
  }
  return decided(startClock(accepted, event.slot, event.acceptedAt, policy), [], because, policy);
}

type Stop = { readonly reason: PersonReason; readonly because: string; readonly action?: Action };

/** The letter did not leave: a handler decides, with the letter as draft. One that was withdrawn before is only recorded. */
function stopped(
  kase: Case,
  { slot, attempt }: { readonly slot: LetterSlot; readonly attempt: number },
  policy: Policy,
  why: Stop,
): Decision {
  const letter = letterIn(kase, slot);
  if (isWithHandler(kase) || letter?.attempt !== attempt) return onlyNoted(kase, why.because, policy);
  const drafts = [{ slot: letter.slot, letter: letter.letter, to: letter.to }];
  return decided(needsPerson(kase, [why.reason], drafts), why.action ? [why.action] : [], why.because, policy);
}

/** Belongs to a handler or is over: what becomes of a letter is recorded and moves nothing. */
function isWithHandler(kase: Case): boolean {
  return kase.state === 'in-discussion' || kase.state === 'reopened' || kase.state === 'closed';
}

/** The clock starts when SMTP accepted the first letter; a robot's withheld letter keeps its clock too. */
function startClock(kase: Case, slot: LetterSlot, at: number, policy: Policy): Case {
  if (isWithHandler(kase) || (kase.state === 'needs-person' && stillUndecided(kase, slot))) return kase;
  if (kase.state === 'followed-up' && slot !== 'follow-up') return kase;
  if (slot === 'follow-up') return inState(kase, { state: 'followed-up', closeAt: at + policy.closeAfterMs });
  // A second first letter (the complainant's beside the provider's) does not restart a running clock.
  const running = kase.state === 'awaiting-answer' ? kase : null;
  const since = running?.since ?? at;
  const mayFollowUp = followUpFor(kase) !== null && automaticLetters(kase) < policy.budgets.perCase;
  return inState(kase, {
    state: 'awaiting-answer',
    since,
    followUpAt: mayFollowUp ? since + policy.followUpAfterMs : null,
    closeAt: mayFollowUp ? null : since + policy.followUpAfterMs + policy.closeAfterMs,
  });
}

/** Waiting for a person for something else than the fate of this letter. */
function stillUndecided(kase: Extract<Case, { state: 'needs-person' }>, slot: LetterSlot): boolean {
  const others = kase.drafts.some((draft) => draft.slot !== slot);
  return others || kase.reasons.some((reason) => reason !== 'letter-unknown');
}

/** Automatic letters to the complainant that this case used up (procedure.md §3: first and follow-up). */
export function automaticLetters(kase: Case): number {
  return kase.letters.filter(
    (letter) =>
      letter.slot !== 'provider' &&
      letter.by === null &&
      letter.status !== 'withdrawn' &&
      letter.status !== 'would-send',
  ).length;
}
