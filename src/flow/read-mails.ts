import type { App, ReadMail } from '../app.ts';
import type { CaseId, Complaint } from '../core/case.ts';
import { windowOfEvent } from '../core/event-window.ts';
import type { Judgement } from '../core/judgement.ts';
import type { Mail } from '../core/mail.ts';
import { raisesSuspicion } from '../core/passage.ts';
import { organisationOf } from '../core/organisation.ts';
import { verifyCaseAddress } from '../core/case-address.ts';
import { failedRecipients } from '../core/failed-recipients.ts';
import { providerDeadlineOf } from '../core/provider-deadline.ts';
import { handlerOnDuty } from '../config.ts';
import { caseById, insertCase } from '../store/cases.ts';
import type { MailEnd, MailRow } from '../store/mails.ts';
import { earlierCopy, endMail, mailsToRead, markDeadAddress, rawOf } from '../store/mails.ts';
import { inTransaction } from '../store/open.ts';
import { collectsPublicTor, publicAnswer } from '../store/public-answer.ts';
import { enqueue } from '../store/outbox.ts';
import { applyEvent } from './apply-event.ts';
import { findCase, findCaseOfHandlersMail } from './find-case.ts';
import { settleOwnCopy } from './own-copy.ts';

const batch = 20;

/** Reads every mail whose bytes are safe and that nobody has read yet, oldest first. Returns how many. */
export async function readMails(app: App, signal: AbortSignal): Promise<number> {
  let count = 0;
  for (let rows = mailsToRead(app.db, batch); rows.length > 0; rows = mailsToRead(app.db, batch)) {
    for (const row of rows) {
      if (signal.aborted) return count;
      await readOne(app, row);
      count += 1;
    }
  }
  return count;
}

/** Judges one mail and commits its end. Killed before the commit, the mail is simply read again. */
async function readOne(app: App, row: MailRow): Promise<void> {
  const earlier = row.folder === 'inbox' ? earlierCopy(app.db, row) : null;
  if (earlier !== null) {
    // A first copy that is itself unread is read before this one: rows come oldest first.
    end(app, row, {
      stage: 'duplicate',
      caseId: earlier.caseId,
      kind: earlier.kind,
      note: `same as mail ${earlier.id}`,
    });
    return;
  }
  const read = await app.readMail(rawOf(app.db, row.contentHash), { truncated: row.truncated, size: row.size });
  const { mail } = read;
  if (mail !== null && settleOwnCopy(app, row, mail)) return;
  // IMAP dates arrival in whole seconds (RFC 3501 §2.3.3).
  if (app.config.backlog === 'file' && row.arrivedAt < knownSince(app, row)) {
    end(app, row, { ...facts(read), stage: 'backlog', note: 'older than the installation: filed, never answered' });
    return;
  }
  if (mail === null) {
    end(app, row, { ...facts(read), stage: 'listed', toPerson: true, note: read.problem });
    return;
  }
  if (row.folder === 'sent') return readSent(app, row, mail, read);
  inTransaction(app.db, () => place(app, row, mail, read));
}

/** When this desk first knew the mailbox, in whole seconds as servers date arrivals: what came earlier is its backlog. */
function knownSince(app: App, row: MailRow): number {
  const name = app.mailboxes.find((mailbox) => row.mailbox.startsWith(`${mailbox.name}/`))?.name;
  const since = (name === undefined ? undefined : app.mailboxSince.get(name)) ?? app.installedAt;
  return since - (since % 1000);
}

type Read = Awaited<ReturnType<ReadMail>>;

