import type { Action, Case, CaseEvent, Decision, Draft } from '../case.ts';
import { judgedAs } from '../case.ts';
import type { Policy } from '../policy.ts';
import { decided, inState, letterIn, needsPerson, onlyNoted, withdrawQueued } from './outcome.ts';

/** A human answered: the clock stops, the case belongs to a handler, a draft is prepared; after closing it reopens. */
export function onHumanAnswered(
  kase: Case,
  event: Extract<CaseEvent, { type: 'human-answered' }>,
  policy: Policy,
): Decision {
  const answered = withdrawQueued({ ...kase, humanAnswered: true, handler: kase.handler ?? event.handlerOnDuty });
  // Danger in the answer itself: a handler hears of it now, and no draft about exit lists lies ready.
  const danger = event.alarms.length > 0;
  const drafts = danger ? [] : exitListDraft(kase);
  const actions: Action[] = danger
    ? [{ type: 'alert', about: 'danger', node: null, checkId: null, mailId: event.mailId }]
    : [];
  if (kase.state === 'closed' || kase.state === 'reopened') {
    return decided(inState(answered, { state: 'reopened', drafts }), actions, 'a human answered after closing', policy);
  }
  return decided(inState(answered, { state: 'in-discussion', drafts }), actions, 'a human answered', policy);
}

/** For the second message: how to fetch the exit list and block Tor. Never a draft for somebody in danger. */
function exitListDraft(kase: Case): readonly Draft[] {
  const to = letterIn(kase, 'first')?.to ?? kase.judgement.letter?.to ?? null;
  if (to === null || judgedAs(kase).risk !== 'non-threatening') return [];
  return [{ slot: 'first', letter: 'exit-list', to }];
}

/** Vacation notes, receipts and delivery reports neither stop nor restart the clock, and nothing ever answers them. */
export function onMachineAnswered(
  kase: Case,
  event: Extract<CaseEvent, { type: 'machine-answered' }>,
  policy: Policy,
): Decision {
  return onlyNoted(kase, `a machine answered (${event.kind}): no answer by a human`, policy);
}

/** A hard bounce: letters to that address stop, and a person looks. */
export function onBounced(kase: Case, policy: Policy): Decision {
  const because = 'the letter bounced for good';
  switch (kase.state) {
    case 'received':
    case 'checking':
    case 'needs-person':
    case 'answering':
    case 'awaiting-answer':
    case 'followed-up':
      return decided(needsPerson(withdrawQueued(kase), ['bounced'], []), [], because, policy);
    case 'in-discussion':
    case 'reopened':
    case 'closed':
      return onlyNoted(kase, because, policy);
  }
}

/** A handler answered from the mail client: recorded, and the automation stops for this case. */
export function onHandlerWrote(
  kase: Case,
  event: Extract<CaseEvent, { type: 'handler-wrote' }>,
  policy: Policy,
): Decision {
  if (kase.state === 'closed') return onlyNoted(kase, `${event.by} wrote by hand`, policy);
  const next = { ...withdrawQueued(kase), handler: event.by };
  const state = kase.state === 'reopened' ? 'reopened' : 'in-discussion';
  return decided(inState(next, { state, drafts: [] }), [], `${event.by} wrote by hand`, policy);
}
