import SMTPConnection, { type SMTPError } from 'nodemailer/lib/smtp-connection';
import XOAuth2 from 'nodemailer/lib/xoauth2';
import { DeskError } from '../errors.ts';
import { isPlainAddress } from './address.ts';
import type { Outgoing, Sender, SendResult } from './send.ts';
import { requireSafeTransport, tlsOptions, type Login, type ServerAddress } from './server-address.ts';
import { createTransaction, type Transaction } from './smtp-transaction.ts';
import { sendResult, smtpError } from './smtp-result.ts';

export type SmtpOptions = ServerAddress & {
  /** Omitted: the relay takes mail without a login. */
  readonly login?: Login | undefined;
  /** The name that EHLO gives; a real host name helps with strict servers. */
  readonly heloName?: string | undefined;
  readonly timeouts?: SmtpTimeouts | undefined;
};

export type SmtpTimeouts = {
  readonly connectMs?: number | undefined;
  readonly greetingMs?: number | undefined;
  /** Silence after which the connection counts as lost. */
  readonly socketMs?: number | undefined;
  /** The whole attempt, however busily a server trickles. */
  readonly attemptMs?: number | undefined;
};

/**
 * A Sender over SMTP (RFC 5321): one connection an attempt, no pool, no requeueing. The stored bytes go out as they are.
 * nodemailer's SMTPConnection is used without its transport, because only so can be told whether the message had
 * begun to flow when a connection was lost. Throws DeskError config-invalid at once where a password or mail would
 * leave this machine in clear text.
 */
export function createSmtpSender(options: SmtpOptions): Sender {
  requireSafeTransport(options);
  return {
    toFolder: false,
    send: (outgoing) => send(options, outgoing),
    verify: async () => {
      try {
        const secure = await inSession(options, createTransaction(null), (connection) =>
          Promise.resolve(connection.secure),
        );
        const login = options.login === undefined ? 'no login' : `logged in as ${options.login.user}`;
        return `${options.host}:${options.port} over ${secure ? 'TLS' : 'clear text'}, ${login}`;
      } catch (error) {
        throw smtpError(error, options.host);
      }
    },
    close: () => undefined,
  };
}

async function send(options: SmtpOptions, outgoing: Outgoing): Promise<SendResult> {
  const { from, to } = outgoing.envelope;
  const wrong = [...to, ...(from === '' ? [] : [from])].find((address) => !isPlainAddress(address));
  if (wrong !== undefined || to.length === 0) {
    return { result: 'permanent', response: 'the envelope holds no plain address: nothing was sent' };
  }
  const transaction = createTransaction(outgoing.bytes);
  try {
    const info = await inSession(options, transaction, (connection) => transmit(connection, outgoing, transaction));
    return sendResult({ info, transaction, to });
  } catch (error) {
    return sendResult({ error, transaction, to });
  }
}

async function transmit(
  connection: SMTPConnection,
  { bytes, envelope }: Outgoing,
  transaction: Transaction,
): Promise<SMTPConnection.SentMessageInfo> {
  const use8BitMime = bytes.some((byte) => byte > 127);
  return await new Promise((resolve, reject) => {
    const options = { from: envelope.from, to: [...envelope.to], size: bytes.length, use8BitMime };
    connection.send(options, transaction.message, (error, info) => (error ? reject(error) : resolve(info)));
  });
}

/** Connects, upgrades, logs in, works, quits. Rejects with nodemailer's error; the connection is gone afterwards. */
async function inSession<T>(
  options: SmtpOptions,
  transaction: Transaction,
  work: (connection: SMTPConnection) => Promise<T>,
): Promise<T> {
  const timeouts = options.timeouts;
  const connection = new SMTPConnection({
    host: options.host,
    port: options.port,
    secure: options.security === 'tls',
    ...(options.security === 'starttls' ? { requireTLS: true } : {}),
    ...(options.security === 'plain' ? { ignoreTLS: true } : {}),
    ...(options.heloName === undefined ? {} : { name: options.heloName }),
    ...(options.tls?.servername === undefined ? {} : { servername: options.tls.servername }),
    tls: tlsOptions(options.tls),
    connectionTimeout: timeouts?.connectMs ?? 20_000,
    greetingTimeout: timeouts?.greetingMs ?? 20_000,
    dnsTimeout: timeouts?.connectMs ?? 20_000,
    socketTimeout: timeouts?.socketMs ?? 60_000,
    socketCloseTimeout: 1000,
    maxResponseSize: 65_536,
    logger: transaction.logger,
    transactionLog: true,
  });
  let deadline: NodeJS.Timeout | undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    // Before connect(): an error without a listener would end the process.
    connection.on('error', reject);
    // Deferred: a reply that ends the session is told to the command that it answers in the same turn.
    connection.on('end', () => setImmediate(() => reject(lost('the connection ended'))));
    deadline = setTimeout(() => reject(lost('the attempt took too long')), timeouts?.attemptMs ?? 300_000);
  });
  failed.catch(() => undefined);
  const session = async (): Promise<T> => {
    await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
    await logIn(connection, options.login);
    return await work(connection);
  };
  try {
    const done = await Promise.race([session(), failed]);
    connection.quit();
    return done;
  } catch (error) {
    connection.close();
    throw error;
  } finally {
    clearTimeout(deadline);
  }
}

async function logIn(connection: SMTPConnection, login: Login | undefined): Promise<void> {
  if (login === undefined) return;
  // nodemailer's transport would go on without a login; a relay would then bounce or, worse, take the mail as a stranger's.
  if (!connection.allowsAuth) throw Object.assign(new Error('the server offers no login'), { code: 'ENOAUTH' });
  const auth: SMTPConnection.AuthenticationType = { user: login.user, pass: login.password ?? '' };
  if (login.accessToken !== undefined) {
    const accessToken = await login.accessToken().catch((cause: unknown) => {
      throw new DeskError('smtp-auth', `no access token for ${login.user}`, { cause });
    });
    delete auth.pass;
    Object.assign(auth, { method: 'XOAUTH2', oauth2: new XOAuth2({ user: login.user, accessToken }) });
  }
  await new Promise<void>((resolve, reject) => connection.login(auth, (error) => (error ? reject(error) : resolve())));
}

function lost(message: string): SMTPError {
  return Object.assign(new Error(message), { code: 'ECONNECTION', command: 'CONN' });
}
