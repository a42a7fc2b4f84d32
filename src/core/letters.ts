/**
 * From a case to what each letter's template may say (procedure.md §2). A view holds plain values only: what came from a
 * mail is data here, made harmless as one short line, and never a template. One type for each letter, so that a template
 * that uses a name its letter does not have is refused at start.
 */
import { DateTime } from 'luxon';
import type { Inventory } from './exits.ts';
import type { CheckPart, HostCheck } from './hosts/check.ts';
import type { Category, Judgement } from './judgement.ts';
import { oneLine } from './letters/one-line.ts';
import { type PassageView, passageView } from './letters/passage-view.ts';
import { type KeptAnswers, type Statement, statementOf } from './letters/statement.ts';
import { bareSubject, withTicketToken } from './letters/subject.ts';
import type { LetterName } from './policy.ts';

/** What an operator states about itself: a claim, a text, a list of texts (letters.facts of the configuration). */
export type Facts = Readonly<Record<string, boolean | string | readonly string[]>>;

export type LetterInput = {
  /** ISO 639-1, for the wording of dates. */
  readonly language: string;
  readonly desk: { readonly name: string; readonly organisation: string };
  /** The name with which the handler on duty signs. */
  readonly signedBy: string;
  readonly signThreateningByPerson: boolean;
  /** "[EX-17]" */
  readonly caseToken: string;
  /** The case's signed address: who writes there reaches this case. */
  readonly replyTo: string;
  readonly facts: Facts;
  readonly judgement: Judgement;
  /** As a handler corrected it, else the judgement's. */
  readonly category: Category | null;
  readonly complaint: {
    readonly subject: string;
    readonly sentAt: { readonly at: number } | null;
    readonly arrivedAt: number;
    readonly publicTor?: KeptAnswers;
  };
  readonly inventory: Inventory;
  /** The host checks that the case relies on. */
  readonly checks: readonly HostCheck[];
  /** Letters of this case; acceptedAt ms UTC, null while one is on its way. */
  readonly letters: readonly { readonly letter: LetterName; readonly to: string; readonly acceptedAt: number | null }[];
  /** ms UTC */
  readonly now: number;
};

/** What every letter may say. */
export type CommonView = {
  /** The personal name to greet; null where none is surely a person's. */
  readonly name: string | null;
  readonly deskName: string;
  readonly organisation: string;
  /** The handler's name; null where the letter is signed by the desk alone. */
  readonly signedBy: string | null;
  readonly caseToken: string;
  readonly replyTo: string;
  /** Theirs, without "Re:" and our token; '' where there is none. */
  readonly subject: string;
  readonly facts: Facts;
  /** Whether the reported traffic can have come through us; null where there is nothing to say. */
  readonly passage: PassageView | null;
} & Statement;

/** One host check as a provider may read it: no line of the host, only what was looked at. */
export type CheckView = {
  readonly node: string;
  /** "2026-03-01 11:20 UTC" */
  readonly at: string;
  readonly looksAt: {
    readonly logins: boolean;
    readonly sessions: boolean;
    readonly processes: boolean;
    readonly openFiles: boolean;
    readonly logs: boolean;
  };
};

/** What the complaint is about, where a letter says more on it. */
type MatterView = { readonly isSpam: boolean };
type EarlierView = {
  /** The day of our first letter, written out; null where none has left. */
  readonly firstLetterOn: string | null;
};
type ProviderView = {
  /** The provider's ticket token as it wrote it; null where it gave none. */
  readonly ticket: string | null;
  /** The clean ones alone: every required part was done and nothing suspicious was found. */
  readonly checks: readonly CheckView[];
  /** At least one address is ours no more, so nobody of us can look at that machine. */
  readonly machineGone: boolean;
  /** The forward names who complained. */
  readonly complainantNamed: boolean;
  /** The day on which our letter to the complainant left; null where none has. */
  readonly complainantAnsweredOn: string | null;
  /** A letter to the complainant is on its way. */
  readonly complainantBeingAnswered: boolean;
};
type MissingView = { readonly addressMissing: boolean };

/** The names that each letter's template knows. */
export type LetterViews = {
  readonly threatening: CommonView;
  readonly 'non-threatening': CommonView & MatterView;
  readonly 'follow-up': CommonView & EarlierView;
  readonly 'follow-up-threatening': CommonView & EarlierView;
  readonly 'ask-for-human': CommonView & MatterView;
  readonly provider: CommonView & ProviderView;
  readonly details: CommonView & MissingView;
  readonly 'exit-list': CommonView;
  readonly 'not-ours': CommonView;
};

export const letterNames = [
  'threatening',
  'non-threatening',
  'follow-up',
  'follow-up-threatening',
  'ask-for-human',
  'provider',
  'details',
  'exit-list',
  'not-ours',
] as const satisfies readonly LetterName[];

