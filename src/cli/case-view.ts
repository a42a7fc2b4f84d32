import type { App } from '../app.ts';
import type { Case, CaseId } from '../core/case.ts';
import { judgedAs, takesOwnWords } from '../core/case.ts';
import { addressThen } from '../core/address-then.ts';
import { windowOfEvent } from '../core/event-window.ts';
import type { Window } from '../core/exits.ts';
import { torThen, torThenWords } from '../core/hosts/tor-then.ts';
import { passageWords } from '../core/passage-words.ts';
import { utcTime } from '../core/utc-time.ts';
import { inventoryOf } from '../config.ts';
import { whyWaiting } from '../core/digest.ts';
import { DeskError } from '../errors.ts';
import { caseById, journalOf } from '../store/cases.ts';
import { checkById, torAround } from '../store/checks.ts';
import { lettersOfCase } from '../store/letters.ts';
import { mailsOfCase } from '../store/mails.ts';
import { outboxOfCase } from '../store/outbox.ts';
import { timersOfCase } from '../store/timers.ts';
import { iso } from './output.ts';

const mostStated = 50;

/** "17", "EX-17" or "[EX-17]": a handler types what stands in the subject. Throws DeskError usage or not-found. */
export function findCaseByText(app: App, text: string): Case {
  const number = /^\[?(?:[A-Za-z0-9]+-)?(\d{1,12})\]?$/.exec(text.trim())?.[1];
  if (number === undefined) throw new DeskError('usage', `"${text}" is no case: write its number, as in 17 or EX-17`);
  const kase = caseById(app.db, Number(number) as CaseId);
  if (kase === null) throw new DeskError('not-found', `there is no case ${number}: exitdesk cases lists them`);
  return kase;
}

/** One line of `cases --json`. Nothing of a sealed mail but its case. */
export function caseSummary(app: App, kase: Case): Readonly<Record<string, unknown>> {
  const { risk, category, automated } = judgedAs(kase);
  const { sealed } = kase.judgement;
  return {
    id: kase.id,
    token: `[${app.config.desk.tokenPrefix}-${kase.id}]`,
    state: kase.state,
    outcome: kase.state === 'closed' ? kase.outcome : null,
    label: kase.state === 'closed' ? kase.label : null,
    waitsFor: whyWaiting(kase) || null,
    reasons: kase.state === 'needs-person' ? kase.reasons : [],
    opened: iso(kase.openedAt),
    risk,
    category,
    automated,
    sender: kase.judgement.sender.address,
    subject: sealed ? null : kase.complaint.subject,
    sealed,
    nodes: kase.hosts.map((host) => host.node),
    addresses: kase.judgement.addresses.filter((a) => a.role === 'reported').map((a) => a.ip),
    letters: kase.letters.map((l) => ({ slot: l.slot, letter: l.letter, to: l.to, status: l.status })),
    hold: kase.hold !== null,
    handler: kase.handler,
    providerDeadline: iso(kase.providerDeadline),
  };
}

/** The accused addresses at the reported time, with the reasons, as they were known when the case was opened. */
function statementLines(app: App, { judgement, complaint }: Case): readonly string[] {
  const { event } = judgement;
  const seenAt = complaint.sentAt?.at ?? complaint.arrivedAt;
  const window = windowOfEvent(event) ?? { from: seenAt, to: seenAt };
  const utc =
    window.from === window.to ? utcTime(window.from) : `no zone: ${utcTime(window.from)} to ${utcTime(window.to)}`;
  const written = event.text ?? event.local ?? event.at;
  const time =
    written === null ? `none, so the date of the mail: ${utc}` : written === utc ? utc : `${written} (${utc})`;
  const inventory = inventoryOf(app.config);
  const lines = judgement.addresses
    .filter((a) => a.role === 'reported')
    .slice(0, mostStated)
    .flatMap((a) => {
      const publicTor = complaint.publicTor?.find((known) => known.ip === a.ip)?.answer ?? null;
      const then = addressThen(inventory, a.ip, window, { seenAt, publicTor });
      return [
        `${a.ip}: ${a.uncertain === true ? `${a.standing}, or not: the zone decides` : a.standing}`,
        ...then.because.map((sentence) => `  ${sentence}`),
        ...then.publicRecord.map((link) => `  ${link}`),
        ...(a.passage === undefined ? [] : [`  ${passageWords(a.passage)}`]),
        ...(a.node === null || event.at === null ? [] : [`  ${torWords(app, a.node, window)}`]),
      ];
    });
  return lines.length === 0 ? [] : [`reported time: ${time}`, ...lines];
}

function torWords(app: App, node: string, window: Window): string {
  const { before, after } = torAround(app.db, node, window);
  return torThenWords(node, torThen(before, after, window));
}

/** `case ID --json`: everything that is known of a case, each judgement explained. */
export function caseDetails(app: App, kase: Case): Readonly<Record<string, unknown>> {
  const { db } = app;
  return {
    ...caseSummary(app, kase),
    complaint: {
      mail: kase.complaint.mailId,
      messageId: kase.complaint.messageId,
      sent: iso(kase.complaint.sentAt?.at ?? null),
      arrived: iso(kase.complaint.arrivedAt),
    },
    judgement: kase.judgement,
    statement: kase.judgement.sealed ? [] : statementLines(app, kase),
    correction: kase.correction,
    drafts: 'drafts' in kase ? kase.drafts.map((draft) => ({ ...draft, ownWords: takesOwnWords(kase) })) : [],
    probe: kase.hosts.map((host) => ({ ...host, check: host.checkId === null ? null : checkById(db, host.checkId) })),
    letters: lettersOfCase(db, kase.id).map((letter) => ({
      slot: letter.slot,
      letter: letter.name,
      to: letter.recipient,
      status: letter.status,
      messageId: letter.messageId,
      composed: iso(letter.composedAt),
      left: iso(letter.leftAt),
      response: letter.response,
    })),
    outbox: outboxOfCase(db, kase.id).map((row) => ({
      key: row.key,
      status: row.status,
      attempts: row.attempts,
      notBefore: iso(row.notBefore),
      result: row.result,
    })),
    timers: timersOfCase(db, kase.id).map((timer) => ({ kind: timer.kind, due: iso(timer.dueAt) })),
    mails: mailsOfCase(db, kase.id).map((mail) => ({
      id: mail.id,
      folder: mail.folder,
      kind: mail.kind,
      stage: mail.stage,
      sender: mail.sender,
      arrived: iso(mail.arrivedAt),
    })),
    journal: journalOf(db, kase.id).map((line) => ({
      at: iso(line.at),
      type: line.type,
      by: line.by,
      state: line.state,
      because: line.because,
      event: line.event,
    })),
  };
}
