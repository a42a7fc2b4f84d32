/**
 * The case: its states, what can happen to it, and what the desk may do about it. This page is the specification of the
 * state machine; decide.ts and deciding/*.ts carry it out (procedure.md §1 and §3).
 *
 *   received ──► checking ──► answering ──► awaiting-answer ──► followed-up ──► closed
 *      │            │             │               │                  │            │
 *      └────────────┴─────────────┴──► needs-person ◄────────────────┘            ▼
 *                                        │    ▲                       human answer: reopened
 *                human answer, take ─────┴──► in-discussion
 *
 * received         exists only inside the transaction that opens the case
 * checking         a host check is due, running, or will be tried again (hosts[].retryAt)
 * needs-person     waits for a handler, with reasons and the drafts that `approve` would send
 * answering        the first letters lie in the outbox
 * awaiting-answer  the first letter was accepted (or withheld): the clock runs
 * followed-up      the follow-up is in the outbox (closeAt null) or was accepted: the second week runs
 * in-discussion    a human answered, or a handler took the case: it belongs to a handler, all automation is off
 * reopened         the same, after closing
 * closed           with the operator's label and the true outcome
 *
 * Timers are a function of the case (timersOf in deciding/timers.ts): a case on hold has none, and after `release` those
 * that are overdue fire at once. Every open case has a timer, a pending action, or waits for a person.
 */
import type { Category, Judgement, RiskLevel } from './judgement.ts';
import type { LetterName, Mode } from './policy.ts';
import { neverByMachine } from './policy.ts';
import type { Verdict } from './hosts/check.ts';
import type { PublicAnswer } from './public-tor.ts';

export type CaseId = number & { readonly __brand: 'CaseId' };
export type MailId = number & { readonly __brand: 'MailId' };
export type CheckId = number & { readonly __brand: 'CheckId' };

/** What a case keeps of the complaint mail; the raw bytes stay in the mails table. */
export type Complaint = {
  readonly mailId: MailId;
  readonly messageId: string | null;
  readonly references: readonly string[];
  readonly inReplyTo: readonly string[];
  readonly subject: string;
  /** The Date header, ms UTC and its zone; null where unreadable. */
  readonly sentAt: { readonly at: number; readonly offsetMinutes: number } | null;
  /** When our server received it, ms UTC. */
  readonly arrivedAt: number;
  /** Over the size limit: judged by its head only, so a person decides. */
  readonly truncated: boolean;
  /** What public Tor data said of the accused addresses when the case was opened; left out where none are collected. */
  readonly publicTor?: readonly { readonly ip: string; readonly answer: PublicAnswer }[];
};

/** first: to the complainant; provider: to our hosting provider; follow-up: a week later. */
export type LetterSlot = 'first' | 'provider' | 'follow-up';

export type Draft = { readonly slot: LetterSlot; readonly letter: LetterName; readonly to: string };

/**
 * queued: in the outbox. accepted: SMTP took it. would-send: observe mode. withheld: a robot's letter over a ceiling.
 * failed: refused for good. unknown: the connection died after DATA and nothing proves acceptance. withdrawn: overtaken
 * before it left.
 */
export type LetterStatus = 'queued' | 'accepted' | 'would-send' | 'withheld' | 'failed' | 'unknown' | 'withdrawn';

export type CaseLetter = Draft & {
  /** 1 for the first try of a slot; a handler who approves again makes the next. */
  readonly attempt: number;
  readonly status: LetterStatus;
  /** The handler who approved it; null for an automatic letter. */
  readonly by: string | null;
  /** When it was accepted, ms UTC. */
  readonly acceptedAt: number | null;
};

export type HostStatus = 'pending' | 'clean' | 'suspicious' | 'could-not-check' | 'cleared';

/** The host check of one accused node, as far as this case relies on it. */
export type CaseHost = {
  readonly node: string;
  readonly status: HostStatus;
  readonly attempts: number;
  /** When the first attempt was asked for: retries end checkRetryForMs after it. */
  readonly since: number;
  readonly checkId: CheckId | null;
  readonly retryAt: number | null;
  /** The check saw something where Tor cannot have carried what is reported: only a handler lets a letter of this case go. */
  readonly odd?: true;
};

export const personReasons = [
  'danger-or-authority', // never by a machine: police, child abuse, self-harm, threats against the desk ...
  'judgement-unsure',
  'not-exit-then', // ours, but no exit at that time: maybe a real break-in
  'not-through-tor', // Tor cannot have carried it, and the check saw something, or somebody is in danger
  'too-large', // only the head of the mail was read
  'no-address', // the complaint names no address: a draft asks for it
  'no-recipient', // where the letter must go is not clear
  'host-suspicious',
  'host-not-checkable',
  'approval', // approve mode
  'observed', // observe mode: what would have been sent is recorded
  'over-ceiling', // a letter to a person over a budget
  'letter-failed',
  'letter-unknown',
  'bounced',
  'dead-address', // a hard bounce came from there before
  'provider-form', // only a web form takes the statement
] as const;
export type PersonReason = (typeof personReasons)[number];

