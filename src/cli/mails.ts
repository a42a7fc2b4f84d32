import type { App } from '../app.ts';
import type { MailId } from '../core/case.ts';
import { DeskError } from '../errors.ts';
import { latestMails, mailById, rawOf } from '../store/mails.ts';
import type { ExitCode, Output } from './output.ts';
import { table } from './table.ts';

/** `exitdesk mails`: what came in, newest first, and what became of it; nothing of a sealed mail but its number. */
export function runMails(
  app: App,
  options: { readonly json?: boolean; readonly toPerson?: boolean },
  out: Output,
): ExitCode {
  const mails = latestMails(app.db, { toPerson: options.toPerson === true, limit: 1000 }).map((mail) => ({
    id: mail.id,
    arrived: new Date(mail.arrivedAt).toISOString(),
    kind: mail.kind,
    stage: mail.stage,
    case: mail.caseId,
    toPerson: mail.toPerson,
    sealed: mail.sealed,
    sender: mail.sender,
    subject: mail.sealed ? null : mail.subject,
    note: mail.note,
  }));
  if (options.json === true) {
    for (const mail of mails) out.write(JSON.stringify(mail));
    return 0;
  }
  const rows = mails.map((mail) => [
    String(mail.id),
    mail.arrived.slice(0, 16).replace('T', ' '),
    mail.kind ?? '-',
    mail.stage + (mail.toPerson ? ', to a person' : ''),
    mail.case === null ? '-' : `${app.config.desk.tokenPrefix}-${mail.case}`,
    mail.sender ?? '-',
    mail.sealed ? '(sealed)' : (mail.subject ?? mail.note ?? '').slice(0, 60),
  ]);
  out.write(
    rows.length === 0 ? 'No mail.' : table(['MAIL', 'ARRIVED (UTC)', 'KIND', 'STAGE', 'CASE', 'FROM', 'SUBJECT'], rows),
  );
  return 0;
}

/** `exitdesk mail ID`: the raw bytes as they came. A sealed mail is opened in the mailbox itself, never through a command. */
export function runMail(app: App, id: string): Buffer {
  if (!/^\d{1,12}$/.test(id)) throw new DeskError('usage', `"${id}" is no mail: exitdesk mails lists their numbers`);
  const mail = mailById(app.db, Number(id) as MailId);
  if (mail === null) throw new DeskError('not-found', `there is no mail ${id}: exitdesk mails lists them`);
  if (mail.sealed) throw new DeskError('refused', `mail ${id} is sealed: open it in the mailbox itself`);
  return rawOf(app.db, mail.contentHash);
}
