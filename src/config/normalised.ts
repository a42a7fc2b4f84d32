/** The configuration as the desk reads it: every default filled in, durations in ms, instants in ms UTC, absolute paths, canonical addresses. */
import { dirname, resolve } from 'node:path';
import type { Mode, ModeRule, Policy } from '../core/policy.ts';
import { type NodeConfig, normaliseNode } from './nodes.ts';
import type { weekdays, Written } from './schema.ts';
import { readSecret, readText, type SecretReader } from './secrets.ts';
import { normaliseTor, type TorConfig } from './tor.ts';

export type Weekday = (typeof weekdays)[number];
export type Security = 'tls' | 'starttls' | 'none';

export type DeskConfig = {
  readonly name: string;
  readonly organisation: string;
  /** The address that letters come from: the first of `addresses`. */
  readonly address: string;
  readonly addresses: readonly string[];
  readonly messageIdDomain: string;
  readonly tokenPrefix: string;
  /** '' where none is configured: Authentication-Results are then not trusted. */
  readonly authservId: string;
  readonly timeZone: string;
  /** Separator of sub-addresses; null where the mail server has none. */
  readonly subaddress: '+' | '-' | null;
  readonly providerDomains: readonly string[];
  /** The key that signs case addresses and Message-IDs; null: made at the first start and kept in the database. */
  readonly secret: string | null;
};

export type ServerConfig = {
  readonly host: string;
  readonly port: number;
  readonly security: Security;
  readonly user: string | null;
  readonly password: string | null;
  /** Clear text to another machine is allowed. */
  readonly allowPlaintext: boolean;
  /** PEM text of the certificate authority to trust; null: the system's. */
  readonly ca: string | null;
};

export type ImapConfig = ServerConfig & {
  readonly user: string;
  readonly password: string;
  readonly folder: string;
  readonly sentFolder: string | null;
  readonly after: 'leave' | 'flag' | 'move';
  readonly movedTo: string;
};

export type MailboxConfig = { readonly name: string; readonly pollEveryMs: number } & (
  | ({ readonly type: 'imap' } & ImapConfig)
  | { readonly type: 'maildir'; readonly path: string; readonly sentPath: string | null }
);

export type RetryConfig = { readonly firstMs: number; readonly maxMs: number; readonly giveUpAfterMs: number };

export type SendingConfig = {
  /** Display name in From. */
  readonly from: string;
  /** Each letter goes to our own signed address as well: its arrival proves acceptance. */
  readonly ownCopy: boolean;
  /** Name of the mailbox in whose Sent folder copies are filed. */
  readonly sentCopy: string | null;
  /** How long a letter whose connection died after DATA is given to prove that it was accepted. */
  readonly proofWaitMs: number;
  readonly retry: RetryConfig;
} & (({ readonly type: 'smtp' } & ServerConfig) | { readonly type: 'folder'; readonly path: string });

export type Handler = { readonly name: string; readonly address: string; readonly signsAs: string };

export type RotaConfig = {
  readonly default: string;
  readonly weekly: { readonly [D in Weekday]?: string | undefined };
  /** Calendar days in the desk's zone, both ends included. */
  readonly dates: readonly { readonly from: string; readonly until: string; readonly handler: string }[];
};

export type Fact = boolean | string | readonly string[];

export type LettersConfig = {
  readonly languages: readonly string[];
  readonly defaultLanguage: string;
  /** By language, then by name; what an operator has not stated in a language is missing there. */
  readonly facts: Readonly<Record<string, Readonly<Record<string, Fact>>>>;
  readonly templatesFolder: string | null;
  readonly signThreateningByPerson: boolean;
};

export type DigestConfig = {
  /** Minutes after midnight in `timeZone`; null: no daily digest. */
  readonly dailyAt: number | null;
  readonly weeklyOn: Weekday | null;
  readonly timeZone: string;
  readonly recipients: readonly string[];
};

export type AlertsConfig = { readonly recipients: readonly string[]; readonly command: readonly string[] | null };

export type LimitsConfig = {
  readonly mailBytes: number;
  readonly judgeMs: number;
  readonly unpackedBytes: number;
  readonly probe: {
    readonly deadlineMs: number;
    readonly maxBytes: number;
    readonly connectTimeoutMs: number;
    readonly concurrent: number;
  };
  readonly download: { readonly deadlineMs: number; readonly maxBytes: number; readonly maxUnpackedBytes: number };
};

