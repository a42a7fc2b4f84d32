import { DateTime } from 'luxon';
import type { AlertSubject, Case, MailId } from './case.ts';
import { judgedAs } from './case.ts';
import { oneLine } from './letters/one-line.ts';
import { whyWaiting } from './digest.ts';
import type { HostCheck } from './hosts/check.ts';
import { shownLine } from './hosts/shown-line.ts';
import { raisesSuspicion } from './passage.ts';
import { passageWords } from './passage-words.ts';

/** What an alert mail says: one thing, why, and what to do now. Rows are data for the template, never templates. */
export type AlertView = {
  readonly title: string;
  readonly happened: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** Lines that a host check quotes: untrusted text, escaped already. */
  readonly quotes: readonly string[];
  readonly todo: readonly string[];
};

const titles: Record<AlertSubject, string> = {
  danger: 'somebody may be in danger, or an authority writes',
  'host-suspicious': 'a host looks suspicious',
  'host-key': 'the host key is unknown or has changed',
  'not-exit-then': 'our address is accused at a time when it was no exit',
  'provider-deadline': "a hosting provider's deadline is near",
  'letter-unknown': 'nobody knows whether a letter arrived',
};

type AlertInput = {
  readonly about: AlertSubject;
  readonly node: string | null;
  /** The mail that is the cause, where it is not the complaint: an answer that tells of danger. */
  readonly mailId: MailId | null;
  readonly kase: Case | null;
  readonly check: HostCheck | null;
  readonly tokenPrefix: string;
  readonly timeZone: string;
};

/** A sealed case shows its token and its rules' ids, nothing of the mail. */
export function alertView(input: AlertInput): AlertView {
  const { about, kase, check } = input;
  const token = kase === null ? null : `[${input.tokenPrefix}-${kase.id}]`;
  const node = input.node ?? check?.node ?? null;
  return {
    title: [token, titles[about], node].filter((part) => part !== null).join(' · '),
    happened: happened(about),
    facts: [
      ...(input.mailId === null ? [] : [{ name: 'Answer', value: `exitdesk mail ${input.mailId}` }]),
      ...(kase === null ? [] : caseFacts(kase, input.timeZone)),
      ...(check === null ? [] : checkFacts(check, input.timeZone)),
    ],
    quotes: (check?.findings ?? [])
      .filter((f) => f.severity === 'suspicious')
      .map((f) => oneLine(`${f.reason}: ${shownLine(f)}`, 500)),
    todo: todo(about, kase === null ? null : String(kase.id), node),
  };
}

function happened(about: AlertSubject): string {
  switch (about) {
    case 'danger':
      return 'A mail came in that a person has to read now.';
    case 'host-suspicious':
      return 'The host check found something that a clean machine does not show. No letter leaves for this node until you clear it.';
    case 'host-key':
      return 'The host did not show the key that the configuration pins. Nothing was run there, and no letter leaves on its account.';
    case 'not-exit-then':
      return 'The accused address is ours but was no exit at that time: the traffic may have come from the machine itself.';
    case 'provider-deadline':
      return 'A provider passed a complaint on and waits for our statement; it has not left yet.';
    case 'letter-unknown':
      return 'The connection broke while a letter was handed over, and no copy proves that it arrived. It is not sent again by itself.';
  }
}

function todo(about: AlertSubject, id: string | null, node: string | null): readonly string[] {
  const look = id === null ? [] : [`exitdesk case ${id}`];
  switch (about) {
    case 'danger':
    case 'not-exit-then':
      return [...look, ...(id === null ? [] : [`exitdesk take ${id} --by YOU`])];
    case 'host-suspicious':
      return [
        ...look,
        `exitdesk probe ${node ?? 'NODE'} --clear --by YOU --note "what you found"   (once you are sure)`,
      ];
    case 'host-key':
      return [...look, 'compare the key on the machine itself, then correct hostKeys in the configuration'];
    case 'provider-deadline':
      return [...look, ...(id === null ? [] : [`exitdesk approve ${id} --by YOU`])];
    case 'letter-unknown':
      return [...look, 'look into the Sent folder or ask the mail server, then approve it again or take the case'];
  }
}

function caseFacts(kase: Case, timeZone: string): AlertView['facts'] {
  const { risk, category, automated } = judgedAs(kase);
  const { judgement } = kase;
  const rules = [...new Set(judgement.risk.because.map((reason) => reason.rule))].join(', ');
  const facts = [
    { name: 'Judged', value: [category ?? 'no category', risk ?? 'no risk'].join(', ') },
    { name: 'Written by', value: automated === null ? 'a robot or a person' : automated ? 'a robot' : 'a person' },
    { name: 'Waits for', value: whyWaiting(kase) || 'nothing: the letter leaves by itself' },
    { name: 'Rules', value: judgement.sealed ? judgement.alarms.join(', ') : rules },
    { name: 'Opened', value: local(kase.openedAt, timeZone) },
  ];
  if (kase.providerDeadline !== null) facts.push({ name: 'Deadline', value: local(kase.providerDeadline, timeZone) });
  if (judgement.sealed) return [...facts, { name: 'Content', value: 'sealed: open the mail itself, in the mailbox' }];
  const form = judgement.provider?.form ?? null;
  return [
    ...facts,
    ...judgement.addresses
      .filter((a) => a.role === 'reported' && raisesSuspicion(a))
      .slice(0, 5)
      .map((a) => ({ name: a.ip, value: a.passage === undefined ? '' : passageWords(a.passage) })),
    { name: 'From', value: judgement.sender.address ?? 'unknown' },
    { name: 'Subject', value: oneLine(kase.complaint.subject, 200) },
    ...(form === null ? [] : [{ name: 'Web form', value: oneLine(form, 500) }]),
  ];
}

function checkFacts(check: HostCheck, timeZone: string): AlertView['facts'] {
  return [
    { name: 'Host check', value: `${check.node}: ${check.verdict}, ${local(check.at, timeZone)}` },
    ...check.because.map((value) => ({ name: 'Because', value })),
  ];
}

function local(at: number, zone: string): string {
  return DateTime.fromMillis(at, { zone }).toFormat('yyyy-LL-dd HH:mm ZZZZ');
}

/** The desk itself is in trouble: what fails, and since when. */
export function deskAlertView(
  trouble: { readonly about: 'mailbox-failing' | 'smtp-failing'; readonly part: string; readonly since: number },
  timeZone: string,
): AlertView {
  const what = trouble.about === 'smtp-failing' ? 'SMTP takes no mail' : `the mailbox cannot be read (${trouble.part})`;
  return {
    title: what,
    happened: `The desk itself is in trouble: ${what} since ${local(trouble.since, timeZone)}.`,
    facts: [],
    quotes: [],
    todo: ['exitdesk health', 'exitdesk doctor'],
  };
}