/** Where the mail belongs: a handler's own hand, a case, a new case, or the list. */
function place(app: App, row: MailRow, mail: Mail, read: Read): void {
  const { judgement } = read;
  const handler = handlerWhoWrote(app, mail);
  const own = handler === null ? null : findCaseOfHandlersMail(app, mail);
  if (handler !== null && own !== null) {
    if (!end(app, row, { ...facts(read), stage: 'linked', caseId: own.caseId, note: `${handler} wrote by hand` }))
      return;
    noteHandlersMail(app, row, mail, { caseId: own.caseId, by: handler });
    return;
  }
  const link = findCase(app, mail);
  if (link !== null) return linkTo(app, row, mail, { caseId: link.caseId, read });
  switch (judgement.kind) {
    case 'complaint':
      return openCase(app, row, mail, read);
    case 'notice':
      if (!end(app, row, { ...facts(read), stage: 'listed' })) return;
      return checkNamedHosts(app, row, judgement);
    case 'unrelated':
      end(app, row, { ...facts(read), stage: 'listed' });
      return;
    case 'reply':
    case 'auto-reply':
    case 'ticket-ack':
    case 'bounce':
    case 'unreadable': {
      const ended = end(app, row, { ...facts(read), stage: 'listed', toPerson: true, note: 'fits no case' });
      // Whoever answers us about danger is heard at once, whether or not a case is found.
      if (ended && judgement.kind === 'reply' && judgement.alarms.length > 0) alertAboutMail(app, row);
    }
  }
}

function alertAboutMail(app: App, row: MailRow): void {
  const action = { type: 'alert', about: 'danger', node: null, checkId: null, mailId: row.id } as const;
  enqueue(app.db, action, { key: `alert:mail:${row.id}:danger`, caseId: null, at: app.now() });
}

/** One complaint mail, one case, always. */
function openCase(app: App, row: MailRow, mail: Mail, read: Read): void {
  const { judgement } = read;
  const sender = judgement.sender.address;
  const opened = insertCase(
    app.db,
    {
      openedAt: app.now(),
      complaint: {
        mailId: row.id,
        messageId: mail.messageId,
        references: mail.references,
        inReplyTo: mail.inReplyTo,
        subject: mail.subject,
        sentAt: mail.date,
        arrivedAt: row.arrivedAt,
        truncated: row.truncated,
        ...publicTorOf(app, judgement, mail.date?.at ?? row.arrivedAt),
      },
      judgement,
      correction: null,
      hosts: [],
      letters: [],
      hold: null,
      handler: null,
      humanAnswered: false,
      providerDeadline: providerDeadlineOf(judgement, mail.date?.at ?? row.arrivedAt),
      providerAlerted: false,
    },
    sender === null ? null : organisationOf(sender),
  );
  if (!end(app, row, { ...facts(read), stage: 'case', caseId: opened.id }))
    throw new Error(`mail ${row.id} has a case`);
  applyEvent(app, opened.id, { type: 'complaint-received' }, `complaint:${row.id}`);
}

/** A report in bulk names thousands; a letter states fifty. */
const mostAsked = 50;

/** What public Tor data say of the accused addresses, kept as it was known now. */
function publicTorOf(app: App, { addresses, event }: Judgement, seenAt: number): Pick<Complaint, 'publicTor'> {
  if (!collectsPublicTor(app.db)) return {};
  const window = windowOfEvent(event) ?? { from: seenAt, to: seenAt };
  const reported = addresses.filter((a) => a.role === 'reported').slice(0, mostAsked);
  return { publicTor: reported.map(({ ip }) => ({ ip, answer: publicAnswer(app.db, ip, window) })) };
}

/** A mail that belongs to a case. Only what no human wrote leaves the clock alone. */
function linkTo(app: App, row: MailRow, mail: Mail, { caseId, read }: { caseId: CaseId; read: Read }): void {
  if (!end(app, row, { ...facts(read), stage: 'linked', caseId })) return;
  const { kind } = read.judgement;
  const key = `answer:${row.id}`;
  switch (kind) {
    case 'bounce': {
      const failed = failedRecipients(mail);
      // Our own copy that could not be delivered says nothing about the letter.
      const onlyOurs = failed !== null && failed.length > 0 && failed.every((address) => isSignedByUs(app, address));
      if (failed === null || onlyOurs) {
        applyEvent(app, caseId, { type: 'machine-answered', mailId: row.id, kind }, key);
        return;
      }
      for (const address of recipientsOf(app, caseId, failed)) markDeadAddress(app.db, address, app.now(), row.id);
      applyEvent(app, caseId, { type: 'bounced', mailId: row.id }, key);
      return;
    }
    case 'auto-reply':
    case 'ticket-ack':
      applyEvent(app, caseId, { type: 'machine-answered', mailId: row.id, kind }, key);
      return;
    case 'complaint':
    case 'reply':
    case 'notice':
    case 'unrelated':
    case 'unreadable': {
      const handlerOnDutyName = handlerOnDuty(app.config, app.now()).name;
      const { alarms } = read.judgement;
      applyEvent(
        app,
        caseId,
        { type: 'human-answered', mailId: row.id, handlerOnDuty: handlerOnDutyName, alarms },
        key,
      );
    }
  }
}