export type Config = {
  /** The file it came from. */
  readonly file: string;
  readonly desk: DeskConfig;
  readonly mailboxes: readonly MailboxConfig[];
  readonly sending: SendingConfig;
  readonly nodes: readonly NodeConfig[];
  readonly handlers: readonly Handler[];
  readonly rota: RotaConfig;
  readonly letters: LettersConfig;
  readonly policy: Policy;
  readonly judgement: { readonly folder: string | null };
  /** What becomes of mail that is older than the installation. */
  readonly backlog: 'file' | 'answer';
  readonly digest: DigestConfig;
  readonly alerts: AlertsConfig;
  readonly tor: TorConfig;
  readonly storage: { readonly path: string; readonly folder: string };
  readonly limits: LimitsConfig;
  readonly rehearsal: boolean;
  /** What is allowed and yet probably not meant; shown by `doctor` and at the start. */
  readonly warnings: readonly string[];
};

/** Pages that hold for every operator; the facts of the same name replace them. */
const defaultFacts: Readonly<Record<string, Fact>> = {
  torLinks: ['https://www.torproject.org/about/history/', 'https://support.torproject.org/abuse/'],
  opening: false,
  safetyLinks: [
    'https://ssd.eff.org/',
    'https://www.techsafety.org/resources-survivors',
    'https://digitalfirstaid.org/',
  ],
};

/** Cross-checked text to the configuration; secrets that cannot be read go to `reader.problems`. */
export function normalise(file: string, written: Written, reader: SecretReader): Omit<Config, 'warnings'> {
  const path = (relative: string) => resolve(reader.folder, relative);
  const recipients = (stated: readonly string[] | undefined) =>
    stated === undefined
      ? written.handlers.map((h) => h.address)
      : stated.map((r) => written.handlers.find((h) => h.name === r)?.address ?? r);
  const storagePath = path(written.storage.path);
  return {
    file,
    desk: normaliseDesk(written.desk, reader),
    mailboxes: written.mailboxes.map((mailbox, index) => normaliseMailbox(mailbox, index, reader)),
    sending: normaliseSending(written, reader),
    nodes: written.nodes.map((node) => normaliseNode(node, path)),
    handlers: written.handlers.map((h) => ({ name: h.name, address: h.address, signsAs: h.signsAs ?? h.name })),
    rota: {
      default: written.rota.default ?? written.handlers[0]?.name ?? '',
      weekly: written.rota.weekly,
      dates: written.rota.dates.map((d) => ({ from: d.from, until: d.until ?? d.from, handler: d.handler })),
    },
    letters: {
      languages: written.letters.languages,
      defaultLanguage: written.letters.defaultLanguage,
      facts: Object.fromEntries(written.letters.languages.map((l) => [l, factsIn(l, written.letters.facts)])),
      templatesFolder: written.letters.templatesFolder === undefined ? null : path(written.letters.templatesFolder),
      signThreateningByPerson: written.letters.signThreateningByPerson,
    },
    policy: normalisePolicy(written.policy),
    judgement: { folder: written.judgement.folder === undefined ? null : path(written.judgement.folder) },
    backlog: written.policy.backlog,
    digest: {
      dailyAt: written.digest.daily === false ? null : written.digest.daily,
      weeklyOn: written.digest.weekly === false ? null : written.digest.weekly,
      timeZone: written.digest.timeZone ?? written.desk.timeZone,
      recipients: recipients(written.digest.recipients),
    },
    alerts: { recipients: recipients(written.alerts.recipients), command: written.alerts.command ?? null },
    tor: normaliseTor(written.tor, reader),
    storage: { path: storagePath, folder: dirname(storagePath) },
    limits: normaliseLimits(written.limits),
    rehearsal: written.rehearsal,
  };
}

function normaliseDesk(desk: Written['desk'], reader: SecretReader): DeskConfig {
  const address = desk.addresses[0] ?? '';
  const secret = readSecret(reader, {
    name: 'SECRET',
    file: desk.secretFile,
    path: ['desk', 'secretFile'],
    required: false,
  });
  if (secret !== null && secret.length < 16)
    reader.problems.push({
      path: ['desk', 'secretFile'],
      text: 'the key is too short: at least 16 characters of chance',
    });
  return {
    name: desk.name,
    organisation: desk.organisation,
    address,
    addresses: desk.addresses,
    messageIdDomain: desk.messageIdDomain ?? address.slice(address.lastIndexOf('@') + 1),
    tokenPrefix: desk.tokenPrefix,
    authservId: desk.authservId ?? '',
    timeZone: desk.timeZone,
    subaddress: desk.subaddress === false ? null : desk.subaddress,
    providerDomains: desk.providerDomains,
    secret,
  };
}