export const outcomes = [
  'answered', // answered and settled
  'never-answered',
  'bounced',
  'not-ours',
  'unrelated',
  'handled-by-person',
  'over-budget',
] as const;
export type Outcome = (typeof outcomes)[number];

/** A handler's correction, kept beside the judgement as it was made. */
export type Correction = {
  readonly risk: RiskLevel | null;
  readonly category: Category | null;
  readonly automated: boolean | null;
  readonly by: string;
  readonly at: number;
};

export type CaseCommon = {
  readonly id: CaseId;
  readonly openedAt: number;
  readonly complaint: Complaint;
  readonly judgement: Judgement;
  readonly correction: Correction | null;
  readonly hosts: readonly CaseHost[];
  readonly letters: readonly CaseLetter[];
  /** Legal or other hold: no letter leaves, no timer runs, nothing closes or deletes the case. */
  readonly hold: { readonly by: string; readonly at: number } | null;
  readonly handler: string | null;
  /** Whether a human ever answered us in this case. */
  readonly humanAnswered: boolean;
  /** The hosting provider's deadline, ms UTC: a second clock beside the state. */
  readonly providerDeadline: number | null;
  readonly providerAlerted: boolean;
};

export type CaseState =
  | { readonly state: 'received' }
  | { readonly state: 'checking' }
  | { readonly state: 'needs-person'; readonly reasons: readonly PersonReason[]; readonly drafts: readonly Draft[] }
  | { readonly state: 'answering' }
  | {
      readonly state: 'awaiting-answer';
      readonly since: number;
      readonly followUpAt: number | null;
      readonly closeAt: number | null;
    }
  | { readonly state: 'followed-up'; readonly closeAt: number | null }
  | { readonly state: 'in-discussion'; readonly drafts: readonly Draft[] }
  | { readonly state: 'reopened'; readonly drafts: readonly Draft[] }
  | { readonly state: 'closed'; readonly at: number; readonly outcome: Outcome; readonly label: string };

export type Case = CaseCommon & CaseState;
export type StateName = Case['state'];

export type TimerKind = 'check-retry' | 'follow-up' | 'close' | 'provider-deadline';
export type Timer = { readonly kind: TimerKind; readonly dueAt: number };

/** Why mayLeave gave a letter to a handler at the last moment. */
export type StoppedAtTheDoor = Extract<PersonReason, 'over-ceiling' | 'dead-address' | 'judgement-unsure' | 'approval'>;

export type CaseEvent =
  | { readonly type: 'complaint-received' }
  | {
      readonly type: 'host-checked';
      readonly node: string;
      readonly checkId: CheckId | null;
      readonly verdict: Verdict;
      readonly hostKeyTrouble: boolean;
      /** How many findings a handler should know of; left out by older events. */
      readonly notices?: number;
      /** True where the checks show that tor did not run at the reported time; left out where they do not. */
      readonly torWasDown?: true;
      /** False where trying again is pointless: no check is configured for this node. */
      readonly retryable: boolean;
    }
  | { readonly type: 'node-cleared'; readonly node: string; readonly by: string; readonly note: string }
  | { readonly type: 'timer-due'; readonly timer: TimerKind; readonly dueAt: number }
  | {
      readonly type: 'letter-accepted';
      readonly slot: LetterSlot;
      readonly attempt: number;
      readonly acceptedAt: number;
      readonly proof: string;
    }
  | { readonly type: 'letter-would-send'; readonly slot: LetterSlot; readonly attempt: number }
  | {
      readonly type: 'letter-withheld';
      readonly slot: LetterSlot;
      readonly attempt: number;
      readonly ceiling: string;
    }
  | {
      readonly type: 'letter-needs-handler';
      readonly slot: LetterSlot;
      readonly attempt: number;
      readonly reason: StoppedAtTheDoor;
    }
  | {
      readonly type: 'letter-failed';
      readonly slot: LetterSlot;
      readonly attempt: number;
      readonly response: string;
    }
  | {
      readonly type: 'letter-unknown';
      readonly slot: LetterSlot;
      readonly attempt: number;
      readonly response: string;
    }
  | {
      readonly type: 'human-answered';
      readonly mailId: MailId;
      readonly handlerOnDuty: string | null;
      /** Grounds in the answer itself on which a handler is alerted at once. */
      readonly alarms: readonly string[];
    }
  | {
      readonly type: 'machine-answered';
      readonly mailId: MailId;
      readonly kind: 'auto-reply' | 'ticket-ack' | 'bounce';
    }
  | { readonly type: 'bounced'; readonly mailId: MailId }
  | { readonly type: 'handler-wrote'; readonly mailId: MailId; readonly by: string }
  | { readonly type: 'approved'; readonly by: string; readonly text: string | null }
  | { readonly type: 'held'; readonly by: string; readonly note: string | null }
  | { readonly type: 'released'; readonly by: string }
  | { readonly type: 'taken'; readonly by: string }
  | { readonly type: 'closed-by-handler'; readonly by: string; readonly outcome: Outcome | null }
  | { readonly type: 'reopened-by-handler'; readonly by: string }
  | { readonly type: 'noted'; readonly by: string; readonly text: string }
  | { readonly type: 'judged-as'; readonly correction: Correction };