/** Of the addresses that a report names, those that a letter of this case went to; all of them where it names none. */
function recipientsOf(app: App, caseId: CaseId, failed: readonly string[]): readonly string[] {
  const wrote = (caseById(app.db, caseId)?.letters ?? [])
    .filter((letter) => letter.status === 'accepted')
    .map((letter) => letter.to.toLowerCase());
  return failed.length === 0 ? wrote : wrote.filter((address) => failed.includes(address));
}

function isSignedByUs(app: App, address: string): boolean {
  return verifyCaseAddress(address, app.config.desk, app.secret) !== null;
}

/** The Sent folder: what a handler wrote from the mail client. Everything else there is only listed. */
function readSent(app: App, row: MailRow, mail: Mail, read: Read): void {
  inTransaction(app.db, () => {
    const link = findCaseOfHandlersMail(app, mail);
    const stage = link === null ? 'listed' : 'linked';
    if (!end(app, row, { ...facts(read), stage, caseId: link?.caseId ?? null, note: 'from the Sent folder' })) return;
    if (link === null) return;
    const by = handlerWhoWrote(app, mail) ?? mail.from[0]?.name ?? mail.from[0]?.address ?? 'a handler';
    noteHandlersMail(app, row, mail, { caseId: link.caseId, by });
  });
}

/** Seen twice (Sent folder and a Cc to the desk), it is one event: the key is the mail's own Message-ID. */
function noteHandlersMail(app: App, row: MailRow, mail: Mail, { caseId, by }: { caseId: CaseId; by: string }): void {
  const key = `handler-wrote:${caseId}:${mail.messageId ?? row.contentHash}`;
  applyEvent(app, caseId, { type: 'handler-wrote', mailId: row.id, by }, key);
}

function handlerWhoWrote(app: App, mail: Mail): string | null {
  const from = mail.from[0]?.address.toLowerCase();
  return app.config.handlers.find((handler) => handler.address.toLowerCase() === from)?.name ?? null;
}

/** A notice that names one of our exits: the host is checked, no letter (procedure.md §3). */
function checkNamedHosts(app: App, row: MailRow, judgement: Judgement): void {
  const named = judgement.addresses.filter((a) => a.standing === 'exit' || a.standing === 'not-exit');
  for (const node of new Set(named.flatMap((a) => a.node ?? []))) {
    const isRaised = named.some((a) => a.node === node && a.role === 'reported' && raisesSuspicion(a));
    const body = { type: 'check-host', node, attempt: 1, ...(isRaised ? ({ raised: true } as const) : {}) } as const;
    enqueue(app.db, body, { key: `check:mail-${row.id}:${node}`, caseId: null, at: app.now() });
  }
}

function facts(read: Read): Omit<MailEnd, 'stage' | 'caseId' | 'note' | 'toPerson'> {
  const { judgement, mail } = read;
  const { sealed } = judgement;
  return {
    kind: judgement.kind,
    sealed,
    messageId: mail?.messageId ?? null,
    sender: judgement.sender.address,
    subject: sealed ? null : (mail?.subject ?? null),
    judgement,
  };
}

function end(app: App, row: MailRow, what: Pick<MailEnd, 'stage'> & Partial<MailEnd>): boolean {
  const blank: Omit<MailEnd, 'stage'> = {
    kind: null,
    caseId: null,
    toPerson: false,
    sealed: false,
    messageId: null,
    sender: null,
    subject: null,
    judgement: null,
    note: null,
  };
  // Of a mail over the limit only the head was read: whatever it was taken for, a person looks.
  const cut = row.truncated ? { toPerson: true, note: what.note ?? 'over the size limit: only its head was read' } : {};
  const ended = endMail(app.db, row.id, { ...blank, ...what, ...cut });
  if (ended) app.log.info('mail-read', { mail: row.id, kind: what.kind ?? null, stage: what.stage });
  return ended;
}
