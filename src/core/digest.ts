import { DateTime } from 'luxon';
import type { Case, Outcome, PersonReason } from './case.ts';
import { judgedAs } from './case.ts';
import { oneLine } from './letters/one-line.ts';
import type { Verdict } from './hosts/check.ts';
import type { Kind } from './judgement.ts';
import { isRuledOut, raisesSuspicion } from './passage.ts';
import { type Difference, differenceWords } from './public-tor/differences.ts';

/** What the store gives for a digest; the span is half-open, ms UTC. */
export type DigestInput = {
  readonly period: 'daily' | 'weekly';
  readonly from: number;
  readonly until: number;
  readonly timeZone: string;
  readonly tokenPrefix: string;
  readonly waiting: readonly Case[];
  readonly awaiting: readonly Case[];
  readonly opened: readonly Case[];
  readonly closed: readonly Case[];
  readonly letters: readonly { readonly caseId: number; readonly name: string; readonly leftAt: number }[];
  readonly suspects: readonly { readonly node: string; readonly since: number }[];
  readonly checks: readonly {
    readonly node: string;
    readonly at: number;
    readonly verdict: Verdict;
    readonly because: readonly string[];
  }[];
  readonly mails: readonly {
    readonly id: number;
    readonly kind: Kind | null;
    readonly toPerson: boolean;
    readonly sealed: boolean;
    readonly sender: string | null;
    readonly subject: string | null;
    readonly note: string | null;
  }[];
  readonly stuck: readonly { readonly key: string; readonly why: string }[];
  readonly failing: readonly { readonly part: string; readonly since: number; readonly detail: string }[];
  /** What the inventory and the public Tor data do not agree on now. */
  readonly differences: readonly Difference[];
};

export type DigestRow = { readonly token: string; readonly what: string; readonly why: string; readonly when: string };
export type DigestSection = { readonly title: string; readonly count: number; readonly rows: readonly DigestRow[] };
export type DigestView = {
  readonly title: string;
  readonly span: string;
  readonly quiet: boolean;
  readonly sections: readonly DigestSection[];
};

const mostRows = 200;

/** What handlers read once a day: what needs a person first and by when, then what the desk did (procedure.md §4). */
export function digestView(input: DigestInput): DigestView {
  const time = (at: number): string => localTime(at, input.timeZone);
  const urgent = input.waiting.filter((kase) => !isOnlyObserved(kase)).toSorted(byUrgency);
  const sections = [...forPersons(input, urgent, time), ...forTheRecord(input, time)].filter((s) => s.count > 0);
  return {
    title: `${input.period === 'daily' ? 'Daily' : 'Weekly'} digest: ${urgent.length} need a person, ${input.opened.length} new`,
    span: `${time(input.from)} to ${time(input.until)} (${input.timeZone})`,
    quiet: sections.length === 0,
    sections,
  };
}

type Time = (at: number) => string;

function forPersons(input: DigestInput, urgent: readonly Case[], time: Time): readonly DigestSection[] {
  const suspects = input.suspects.map((suspect) => ({
    ...row('', `node ${suspect.node}`, 'look at it, then clear it with: exitdesk probe NODE --clear'),
    when: `since ${time(suspect.since)}`,
  }));
  const trouble = [
    ...input.failing.map((f) => ({ ...row('', f.part, f.detail), when: `since ${time(f.since)}` })),
    ...input.stuck.map((s) => row('', s.key, s.why)),
  ];
  return [
    // On top until it is cleared: nothing that was said of that machine may be true.
    section('Hosts under suspicion: no letter leaves for them', suspects),
    section(
      'Needs a person',
      urgent.map((kase) => waitingRow(kase, input, time)),
    ),
    section('The desk itself is in trouble', trouble),
    section('Mail to look at', input.mails.filter((mail) => mail.toPerson).map(mailRow)),
    section('Automated sender: a person should step in', robotRows(input, time)),
    section(
      'Public Tor data: what does not agree with your inventory',
      input.differences.map((difference) => differenceRow(difference, time)),
    ),
  ];
}