function normaliseMailbox(mailbox: Written['mailboxes'][number], index: number, reader: SecretReader): MailboxConfig {
  const { name, pollEvery, imap, maildir } = mailbox;
  if (imap === undefined) {
    const sentPath = maildir?.sentPath;
    return {
      type: 'maildir',
      name,
      pollEveryMs: pollEvery,
      path: resolve(reader.folder, maildir?.path ?? ''),
      sentPath: sentPath === undefined ? null : resolve(reader.folder, sentPath),
    };
  }
  const password = readSecret(reader, {
    name: `MAILBOX_${name.replace(/\W/g, '_').toUpperCase()}_PASSWORD`,
    file: imap.passwordFile,
    path: ['mailboxes', index, 'imap', 'passwordFile'],
    required: true,
  });
  return {
    type: 'imap',
    name,
    pollEveryMs: pollEvery,
    host: imap.host,
    port: imap.port ?? (imap.security === 'tls' ? 993 : 143),
    security: imap.security,
    user: imap.user ?? '',
    password: password ?? '',
    allowPlaintext: imap.allowPlaintext,
    ca: readText(reader, imap.caFile, ['mailboxes', index, 'imap', 'caFile']),
    folder: imap.folder,
    sentFolder: imap.sentFolder ?? null,
    after: imap.after,
    movedTo: imap.movedTo,
  };
}

function normaliseSending({ sending, mailboxes, desk }: Written, reader: SecretReader): SendingConfig {
  const withSent = mailboxes.find((m) => (m.imap?.sentFolder ?? m.maildir?.sentPath) !== undefined);
  const common = {
    from: sending.from ?? (desk.name.includes(desk.organisation) ? desk.name : `${desk.name}, ${desk.organisation}`),
    ownCopy: sending.ownCopy ?? sending.smtp !== undefined,
    sentCopy:
      sending.sentCopy === false
        ? null
        : (sending.sentCopy ?? (sending.smtp === undefined ? null : (withSent?.name ?? null))),
    proofWaitMs: sending.proofWait,
    retry: { firstMs: sending.retry.first, maxMs: sending.retry.max, giveUpAfterMs: sending.retry.giveUpAfter },
  };
  const { smtp } = sending;
  if (smtp === undefined)
    return { ...common, type: 'folder', path: resolve(reader.folder, sending.folder?.path ?? '') };
  const user = smtp.user ?? null;
  const source = { name: 'SMTP_PASSWORD', file: smtp.passwordFile, path: ['sending', 'smtp', 'passwordFile'] };
  return {
    ...common,
    type: 'smtp',
    host: smtp.host,
    port: smtp.port ?? { tls: 465, starttls: 587, none: 25 }[smtp.security],
    security: smtp.security,
    user,
    password: user === null ? null : readSecret(reader, { ...source, required: true }),
    allowPlaintext: smtp.allowPlaintext,
    ca: readText(reader, smtp.caFile, ['sending', 'smtp', 'caFile']),
  };
}

function normalisePolicy(policy: Written['policy']): Policy {
  return {
    mode: policy.mode,
    modes: withBuiltIn(policy.mode, policy.modes),
    answerRobots: policy.answerRobots,
    followUpAfterMs: policy.followUpAfter,
    closeAfterMs: policy.closeAfter,
    closingLabel: policy.closingLabel,
    budgets: policy.budgets,
    checkFreshnessMs: policy.checkFreshness,
    checkRetryEveryMs: policy.checkRetryEvery,
    checkRetryForMs: policy.checkRetryFor,
    providerMarginMs: policy.providerMargin,
    handling: policy.handling,
  };
}

/** The letter not-ours waits for a handler (procedure.md §3) unless the operator has a rule that names it. */
function withBuiltIn(mode: Mode, rules: readonly ModeRule[]): readonly ModeRule[] {
  if (rules.some((r) => r.letter === 'not-ours')) return rules;
  return [{ letter: 'not-ours', mode: mode === 'observe' ? 'observe' : 'approve' }, ...rules];
}

function normaliseLimits(limits: Written['limits']): LimitsConfig {
  const { probe, download } = limits;
  return {
    mailBytes: limits.mailSize,
    judgeMs: limits.judgeTime,
    unpackedBytes: limits.unpackedSize,
    probe: {
      deadlineMs: probe.deadline,
      maxBytes: probe.maxOutput,
      connectTimeoutMs: probe.connectTimeout,
      concurrent: probe.concurrent,
    },
    download: {
      deadlineMs: download.deadline,
      maxBytes: download.maxSize,
      maxUnpackedBytes: download.maxUnpacked,
    },
  };
}

function factsIn(language: string, stated: Written['letters']['facts']): Readonly<Record<string, Fact>> {
  const entries = Object.entries(stated).flatMap(([name, fact]): [string, Fact][] => {
    if (typeof fact !== 'object' || Array.isArray(fact)) return [[name, fact]];
    const inLanguage = fact[language];
    return inLanguage === undefined ? [] : [[name, inLanguage]];
  });
  return { ...defaultFacts, ...Object.fromEntries(entries) };
}