const builders: { readonly [L in LetterName]: (input: LetterInput) => LetterViews[L] } = {
  threatening: (input) => common('threatening', input),
  'non-threatening': (input) => ({ ...common('non-threatening', input), ...matter(input) }),
  'follow-up': (input) => ({ ...common('follow-up', input), ...earlier(input) }),
  'follow-up-threatening': (input) => ({ ...common('follow-up-threatening', input), ...earlier(input) }),
  'ask-for-human': (input) => ({ ...common('ask-for-human', input), ...matter(input) }),
  provider: (input) => ({ ...common('provider', input), ...providerView(input) }),
  details: (input) => {
    const view = common('details', input);
    return { ...view, addressMissing: view.addresses.length === 0 };
  },
  'exit-list': (input) => common('exit-list', input),
  'not-ours': (input) => common('not-ours', input),
};

/** The view of one letter for one case. Pure; instants in ms UTC. */
export function letterView<L extends LetterName>(letter: L, input: LetterInput): LetterViews[L] {
  return builders[letter](input);
}

function common(letter: LetterName, input: LetterInput): CommonView {
  const { judgement, complaint, caseToken, now } = input;
  const subject = bareSubject(complaint.subject, caseToken);
  const seenAt = complaint.sentAt?.at ?? complaint.arrivedAt;
  const signed = input.signThreateningByPerson || !isForThreatened(letter);
  return {
    name: greetingName(letter, judgement),
    deskName: input.desk.name,
    organisation: input.desk.organisation,
    signedBy: signed ? input.signedBy : null,
    caseToken,
    replyTo: input.replyTo,
    subject: letter === 'provider' ? withTicketToken(subject, judgement.provider?.token ?? null) : subject,
    facts: input.facts,
    passage: passageView(judgement.addresses, input.checks),
    ...statementOf(judgement, input.inventory, { seenAt, now, publicTor: complaint.publicTor ?? [] }),
  };
}

/** Letters to people who were threatened carry a person's name only where the operator says so (procedure.md §3). */
function isForThreatened(letter: LetterName): boolean {
  return letter === 'threatening' || letter === 'follow-up-threatening';
}

/** A provider's forward was written by the provider's staff: a letter to the complainant behind it greets nobody by their name. */
function greetingName(letter: LetterName, judgement: Judgement): string | null {
  const greeting = judgement.sender.greeting;
  if (greeting === null || (judgement.provider !== null && letter !== 'provider')) return null;
  const name = oneLine(greeting, 60);
  // A name that is a link is bait in a letter of ours.
  return name === '' || /:\/\/|www\.|@/i.test(name) ? null : name;
}

function matter({ category }: LetterInput): MatterView {
  return { isSpam: category === 'spam' };
}

function earlier({ letters, language }: LetterInput): EarlierView {
  const first = letters.find((l) => l.letter !== 'provider' && l.acceptedAt !== null);
  return { firstLetterOn: first?.acceptedAt == null ? null : writtenDay(first.acceptedAt, language) };
}

function providerView({ judgement, checks, letters, language }: LetterInput): ProviderView {
  const toComplainant = letters.find((l) => l.letter !== 'provider');
  const acceptedAt = toComplainant?.acceptedAt ?? null;
  const ticket = oneLine(judgement.provider?.token ?? '', 100);
  return {
    ticket: ticket === '' ? null : ticket,
    checks: checks.filter((c) => c.verdict === 'clean').map(checkView),
    machineGone: judgement.addresses.some((a) => a.role === 'reported' && a.standing === 'exit-then'),
    complainantNamed: judgement.provider?.complainant != null,
    complainantAnsweredOn: acceptedAt === null ? null : writtenDay(acceptedAt, language),
    complainantBeingAnswered: toComplainant !== undefined && acceptedAt === null,
  };
}

function checkView(check: HostCheck): CheckView {
  const done = (...parts: CheckPart[]) => check.parts.some((p) => p.status === 'done' && parts.includes(p.part));
  return {
    node: check.node,
    at: DateTime.fromMillis(check.at, { zone: 'utc' }).toFormat("yyyy-MM-dd HH:mm 'UTC'"),
    looksAt: {
      logins: done('logins'),
      sessions: done('sessions'),
      processes: done('processes'),
      openFiles: done('open-files'),
      logs: done('auth-log', 'syslog', 'daemon-log'),
    },
  };
}

/** "3 March 2026" in the letter's language, UTC. */
function writtenDay(at: number, language: string): string {
  const locale = language === 'en' ? 'en-GB' : language;
  return DateTime.fromMillis(at, { zone: 'utc', locale }).toLocaleString(DateTime.DATE_FULL);
}