function forTheRecord(input: DigestInput, time: Time): readonly DigestSection[] {
  const rows = (cases: readonly Case[]): readonly DigestRow[] => cases.map((kase) => caseRow(kase, input, time));
  const checks = input.checks.map((check) => ({
    ...row('', `${check.node}: ${check.verdict}`, check.because.join('; ')),
    when: time(check.at),
  }));
  const letters = input.letters.map((letter) => ({
    ...row(token(input, letter.caseId), letter.name, ''),
    when: time(letter.leftAt),
  }));
  return [
    section('Host checks that did not come out clean', checks),
    section('Observe mode: would have been answered', rows(input.waiting.filter(isOnlyObserved))),
    section('New cases', rows(input.opened)),
    section('Letters sent', letters),
    section('Waiting for an answer', rows(input.awaiting)),
    section(
      'Closed',
      input.closed.map((kase) => closedRow(kase, input, time)),
    ),
    section('Over budget, by sender', overBudget(input)),
    section('Filed and not answered', input.mails.filter((mail) => !mail.toPerson).map(mailRow)),
  ];
}

function section(title: string, rows: readonly DigestRow[]): DigestSection {
  return { title, count: rows.length, rows: rows.slice(0, mostRows) };
}

function row(tokenText: string, what: string, why: string): DigestRow {
  return { token: tokenText, what, why, when: '' };
}

function token(input: DigestInput, id: number): string {
  return `[${input.tokenPrefix}-${id}]`;
}

function localTime(at: number, zone: string): string {
  return DateTime.fromMillis(at, { zone }).toFormat('yyyy-LL-dd HH:mm');
}

function isOnlyObserved(kase: Case): boolean {
  return kase.state === 'needs-person' && kase.hold === null && kase.reasons.every((reason) => reason === 'observed');
}

/** The words of procedure.md for why a person is needed. */
const reasonWords: Record<PersonReason, string> = {
  'danger-or-authority': 'no machine answers this',
  'judgement-unsure': 'the risk is not sure',
  'not-exit-then': 'our address, but no exit at that time: maybe a break-in',
  'not-through-tor': 'Tor cannot have carried what is reported: look at the machine before anybody is answered',
  'too-large': 'over the size limit: only its head was read',
  'no-address': 'the complaint names no address: a draft asks for it',
  'no-recipient': 'where a letter must go is not clear',
  'host-suspicious': 'the host looks suspicious',
  'host-not-checkable': 'the host could not be checked',
  approval: 'a letter waits for approval',
  observed: 'observe mode',
  'over-ceiling': 'a letter to a person is over a ceiling',
  'letter-failed': 'the letter was refused',
  'letter-unknown': 'nobody knows whether the letter arrived',
  bounced: 'the letter bounced',
  'dead-address': 'letters to this address bounced before',
  'provider-form': 'the provider takes the statement only by its web form',
};

/** Why a case waits for a handler, in words. */
export function whyWaiting(kase: Case): string {
  const held = kase.hold === null ? [] : [`on hold (by ${kase.hold.by})`];
  switch (kase.state) {
    case 'needs-person':
      return [...held, ...kase.reasons.map((reason) => reasonWords[reason])].join('; ');
    case 'in-discussion':
      return [...held, kase.humanAnswered ? 'a human answered' : 'taken by a handler'].join('; ');
    case 'reopened':
      return [...held, 'answered after closing'].join('; ');
    case 'received':
    case 'checking':
    case 'answering':
    case 'awaiting-answer':
    case 'followed-up':
    case 'closed':
      return held.join('; ');
  }
}

function waitingRow(kase: Case, input: DigestInput, time: Time): DigestRow {
  const by = kase.providerDeadline === null ? `since ${time(kase.openedAt)}` : `by ${time(kase.providerDeadline)}`;
  const hasProviderAnswer = kase.letters.some((l) => l.slot === 'provider' && l.status === 'accepted');
  return {
    ...caseRow(kase, input, time),
    why: [whyWaiting(kase), kase.handler === null ? '' : `handler: ${kase.handler}`].filter((t) => t !== '').join('; '),
    when: hasProviderAnswer ? `since ${time(kase.openedAt)}` : by,
  };
}

