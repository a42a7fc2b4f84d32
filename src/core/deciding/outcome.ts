import type {
  Action,
  AlertSubject,
  Case,
  CaseLetter,
  CaseState,
  Decision,
  Draft,
  Outcome,
  PersonReason,
} from '../case.ts';
import type { Policy } from '../policy.ts';
import { timersOf } from './timers.ts';

/** The small vocabulary in which the deciding functions speak. */

export function decided(next: Case, actions: readonly Action[], because: string, policy: Policy): Decision {
  return { next, timers: timersOf(next, policy), actions, because, refused: null };
}

/** The event is worth its line in the journal and changes nothing. */
export function onlyNoted(kase: Case, because: string, policy: Policy): Decision {
  return decided(kase, [], because, policy);
}

/** A handler's command that makes no sense here: nothing changes, and the handler is told why. */
export function refused(kase: Case, why: string, policy: Policy): Decision {
  return { next: kase, timers: timersOf(kase, policy), actions: [], because: why, refused: why };
}

/** The same case in another state; what the old state alone carried is gone. */
export function inState(kase: Case, state: CaseState): Case {
  const { id, openedAt, complaint, judgement, correction, hosts, letters, hold, handler } = kase;
  const { humanAnswered, providerDeadline, providerAlerted } = kase;
  const common = { id, openedAt, complaint, judgement, correction, hosts, letters, hold, handler };
  return { ...common, humanAnswered, providerDeadline, providerAlerted, ...state };
}

/** Waits for a handler; reasons and drafts that it already waits with are kept. */
export function needsPerson(kase: Case, reasons: readonly PersonReason[], drafts: readonly Draft[]): Case {
  const before = kase.state === 'needs-person' ? kase : null;
  const slots = new Set(drafts.map((draft) => draft.slot));
  return inState(kase, {
    state: 'needs-person',
    reasons: [...new Set([...(before?.reasons ?? []), ...reasons])],
    drafts: [...(before?.drafts ?? []).filter((draft) => !slots.has(draft.slot)), ...drafts],
  });
}

export function closed(kase: Case, outcome: Outcome, now: number, policy: Policy): Case {
  return inState(withdrawQueued(kase), { state: 'closed', at: now, outcome, label: policy.closingLabel });
}

/** Letters that have not left are overtaken: the outbox asks the case before it sends. */
export function withdrawQueued(kase: Case, which: (letter: CaseLetter) => boolean = () => true): Case {
  const letters = kase.letters.map((letter) =>
    letter.status === 'queued' && which(letter) ? ({ ...letter, status: 'withdrawn' } as const) : letter,
  );
  return { ...kase, letters };
}

/** The latest letter of a slot. */
export function letterIn(kase: Case, slot: CaseLetter['slot']): CaseLetter | null {
  return kase.letters.findLast((letter) => letter.slot === slot) ?? null;
}

/** Changes one letter: the slot and the attempt name it, whatever was queued since. */
export function changeLetter(
  kase: Case,
  { slot, attempt }: Pick<CaseLetter, 'slot' | 'attempt'>,
  change: Partial<CaseLetter>,
): Case {
  const letters = kase.letters.map((letter) =>
    letter.slot === slot && letter.attempt === attempt ? { ...letter, ...change } : letter,
  );
  return { ...kase, letters };
}

export function alertAction(about: AlertSubject): Action {
  return { type: 'alert', about, node: null, checkId: null, mailId: null };
}
