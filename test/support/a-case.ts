import type {
  Action,
  Case,
  CaseCommon,
  CaseEvent,
  CaseHost,
  CaseId,
  CaseLetter,
  CaseState,
  CheckId,
  Decision,
  MailId,
} from '../../src/core/case.ts';
import { decide } from '../../src/core/decide.ts';
import type { AccusedAddress, Judgement } from '../../src/core/judgement.ts';
import type { Policy } from '../../src/core/policy.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
export const weekMs = 7 * dayMs;

/** 2026-11-02T08:00:00Z: where these stories begin. */
export const t0 = Date.UTC(2026, 10, 2, 8);

export function aPolicy(change: Partial<Policy> = {}): Policy {
  return {
    mode: 'auto',
    modes: [],
    answerRobots: true,
    followUpAfterMs: weekMs,
    closeAfterMs: weekMs,
    closingLabel: 'Successfully Solved',
    budgets: { perCase: 2, robotAddressPerDay: 1, personAddressPerDay: 5, domainPerDay: 10, perHour: 60 },
    checkFreshnessMs: 15 * minuteMs,
    checkRetryEveryMs: 15 * minuteMs,
    checkRetryForMs: dayMs,
    providerMarginMs: 4 * hourMs,
    handling: {},
    ...change,
  };
}

export function anAddress(change: Partial<AccusedAddress> = {}): AccusedAddress {
  return { ip: '198.51.100.10', role: 'reported', standing: 'exit', node: 'helium', because: 'in the log', ...change };
}

type JudgementChange = Partial<Omit<Judgement, 'risk' | 'sender'>> & {
  readonly risk?: Partial<Judgement['risk']>;
  readonly sender?: Partial<Judgement['sender']>;
};

/** A person's plain complaint about our exit helium; each story changes what matters to it. */
export function aJudgement(change: JudgementChange = {}): Judgement {
  return {
    kind: 'complaint',
    addresses: [anAddress()],
    event: { at: null, local: null, text: null },
    language: 'en',
    letter: { template: 'non-threatening', to: 'jane@site.example', language: 'en' },
    provider: null,
    sealed: false,
    oneLetterOnly: false,
    alarms: [],
    ...change,
    sender: {
      address: 'jane@site.example',
      name: 'Jane',
      greeting: 'Jane',
      automated: false,
      confidence: 0.9,
      because: [],
      ...change.sender,
    },
    risk: {
      level: 'non-threatening',
      category: 'scan',
      handling: 'letter',
      confidence: 0.9,
      because: [],
      ...change.risk,
    },
  };
}

export function aHost(change: Partial<CaseHost> = {}): CaseHost {
  return { node: 'helium', status: 'clean', attempts: 1, since: t0, checkId: 1 as CheckId, retryAt: null, ...change };
}

export function aLetter(change: Partial<CaseLetter> = {}): CaseLetter {
  return {
    slot: 'first',
    letter: 'non-threatening',
    to: 'jane@site.example',
    attempt: 1,
    status: 'accepted',
    by: null,
    acceptedAt: t0,
    ...change,
  };
}

/** A case in any state. */
export function aCase(state: CaseState = { state: 'received' }, change: Partial<CaseCommon> = {}): Case {
  return {
    id: 17 as CaseId,
    openedAt: t0,
    complaint: {
      mailId: 1 as MailId,
      messageId: '<complaint@site.example>',
      references: [],
      inReplyTo: [],
      subject: 'Scan from your network',
      sentAt: { at: t0, offsetMinutes: 0 },
      arrivedAt: t0,
      truncated: false,
    },
    judgement: aJudgement(),
    correction: null,
    hosts: [],
    letters: [],
    hold: null,
    handler: null,
    humanAnswered: false,
    providerDeadline: null,
    providerAlerted: false,
    ...change,
    ...state,
  };
}

/** One case of each state as the desk itself would have brought it there. */
export const inEachState: Readonly<Record<Case['state'], Case>> = {
  received: aCase(),
  checking: aCase({ state: 'checking' }, { hosts: [aHost({ status: 'pending', checkId: null })] }),
  'needs-person': aCase(
    {
      state: 'needs-person',
      reasons: ['approval'],
      drafts: [{ slot: 'first', letter: 'non-threatening', to: 'jane@site.example' }],
    },
    { hosts: [aHost()] },
  ),
  answering: aCase(
    { state: 'answering' },
    { hosts: [aHost()], letters: [aLetter({ status: 'queued', acceptedAt: null })] },
  ),
  'awaiting-answer': aCase(
    { state: 'awaiting-answer', since: t0, followUpAt: t0 + weekMs, closeAt: null },
    { hosts: [aHost()], letters: [aLetter()] },
  ),
  'followed-up': aCase(
    { state: 'followed-up', closeAt: t0 + 2 * weekMs },
    { hosts: [aHost()], letters: [aLetter(), aLetter({ slot: 'follow-up', letter: 'follow-up' })] },
  ),
  'in-discussion': aCase(
    { state: 'in-discussion', drafts: [] },
    { hosts: [aHost()], letters: [aLetter()], humanAnswered: true, handler: 'ada' },
  ),
  reopened: aCase(
    { state: 'reopened', drafts: [] },
    { hosts: [aHost()], letters: [aLetter()], humanAnswered: true, handler: 'ada' },
  ),
  closed: aCase(
    { state: 'closed', at: t0 + 2 * weekMs, outcome: 'never-answered', label: 'Successfully Solved' },
    { hosts: [aHost()], letters: [aLetter()] },
  ),
};

/** given(case).when(event).at(time): the decision, ready to be compared. */
export function given(kase: Case, policy: Policy = aPolicy()) {
  return {
    when: (event: CaseEvent) => ({
      at: (now: number): Decision => decide(kase, event, policy, now),
    }),
  };
}

/** The actions of a decision in short: "send-letter first non-threatening", "check-host helium", "alert danger". */
export function inShort(actions: readonly Action[]): readonly string[] {
  return actions.map((action) => {
    switch (action.type) {
      case 'check-host':
        return `check-host ${action.node}`;
      case 'send-letter':
        return `send-letter ${action.slot} ${action.letter}`;
      case 'alert':
        return `alert ${action.about}`;
    }
  });
}
