import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { DeskError } from '../errors.ts';
import type { SendResult } from './send.ts';
import type { Transaction } from './smtp-transaction.ts';

/** Replies by which a server says that it wants a login, another one, or TLS first (RFC 4954 §6, RFC 3207 §4). */
const AUTH_CODES = new Set([530, 534, 535, 538]);
/** Only what a server says of the sender, the recipient or the message is a verdict on this letter. */
const VERDICT_COMMANDS = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);

type SmtpFailure = {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly permanent?: boolean;
  readonly originalCode?: string;
  readonly message?: string;
};

type Attempt = { readonly transaction: Transaction; readonly to: readonly string[] } & (
  { readonly info: SMTPConnection.SentMessageInfo } | { readonly error: unknown }
);

/**
 * What became of an attempt, by reply codes and by how far it had got, never by message text (RFC 5321 §4.2).
 * No reply to the message after it had begun to flow is `unknown`; the same before it is `temporary`.
 */
export function sendResult(attempt: Attempt): SendResult {
  const { transaction, to } = attempt;
  const reply = transaction.firstRecipientReply();
  // A refused first recipient is the verdict, whatever became of the rest; nothing was given out then.
  if (reply !== null && !reply.startsWith('2') && !transaction.messageBegun()) return refused(reply);
  if ('info' in attempt) {
    if (attempt.info.rejected.includes(to[0] ?? ''))
      return { result: 'unknown', response: shown(attempt.info.response) };
    return { result: 'accepted', response: shown(attempt.info.response), refused: attempt.info.rejected };
  }
  const failure = (attempt.error ?? {}) as SmtpFailure;
  const response = shown(
    failure.response ?? [failure.code, failure.originalCode, failure.message].filter(Boolean).join(' '),
  );
  if (failure.code === 'smtp-auth' || failure.code === 'ENOAUTH') return { result: 'auth-failed', response };
  const replied = failure.responseCode !== undefined && failure.responseCode >= 400;
  if (transaction.messageBegun() && !(replied && failure.command === 'DATA')) return { result: 'unknown', response };
  if (!replied) {
    return isOurFault(failure) ? { result: 'permanent', response } : { result: 'temporary', response, answered: false };
  }
  return judged(failure, response);
}

/** For `verify`: the same codes as an operational error that says what to do. */
export function smtpError(error: unknown, host: string): DeskError {
  if (error instanceof DeskError) return error;
  const failure = (error ?? {}) as SmtpFailure;
  const detail = [failure.code, failure.originalCode, failure.response ?? failure.message].filter(Boolean).join(' ');
  const auth = failure.code === 'ENOAUTH' || (failure.responseCode !== undefined && verdict(failure) === 'auth-failed');
  if (auth) {
    return new DeskError(
      'smtp-auth',
      `mail server ${host} refuses the login: check user and password (${shown(detail)})`,
      {
        cause: error,
      },
    );
  }
  return new DeskError(
    'smtp-unreachable',
    `mail server ${host} cannot be used: check host, port, security and certificate (${shown(detail)})`,
    { cause: error },
  );
}

function refused(reply: string): SendResult {
  const responseCode = Number.parseInt(reply, 10);
  // 503 speaks of the order of commands, not of this recipient.
  const permanent = responseCode >= 500 && responseCode !== 503;
  return judged({ responseCode, permanent, command: 'RCPT TO' }, shown(reply));
}

/** A verdict on this letter is the server's good right; 421 and refusals before MAIL are trouble of the server itself. */
function judged(failure: SmtpFailure, response: string): SendResult {
  const result = verdict(failure);
  if (result !== 'temporary') return { result, response };
  return { result, response, answered: VERDICT_COMMANDS.has(failure.command ?? '') };
}

function verdict(failure: SmtpFailure): 'temporary' | 'permanent' | 'auth-failed' {
  const code = failure.responseCode ?? 0;
  if (AUTH_CODES.has(code)) return 'auth-failed';
  // 454 and other 4xx to AUTH: the server cannot check passwords just now (RFC 4954 §6).
  if (failure.code === 'EAUTH') return code >= 500 ? 'auth-failed' : 'temporary';
  return failure.permanent === true && VERDICT_COMMANDS.has(failure.command ?? '') ? 'permanent' : 'temporary';
}

/** Refused by nodemailer before anything was sent: a message over the server's SIZE, an impossible envelope. */
function isOurFault(failure: SmtpFailure): boolean {
  return failure.code === 'EMESSAGE' || failure.code === 'EENVELOPE';
}

/** A server's words are hostile data: one line, printable, bounded. */
function shown(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 500);
}