function caseRow(kase: Case, input: DigestInput, time: Time): DigestRow {
  const { risk, category, automated } = judgedAs(kase);
  const who = automated === null ? 'robot or person' : automated ? 'robot' : 'person';
  const nodes = kase.hosts.map((host) => host.node).join(', ');
  const subject = kase.judgement.sealed ? '(sealed)' : oneLine(kase.complaint.subject, 80);
  const what = [category ?? 'no category', risk ?? 'no risk', who, nodes, passageInShort(kase)]
    .filter((t) => t !== '')
    .join(', ');
  return { token: token(input, kase.id), what, why: subject, when: time(kase.openedAt) };
}

/** What an operator wants to see at once: traffic that was not Tor's, or an address whose standing the zone decides. */
function passageInShort({ judgement }: Case): string {
  if (judgement.sealed) return '';
  const reported = judgement.addresses.filter((a) => a.role === 'reported');
  if (reported.some(isRuledOut)) return 'Tor cannot have carried it';
  if (reported.some(raisesSuspicion)) return 'maybe forged';
  return reported.some((a) => a.uncertain === true) ? 'ours or not: the time zone decides' : '';
}

function closedRow(kase: Case, input: DigestInput, time: Time): DigestRow {
  if (kase.state !== 'closed') return caseRow(kase, input, time);
  return { ...caseRow(kase, input, time), why: `${kase.label}: ${outcomeWords[kase.outcome]}`, when: time(kase.at) };
}

const outcomeWords: Record<Outcome, string> = {
  answered: 'answered and settled',
  'never-answered': 'never answered',
  bounced: 'bounced',
  'not-ours': 'not ours',
  unrelated: 'unrelated',
  'handled-by-person': 'handled by a person',
  'over-budget': 'over budget',
};

/** Our letter asked the robot for a human, and none has come yet. */
function robotRows(input: DigestInput, time: Time): readonly DigestRow[] {
  return input.awaiting
    .filter((kase) => kase.letters.some((l) => l.letter === 'ask-for-human' && l.status === 'accepted'))
    .map((kase) => caseRow(kase, input, time));
}

/** One line a sender, however many letters were withheld. */
function overBudget(input: DigestInput): readonly DigestRow[] {
  const withheld = [...input.awaiting, ...input.closed].filter((kase) =>
    kase.letters.some((letter) => letter.status === 'withheld'),
  );
  const bySender = Map.groupBy(withheld, (kase) => kase.judgement.sender.address ?? 'unknown');
  return [...bySender].map(([sender, cases]) => {
    const count = cases.length === 1 ? '1 letter withheld' : `${cases.length} letters withheld`;
    return row(
      cases
        .slice(0, 5)
        .map((kase) => token(input, kase.id))
        .join(' '),
      sender,
      count,
    );
  });
}

function differenceRow({ kind, what, why, sinceMs }: Difference, time: Time): DigestRow {
  const when = sinceMs === null ? '' : kind === 'stale-source' ? `since ${time(sinceMs)}` : `seen ${time(sinceMs)}`;
  return { ...row('', `${differenceWords[kind]}: ${what}`, why), when };
}

function mailRow(mail: DigestInput['mails'][number]): DigestRow {
  const what = `mail ${mail.id}: ${mail.kind ?? 'unread'}`;
  const from = mail.sealed ? '(sealed)' : `${mail.sender ?? 'unknown sender'}: ${oneLine(mail.subject ?? '', 80)}`;
  return row('', what, [from, mail.note ?? ''].filter((t) => t !== '').join('; '));
}

/** Danger and authorities first, then the provider's deadline, then the host, then the rest; the oldest first. */
function byUrgency(a: Case, b: Case): number {
  const rank = (kase: Case): number => {
    const reasons = kase.state === 'needs-person' ? kase.reasons : [];
    if (judgedAs(kase).risk === 'threatening' || reasons.includes('danger-or-authority')) return 0;
    if (reasons.some((r) => r === 'host-suspicious' || r === 'not-exit-then' || r === 'not-through-tor')) return 1;
    if (kase.providerDeadline !== null) return 2;
    if (kase.state === 'in-discussion' || kase.state === 'reopened') return 3;
    return 4;
  };
  return rank(a) - rank(b) || (a.providerDeadline ?? Infinity) - (b.providerDeadline ?? Infinity) || a.id - b.id;
}
