import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { App } from './app.ts';
import type { Config, MailboxConfig, ServerConfig } from './config.ts';
import { inventoryOf, policyOf, torSourcesOf } from './config.ts';
import { createProbe } from './hosts/create-probe.ts';
import { createMailReader, type ReadMailOptions } from './judging/read-mail.ts';
import type { Log } from './log.ts';
import { createImapMailbox } from './mail/imap.ts';
import { createLetterFolder } from './mail/letter-folder.ts';
import { createMaildirMailbox } from './mail/maildir.ts';
import type { Mailbox } from './mail/mailbox.ts';
import { defaultParseLimits } from './mail/parse-limits.ts';
import { loadTemplates } from './mail/render.ts';
import type { Sender } from './mail/send.ts';
import { createSmtpSender } from './mail/smtp.ts';
import { openDatabase } from './store/open.ts';
import { registerSources } from './store/public-sources.ts';
import { settleSetting } from './store/settings.ts';
import { createFetch, type FetchOptions } from './tor/fetch.ts';

export type BuiltApp = App & {
  /** Loads the judgement data, which only reading mail needs. Throws DeskError judgement-data-invalid. */
  readonly prepareReading: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/**
 * Builds everything from the configuration: once, for daemon, commands and tests alike. Connects to nothing yet. `clock`
 * gives ms UTC; with `rehearsed` it is another instant than now. Throws DeskError for what does not load: templates, database.
 */
export function buildApp(
  config: Config,
  { log, clock, rehearsed = false }: { readonly log: Log; readonly clock: () => number; readonly rehearsed?: boolean },
): BuiltApp {
  const templates = loadTemplates(config.letters);
  const db = openDatabase(config.storage.path, clock());
  const installedAt = Number(settleSetting(db, 'installed-at', String(clock())));
  const secret = config.desk.secret ?? settleSetting(db, 'secret', randomBytes(32).toString('base64url'));
  const mailboxSince = new Map(
    config.mailboxes.map(({ name }) => [name, Number(settleSetting(db, `mailbox-since:${name}`, String(clock())))]),
  );
  const mailboxes = config.mailboxes.map((mailbox) => mailboxOf(config, mailbox, log));
  const sender = senderOf(config);
  const reader = createMailReader(readerOptionsOf(config));
  if (!rehearsed) registerSources(db, torSourcesOf(config), clock());
  return {
    config,
    policy: policyOf(config),
    db,
    log,
    now: clock,
    random: Math.random,
    mailboxes,
    sender,
    probe: createProbe(),
    readMail: reader.read,
    prepareReading: reader.prepare,
    tor: rehearsed ? null : createFetch(fetchOptionsOf(config, clock)),
    templates,
    secret,
    installedAt,
    mailboxSince,
    close: async () => {
      await Promise.allSettled(mailboxes.map((mailbox) => mailbox.close()));
      sender.close();
      await reader.close();
      db.close();
    },
  };
}

/** How mail is read and judged by this configuration. */
export function readerOptionsOf(config: Config): ReadMailOptions {
  return {
    inventory: inventoryOf(config),
    judgementFolder: config.judgement.folder,
    letterLanguages: config.letters.languages,
    handling: config.policy.handling,
    limits: { ...defaultParseLimits, bytes: config.limits.mailBytes, unpackedBytes: config.limits.unpackedBytes },
    deadlineMs: config.limits.judgeMs,
  };
}

function mailboxOf(config: Config, mailbox: MailboxConfig, log: Log): Mailbox {
  if (mailbox.type === 'maildir') {
    return createMaildirMailbox({
      name: mailbox.name,
      path: mailbox.path,
      maxBytes: config.limits.mailBytes,
      sentPath: mailbox.sentPath ?? undefined,
    });
  }
  const options = {
    ...server(mailbox),
    name: mailbox.name,
    user: mailbox.user,
    password: mailbox.password,
    folder: mailbox.folder,
    after: mailbox.after,
    movedTo: mailbox.movedTo,
    sentFolder: mailbox.sentFolder,
    maxBytes: config.limits.mailBytes,
  };
  return createImapMailbox(options, { warn: (data) => log.warn('imap-warning', { mailbox: mailbox.name, ...data }) });
}

function senderOf(config: Config): Sender {
  const { sending } = config;
  if (sending.type === 'folder') return createLetterFolder({ path: sending.path });
  const { user, password } = sending;
  return createSmtpSender({
    ...server(sending),
    heloName: config.desk.messageIdDomain,
    login: user === null ? undefined : { user, password: password ?? undefined },
  });
}

function fetchOptionsOf(config: Config, now: () => number): FetchOptions {
  const { proxy, ca } = config.tor;
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return { proxy, ca, userAgent: `exitdesk/${version}`, limits: config.limits.download, now };
}

function server({ host, port, security, allowPlaintext, ca }: ServerConfig): {
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'starttls' | 'plain';
  readonly allowPlain: boolean;
  readonly tls: { readonly ca: string | undefined };
} {
  return {
    host,
    port,
    security: security === 'none' ? 'plain' : security,
    allowPlain: allowPlaintext,
    tls: { ca: ca ?? undefined },
  };
}
