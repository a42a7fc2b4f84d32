import { ImapFlow, type MailboxObject } from 'imapflow';
import { DeskError } from '../errors.ts';
import { requireSafeTransport, tlsOptions, type Login, type ServerAddress } from './server-address.ts';
import { imapError } from './imap-error.ts';

export type ImapServer = ServerAddress &
  Login & {
    readonly timeouts?: ImapTimeouts | undefined;
    /** Upper bound of one message's source in bytes, from which the protocol limits follow. */
    readonly maxBytes: number;
  };

export type ImapTimeouts = {
  readonly connectMs?: number | undefined;
  readonly greetingMs?: number | undefined;
  /** Silence after which the link counts as dead; IDLE is renewed well before it. */
  readonly socketMs?: number | undefined;
};

/** What imapflow has to say at warn level and above. A pino logger fits. */
export type MailLog = { readonly warn: (data: object, message: string) => void };

/** A client that is connected, with the folder selected that the job asked for. */
export type Selected = { readonly client: ImapFlow; readonly folder: MailboxObject };

/** One IMAP connection at a time: made when a job needs it, reused while usable, closed by any failure. */
export type ImapConnection = {
  /** Runs a job alone on the connection with `folder` selected. Throws DeskError mailbox-*, after which the next job connects anew. */
  readonly inFolder: <T>(folder: string, job: (selected: Selected) => Promise<T>) => Promise<T>;
  /**
   * Resolves when `folder` has got a message since the caller looked last, when the link dies, the signal aborts or the time is up.
   * IDLE (RFC 2177) is only a hint: servers and firewalls drop it silently, so the caller polls beside it.
   */
  readonly waitForNews: (folder: string, timeoutMs: number, signal: AbortSignal) => Promise<void>;
  /** The caller is about to look for messages: what came up to here is no news. */
  readonly looking: () => void;
  /** The caller has seen every message below this UID: a selection that promises no higher one brings no news. */
  readonly seenUpTo: (nextUid: number) => void;
  readonly close: () => Promise<void>;
};

/** `prepare` runs once on every new connection, before any job. */
export function createImapConnection(
  server: ImapServer,
  prepare: (client: ImapFlow) => Promise<void>,
  log?: MailLog,
): ImapConnection {
  requireSafeTransport(server);
  let current: Promise<ImapFlow> | null = null;
  let latest: ImapFlow | null = null;
  let news = false;
  let nextUid = Number.MAX_SAFE_INTEGER;
  const hooks: Hooks = { log, onNews: () => (news = true), onClient: (client) => (latest = client) };

  async function connected(): Promise<{ client: ImapFlow; fresh: boolean }> {
    const fresh = current === null;
    const attempt = (current ??= open(server, prepare, hooks));
    const client = await attempt.catch((error: unknown) => {
      if (current === attempt) current = null;
      throw error;
    });
    if (client.usable || fresh) return { client, fresh };
    if (current === attempt) current = null;
    return await connected();
  }

  async function inFolder<T>(folder: string, job: (selected: Selected) => Promise<T>): Promise<T> {
    let begun = false;
    const begin = (selected: Selected): Promise<T> => {
      begun = true;
      return job(selected);
    };
    const { client, fresh } = await connected().catch((error: unknown) => {
      throw imapError(error, server.host);
    });
    try {
      return await selectedJob(client, folder, begin);
    } catch (error) {
      const died = !client.usable;
      client.close();
      // That an idle session had died is normal and found only by using it: once more on a new one.
      if (died && !fresh && !begun) return await inFolder(folder, job);
      throw imapError(error, server.host);
    }
  }

  return {
    inFolder,
    looking: () => (news = false),
    seenUpTo: (uid) => (nextUid = uid),
    waitForNews: async (folder, timeoutMs, signal) => {
      if (news || signal.aborted) return;
      const hasNews = (selected: ImapFlow): boolean =>
        news || !selected.usable || (selected.mailbox !== false && selected.mailbox.uidNext > nextUid);
      const client = await inFolder(folder, (selected) => Promise.resolve(selected.client));
      await idleUntilNews({ client, folder, timeoutMs, signal, hasNews });
    },
    close: async () => {
      const client = latest;
      current = null;
      if (client?.usable === true) await withinMs(2000, client.logout());
      client?.close();
    },
  };
}

type Hooks = {
  readonly log: MailLog | undefined;
  readonly onNews: () => void;
  readonly onClient: (client: ImapFlow) => void;
};

