import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuiltApp } from '../../src/build-app.ts';
import { buildApp } from '../../src/build-app.ts';
import { loadConfig } from '../../src/config.ts';
import type { Case, CaseId } from '../../src/core/case.ts';
import { drainOnce } from '../../src/daemon.ts';
import type { Probe } from '../../src/hosts/probe.ts';
import type { Sender } from '../../src/mail/send.ts';
import { caseById, journalOf } from '../../src/store/cases.ts';
import { t0 } from './a-case.ts';
import { brought, probeText } from './probe-text.ts';

/** What the desk is made of in these tests: everything but the clock, the hosts' answers and, where a test says so, SMTP. */
export type FolderDesk = {
  readonly app: BuiltApp;
  readonly folder: string;
  /** ms UTC; a test moves it. */
  clock: { now: number };
  /** What each probe brings from now on. */
  host: { output: string };
  /** Drops a mail into the inbox (or the Sent folder), as if it had arrived at the clock's instant. */
  readonly drop: (raw: string, to?: 'inbox' | 'sent') => void;
  /** One full pass. */
  readonly pass: () => Promise<void>;
  readonly case: (id: number) => Case;
  readonly journal: (id: number) => readonly string[];
  /** Letters and notices that left, oldest first. */
  readonly letters: () => readonly string[];
  /** Builds everything anew on the same database, as a restart does; `change` replaces text in the configuration. */
  readonly restart: (change?: (yaml: string) => string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

const yaml = `
desk:
  name: Abuse desk
  organisation: Exits Example
  addresses: [abuse@exits.example]
  authservId: mx.exits.example
mailboxes:
  - name: abuse
    maildir: { path: inbox, sentPath: sent }
sending:
  folder: { path: letters }
nodes:
  - name: helium
    addresses: [198.51.100.10]
    from: 2024-01-01
    check: { transport: local }
  - name: neon
    addresses: [198.51.100.11]
    from: 2024-01-01
    check: { transport: local }
  - name: xenon
    addresses: [198.51.100.200]
    from: 2024-01-01
    exit: false
    check: { transport: local }
handlers:
  - { name: ada, address: ada@exits.example }
letters:
  facts: { organisationDescription: a small association, noLogs: true, blocksOnRequest: true, smtpPortClosed: true }
policy:
  mode: auto
  backlog: answer
digest: { daily: false, weekly: false }
storage: { path: data/desk.sqlite }
rehearsal: true
`;

/** A whole desk in a temporary folder: Maildir in, letters into a folder, real SQLite, the real judgement, no network. */
export async function openFolderDesk(
  options: {
    readonly change?: (yaml: string) => string;
    readonly sender?: (real: Sender) => Sender;
    /** Text of an operator's own judgement file, words/rules.yaml. */
    readonly words?: string;
  } = {},
): Promise<FolderDesk> {
  const folder = mkdtempSync(join(tmpdir(), 'exitdesk-desk-'));
  for (const name of ['letters/new', 'inbox/new', 'inbox/cur', 'inbox/tmp', 'sent/new', 'sent/cur', 'sent/tmp']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  if (options.words !== undefined) {
    mkdirSync(join(folder, 'words'));
    writeFileSync(join(folder, 'words', 'rules.yaml'), options.words);
  }
  const file = join(folder, 'desk.yaml');
  writeFileSync(file, options.change?.(yaml) ?? yaml);
  const clock = { now: t0 };
  const host = { output: probeText() };
  const probe: Probe = async () => brought(host.output);
  const build = (): BuiltApp => {
    const built = buildApp(loadConfig(file, {}), { log: silentLog, clock: () => clock.now });
    return { ...built, probe, sender: options.sender?.(built.sender) ?? built.sender, random: () => 0 };
  };
  let app = build();
  let dropped = 0;
  const desk: FolderDesk = {
    get app() {
      return app;
    },
    folder,
    clock,
    host,
    drop: (raw, to = 'inbox') => {
      dropped += 1;
      const path = join(folder, to, 'new', `${String(dropped).padStart(6, '0')}.test`);
      writeFileSync(path, raw.replaceAll(/\r?\n/g, '\r\n'));
      utimesSync(path, clock.now / 1000, clock.now / 1000);
    },
    pass: () => drainOnce(app, new AbortController().signal),
    case: (id) => {
      const kase = caseById(app.db, id as CaseId);
      if (kase === null) throw new Error(`no case ${id}`);
      return kase;
    },
    journal: (id) => journalOf(app.db, id as CaseId).map((line) => line.type),
    letters: () =>
      readdirSync(join(folder, 'letters', 'new'))
        .map((name) => readFileSync(join(folder, 'letters', 'new', name), 'utf8'))
        .toSorted((a, b) => (headerOf(a, 'Date') < headerOf(b, 'Date') ? -1 : 1)),
    restart: async (change) => {
      await app.close();
      if (change !== undefined) writeFileSync(file, change(readFileSync(file, 'utf8')));
      app = build();
    },
    stop: async () => {
      await app.close();
      rmSync(folder, { recursive: true });
    },
  };
  return desk;
}

const silentLog = { info: () => undefined, warn: () => undefined, error: () => undefined, fatal: () => undefined };

/** A header of a raw mail, unfolded; '' where it is missing. */
export function headerOf(raw: string, name: string): string {
  const head = raw.slice(0, raw.search(/\r?\n\r?\n/)).replace(/\r?\n[ \t]+/g, ' ');
  const line = head.split(/\r?\n/).find((l) => l.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line?.slice(name.length + 1).trim() ?? '';
}

let counter = 0;

type MailChange = {
  readonly from?: string;
  readonly to?: string;
  readonly subject?: string;
  readonly headers?: readonly string[];
  readonly text?: string;
};

/** A person's plain complaint; every call makes another mail. */
export function aComplaint(change: MailChange = {}): string {
  counter += 1;
  const from = change.from ?? 'Jane Miller <jane@site.example>';
  const domain = /@([^>]+)>?$/.exec(from)?.[1] ?? 'site.example';
  return [
    `From: ${from}`,
    `To: ${change.to ?? 'abuse@exits.example'}`,
    `Subject: ${change.subject ?? 'Attack on our server'}`,
    `Message-ID: <mail-${counter}@${domain}>`,
    'Date: Mon, 02 Nov 2026 07:58:00 +0000',
    ...(change.headers ?? []),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    change.text ??
      `Hello,\n\nyour machine 198.51.100.10 has been trying to log in to our server by SSH since this morning.\nPlease have a look and make it stop.\n\nNov  2 06:12:01 web sshd[811]: Failed password for root from 198.51.100.10 port 40022 ssh2\n\nRegards\nJane Miller\n`,
    '',
  ].join('\n');
}

/** What fail2ban's complain action writes, in form; `from` is the machine that reports. */
export function aRobotsComplaint(from = 'fail2ban@web.site.example'): string {
  return aComplaint({
    from: `Fail2Ban <${from}>`,
    subject: 'Abuse from 198.51.100.10',
    headers: ['Auto-Submitted: auto-generated'],
    text: 'Dear Sir/Madam,\n\nWe have detected abuse from the IP address 198.51.100.10.\nLog lines are given below.\n\n(This mail was generated by Fail2Ban)\n\nNov  2 06:12:01 web sshd[811]: Failed password for root from 198.51.100.10 port 40022 ssh2\n',
  });
}