export type EventType = CaseEvent['type'];

export const alertSubjects = [
  'danger', // somebody is threatened, or the mail is one that no machine answers
  'host-suspicious',
  'host-key',
  'not-exit-then',
  'provider-deadline',
  'letter-unknown',
] as const;
export type AlertSubject = (typeof alertSubjects)[number];

export type Action =
  | {
      readonly type: 'check-host';
      readonly node: string;
      readonly attempt: number;
      /** Tor cannot have carried what is reported: no check from before serves, the host is looked at anew. */
      readonly raised?: true;
    }
  | {
      readonly type: 'send-letter';
      readonly slot: LetterSlot;
      readonly letter: LetterName;
      readonly to: string;
      readonly attempt: number;
      /** The mode when it was decided: switching to auto sends nothing that was decided before the switch. */
      readonly mode: Mode;
      readonly by: string | null;
      /** The handler's own text, in place of the template's. */
      readonly text: string | null;
    }
  | {
      readonly type: 'alert';
      readonly about: AlertSubject;
      readonly node: string | null;
      readonly checkId: CheckId | null;
      /** The mail that is the cause, where it is not the complaint. */
      readonly mailId: MailId | null;
    };

/**
 * What a decision comes to: a value. `refused` is set, and nothing else changes, where a handler's command makes no sense
 * in this state.
 */
export type Decision = {
  readonly next: Case;
  readonly timers: readonly Timer[];
  readonly actions: readonly Action[];
  readonly because: string;
  readonly refused: string | null;
};

/** The natural key of an action: committing it twice is one row. Host alerts are shared by the cases that rely on the check. */
export function actionKey(caseId: CaseId, action: Action): string {
  switch (action.type) {
    case 'check-host':
      return `check:${caseId}:${action.node}:${action.attempt}`;
    case 'send-letter':
      return `letter:${caseId}:${action.slot}:${action.attempt}`;
    case 'alert':
      if (action.checkId !== null) return `alert:check:${action.checkId}:${action.about}`;
      return action.mailId === null ? `alert:${caseId}:${action.about}` : `alert:mail:${action.mailId}:${action.about}`;
  }
}

/** What is done to people and not to computers: a complaint about it is never of low risk. */
export const dangerous: ReadonlySet<Category> = new Set<Category>([
  'harassment',
  'threat-of-violence',
  'stalking',
  'doxxing',
  'extortion',
  'self-harm',
  'terrorism',
  'child-abuse',
  'weapons-drugs',
]);

/**
 * The risk, category and sender that count: the handler's correction where there is one. Who corrects the category alone to
 * something dangerous has not said how grave it is: that is unsure, never the low risk of before.
 */
export function judgedAs(kase: CaseCommon): {
  readonly risk: RiskLevel | null;
  readonly category: Category | null;
  readonly automated: boolean | null;
} {
  const { judgement, correction } = kase;
  const category = correction?.category ?? judgement.risk.category;
  const risk = correction?.risk ?? judgement.risk.level;
  const doubtful = correction !== null && correction.risk === null && category !== null && dangerous.has(category);
  return {
    risk: doubtful && risk === 'non-threatening' ? 'unsure' : risk,
    category,
    automated: correction?.automated ?? judgement.sender.automated,
  };
}

/** True where no standard letter is right (police, child protection ...): a handler answers in words of their own, or not at all. */
export function takesOwnWords(kase: CaseCommon): boolean {
  const { category } = judgedAs(kase);
  return category !== null && neverByMachine.has(category);
}

/** True where the case asks a handler to do something: what the digest puts first. */
export function waitsForPerson(kase: Case): boolean {
  return (
    kase.state !== 'closed' &&
    (kase.hold !== null || kase.state === 'needs-person' || kase.state === 'in-discussion' || kase.state === 'reopened')
  );
}