async function open(server: ImapServer, prepare: (client: ImapFlow) => Promise<void>, hooks: Hooks): Promise<ImapFlow> {
  const socketMs = server.timeouts?.socketMs ?? 90_000;
  const client = new ImapFlow({
    host: server.host,
    port: server.port,
    secure: server.security === 'tls',
    doSTARTTLS: server.security === 'starttls',
    ...(server.tls?.servername === undefined ? {} : { servername: server.tls.servername }),
    tls: tlsOptions(server.tls),
    auth: await credentials(server),
    clientInfo: { name: 'exitdesk' },
    logger: hooks.log === undefined ? false : warnings(hooks.log, server.host),
    disableAutoIdle: true,
    connectionTimeout: server.timeouts?.connectMs ?? 20_000,
    greetingTimeout: server.timeouts?.greetingMs ?? 20_000,
    socketTimeout: socketMs,
    // Renewing IDLE inside the socket timeout is also what finds a dead link.
    maxIdleTime: Math.floor(socketMs * 0.7),
    // A hostile or broken server may not make us buffer the library's default of gigabytes.
    // Twice the limit, because some servers only estimate the size that they announce.
    // A line must hold the UIDs of a mailbox of a million messages.
    maxLineLength: 16_777_216,
    maxLiteralSize: 2 * server.maxBytes + 1_048_576,
    maxResponseSize: 2 * server.maxBytes + 33_554_432,
    maxResponseTokens: 200_000,
  });
  // Before connect(): an error without a listener would end the process. What it was reaches the job as a rejection.
  client.on('error', () => client.close());
  hooks.onClient(client);
  client.on('close', hooks.onNews);
  client.on('exists', (event) => {
    if (event.count > event.prevCount) hooks.onNews();
  });
  try {
    await client.connect();
    await prepare(client);
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

async function credentials(login: Login): Promise<{ user: string; pass?: string; accessToken?: string }> {
  if (login.accessToken === undefined) return { user: login.user, pass: login.password ?? '' };
  try {
    return { user: login.user, accessToken: await login.accessToken() };
  } catch (cause) {
    throw new DeskError('mailbox-auth', `no access token for ${login.user}`, { cause });
  }
}

async function selectedJob<T>(client: ImapFlow, folder: string, job: (selected: Selected) => Promise<T>): Promise<T> {
  const lock = await client.getMailboxLock(folder, { acquireTimeout: 300_000 });
  try {
    // A mailbox that was selected already shows new messages only after a command (RFC 9051 §7.4.1).
    await client.noop();
    if (client.mailbox === false) throw new DeskError('mailbox-failed', `the server closed ${folder}`);
    return await job({ client, folder: client.mailbox });
  } finally {
    lock.release();
  }
}

type NewsWait = {
  readonly client: ImapFlow;
  readonly folder: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly hasNews: (client: ImapFlow) => boolean;
};

async function idleUntilNews(wait: NewsWait): Promise<void> {
  const { client, signal } = wait;
  const over = new AbortController();
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      over.abort();
      resolve();
    };
    const check = (): void => {
      if (wait.hasNews(client) || signal.aborted) finish();
    };
    const timer = setTimeout(finish, wait.timeoutMs);
    client.on('exists', check);
    client.on('close', finish);
    signal.addEventListener('abort', finish);
    over.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      client.off('exists', check);
      client.off('close', finish);
      signal.removeEventListener('abort', finish);
    });
    check();
    // A failure here only costs the hint: the link's end arrives as 'close', anything else as the timeout.
    keepIdling(wait, over.signal, check).catch(() => undefined);
  });
}

/**
 * Any other job breaks IDLE and may select another folder; afterwards this one comes back to its folder and idles on.
 * The rounds are bounded: a server that ends every IDLE at once must not keep us spinning.
 */
async function keepIdling(wait: NewsWait, over: AbortSignal, check: () => void): Promise<void> {
  const { client, folder } = wait;
  for (let round = 0; round < 100 && !over.aborted && client.usable && !client.idling; round += 1) {
    if (client.mailbox === false || client.mailbox.path !== folder) {
      await selectedJob(client, folder, () => Promise.resolve());
      check();
    }
    if (over.aborted || (await client.idle({ whenFree: true })) === false) return;
  }
}

async function withinMs(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work.then(() => undefined).catch(() => undefined), late]);
  clearTimeout(timer);
}

function warnings(
  log: MailLog,
  host: string,
): { debug(): void; info(): void; warn(e: unknown): void; error(e: unknown): void } {
  // The library's own text and error code, never its entry as a whole: entries may carry protocol lines.
  const warn = (entry: unknown): void => {
    const { msg, err } = entry as { msg?: string; err?: { code?: string } };
    log.warn({ host, detail: msg, code: err?.code }, 'mailbox connection');
  };
  return { debug: () => undefined, info: () => undefined, warn, error: warn };
}
