import type { Action, Case, CaseEvent, Decision, Draft, LetterSlot } from '../case.ts';
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
    case 'letter-accepted': {
      const accepted = changeLetter(kase, event.slot, { status: 'accepted', acceptedAt: event.acceptedAt });
      return decided(
        startClock(accepted, event.slot, event.acceptedAt, policy),
        [],
        `accepted: ${event.proof}`,
        policy,
      );
    }
    case 'letter-withheld': {
      const withheld = changeLetter(kase, event.slot, { status: 'withheld' });
      return decided(startClock(withheld, event.slot, now, policy), [], `withheld: over ${event.ceiling}`, policy);
    }
    case 'letter-would-send':
      return stopped(changeLetter(kase, event.slot, { status: 'would-send' }), event.slot, policy, {
        reason: 'observed',
        because: 'observe mode: the letter would have been sent',
      });
    case 'letter-needs-handler':
      return stopped(changeLetter(kase, event.slot, { status: 'withdrawn' }), event.slot, policy, {
        reason: event.reason,
        because:
          event.reason === 'over-ceiling'
            ? 'a letter to a person is over a ceiling'
            : 'a hard bounce came from this address',
      });
    case 'letter-failed':
      return stopped(changeLetter(kase, event.slot, { status: 'failed' }), event.slot, policy, {
        reason: 'letter-failed',
        because: `the letter was refused: ${event.response}`,
      });
    case 'letter-unknown':
      return stopped(changeLetter(kase, event.slot, { status: 'unknown' }), event.slot, policy, {
        reason: 'letter-unknown',
        because: `nobody knows whether the server took the letter: ${event.response}`,
        action: alertAction('letter-unknown'),
      });
  }
}

/** The letter did not leave: a handler decides, with the letter as draft. */
function stopped(
  kase: Case,
  slot: LetterSlot,
  policy: Policy,
  why: {
    readonly reason: Parameters<typeof needsPerson>[1][number];
    readonly because: string;
    readonly action?: Action;
  },
): Decision {
  if (isWithHandler(kase)) return onlyNoted(kase, why.because, policy);
  const letter = letterIn(kase, slot);
  const drafts = letter === null ? [] : [{ slot: letter.slot, letter: letter.letter, to: letter.to }];
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

/** Automatic letters that this case used up: the hard ceiling of procedure.md §3 counts these. */
export function automaticLetters(kase: Case): number {
  return kase.letters.filter(
    (letter) => letter.by === null && letter.status !== 'withdrawn' && letter.status !== 'would-send',
  ).length;
}
