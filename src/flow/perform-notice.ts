import { spawn } from 'node:child_process';
import type { App } from '../app.ts';
import { alertView, deskAlertView, type AlertView } from '../core/alert.ts';
import { messageIdFor } from '../core/case-address.ts';
import type { Action } from '../core/case.ts';
import { composeNotice } from '../mail/compose.ts';
import type { Notice } from '../mail/render-notice.ts';
import { renderAlert, renderDigest } from '../mail/render-notice.ts';
import { caseById } from '../store/cases.ts';
import { checkById } from '../store/checks.ts';
import type { LetterRow } from '../store/letters.ts';
import { changeLetterRow, letterOfOutbox, storeLetter } from '../store/letters.ts';
import { inTransaction } from '../store/open.ts';
import type { OutboxBody, OutboxRow } from '../store/outbox.ts';
import { parkRow, postponeRow, settleRow } from '../store/outbox.ts';
import { makeDigest } from './make-digest.ts';
import { noteSmtp } from './note-smtp.ts';
import { nextAttemptAt } from './retry.ts';

/**
 * Mail to handlers. Unlike letters it is repeated after a crash: an alert twice is better than none. The bytes and the
 * Message-ID stay those of the first time.
 */
export async function performAlert(
  app: App,
  row: OutboxRow,
  action: Extract<Action, { type: 'alert' }>,
): Promise<void> {
  const kase = row.caseId === null ? null : caseById(app.db, row.caseId);
  const check = action.checkId === null ? null : checkById(app.db, action.checkId);
  const { tokenPrefix, timeZone } = app.config.desk;
  const { about, node, mailId } = action;
  const view = alertView({ about, node, mailId, kase, check, tokenPrefix, timeZone });
  await sendAlert(app, row, view, `alert: ${action.about}`);
}

/** The desk itself is in trouble. */
export async function performDeskAlert(
  app: App,
  row: OutboxRow,
  body: Extract<OutboxBody, { type: 'desk-alert' }>,
): Promise<void> {
  await sendAlert(app, row, deskAlertView(body, app.config.desk.timeZone), `alert: ${body.about}`);
}

export async function performDigest(
  app: App,
  row: OutboxRow,
  body: Extract<OutboxBody, { type: 'digest' }>,
): Promise<void> {
  const result = await sendNotice(app, row, {
    notice: () => renderDigest(makeDigest(app, body)),
    to: app.config.digest.recipients,
    name: `digest: ${body.period} ${body.day}`,
  });
  app.log.info('digest-sent', { period: body.period, day: body.day, result });
}

/** An alert that SMTP does not take goes to the log at `fatal`, and to the operator's own command, at the first attempt. */
async function sendAlert(app: App, row: OutboxRow, view: AlertView, name: string): Promise<void> {
  const { recipients, command } = app.config.alerts;
  const result = await sendNotice(app, row, { notice: () => renderAlert(view), to: recipients, name });
  if (result === 'accepted' || row.attempts > 1) return;
  app.log.fatal('alert-undelivered', { alert: name, case: row.caseId, result });
  if (command !== null) runCommand(app, command, name);
}

type Sending = { readonly notice: () => Notice; readonly to: readonly string[]; readonly name: string };

async function sendNotice(app: App, row: OutboxRow, sending: Sending): Promise<string> {
  if (sending.to.length === 0) {
    settleRow(app.db, row.id, 'nobody to tell: alerts.recipients and digest.recipients are empty', app.now());
    return 'nobody';
  }
  const letter = letterOfOutbox(app.db, row.id) ?? (await storeNotice(app, row, sending));
  const result = await app.sender.send({ bytes: letter.bytes, envelope: letter.envelope });
  noteSmtp(app, result);
  const now = app.now();
  if (result.result === 'accepted') {
    inTransaction(app.db, () => {
      changeLetterRow(app.db, letter.id, { status: 'accepted', leftAt: now, response: result.response });
      settleRow(app.db, row.id, 'accepted', now);
    });
    return 'accepted';
  }
  const next = result.result === 'permanent' ? null : nextAttemptAt(app, row, now);
  changeLetterRow(app.db, letter.id, { status: 'waiting', leftAt: null, response: result.response });
  if (next === null) {
    parkRow(app.db, row.id, result.response, now);
    app.log.error('row-parked', { key: row.key });
  } else postponeRow(app.db, row.id, next, result.response);
  return result.result;
}

async function storeNotice(app: App, row: OutboxRow, { notice, to, name }: Sending): Promise<LetterRow> {
  const { desk, sending } = app.config;
  const { subject, text, html } = notice();
  const messageId = messageIdFor(row.key, app.secret, desk.messageIdDomain);
  const from = { name: sending.from, address: desk.address };
  const bytes = await composeNotice({ from, to, messageId, date: app.now(), subject, text, html });
  return storeLetter(app.db, {
    outboxId: row.id,
    caseId: null,
    messageId,
    name,
    slot: null,
    recipient: to.join(', '),
    domain: '',
    automatic: true,
    envelope: { from: desk.address, to },
    bytes,
    status: 'waiting',
    composedAt: app.now(),
  });
}

/** The operator's command gets the alert's name as its last argument; no shell, nothing of any mail. */
function runCommand(app: App, command: readonly string[], name: string): void {
  const [program = '', ...args] = command;
  const child = spawn(program, [...args, name], { stdio: 'ignore', timeout: 60_000 });
  child.on('error', (error: NodeJS.ErrnoException) =>
    app.log.error('alert-command', { code: error.code ?? 'unknown' }),
  );
  child.on('exit', (code) => app.log.info('alert-command', { exit: code }));
}
