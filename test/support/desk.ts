/** A whole desk in a folder of its own: its configuration, the daemon as a real child process, its commands and its records. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import type { Case, CaseId } from '../../src/core/case.ts';
import { caseById, journalOf, type JournalRow, listCases } from '../../src/store/cases.ts';
import { latestMails, type MailRow } from '../../src/store/mails.ts';
import type { Db } from '../../src/store/open.ts';
import { scratchFolder, until } from './servers.ts';
import type { Sshd } from './sshd.ts';
import type { People, World } from './world.ts';

const program = fileURLToPath(new URL('../../src/exitdesk.mjs', import.meta.url));

/** The program is compiled once for all the processes of the tests: each starts in half the time. */
const compiled = join(tmpdir(), 'exitdesk-tests-compiled');

/** Where the exit of the stories stands in the inventory; its machine is reached over loopback. */
export const EXIT = '198.51.100.10';

export type DeskOptions = {
  readonly people: People;
  /** The machine behind the exit; default: the world's. */
  readonly host?: Pick<Sshd, 'port' | 'user' | 'keyFile' | 'hostKeyLine'>;
  /** Sections of the configuration, or parts of them, that differ. */
  readonly settings?: Settings;
};

export type Settings = { readonly [key: string]: unknown };

export type Daemon = {
  readonly pid: number;
  readonly log: () => string;
  readonly running: () => boolean;
  /** Resolves with exit code or signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** SIGTERM, and how it ended. */
  readonly stop: () => Promise<number | NodeJS.Signals>;
};

export type LaunchOptions = {
  /** Modules that are loaded before the program. */
  readonly imports?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
};

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

export type Desk = {
  readonly people: People;
  readonly folder: string;
  readonly config: string;
  /** Starts the daemon and waits until its loops run. */
  readonly start: (options?: LaunchOptions) => Promise<Daemon>;
  /** The same without waiting for anything. */
  readonly launch: (options?: LaunchOptions) => Daemon;
  /** Runs a command of exitdesk to its end. */
  readonly run: (...args: readonly string[]) => Promise<Ran>;
  /** Changes sections of the configuration, for the next start. */
  readonly configure: (settings: Settings) => void;
  /** Reads the desk's records, whoever is writing them. */
  readonly read: <T>(look: (db: Db) => T) => T;
  readonly cases: () => readonly Case[];
  readonly mails: () => readonly MailRow[];
  readonly journal: (id: number) => readonly JournalRow[];
  /** Waits until a case is in one of these states. */
  readonly untilState: (id: number, ...states: readonly Case['state'][]) => Promise<Case>;
  /** Ends whatever still runs and removes the folder. */
  readonly remove: () => Promise<void>;
};

export function createDesk(world: World, options: DeskOptions): Desk {
  const { people } = options;
  const scratch = scratchFolder('desk');
  const folder = scratch.path;
  const config = join(folder, 'desk.yaml');
  const database = join(folder, 'data', 'exitdesk.sqlite');
  const daemons = new Set<Daemon>();
  let settings = merge(baseSettings(world, options), options.settings ?? {});
  const write = (): void => writeFileSync(config, JSON.stringify(settings, null, 2));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'password'), world.dovecot.password, { mode: 0o600 });
  writeFileSync(join(folder, 'imap-ca.pem'), world.dovecot.ca);
  writeFileSync(join(folder, 'smtp-ca.pem'), world.postfix.ca);
  write();

  const read = <T>(look: (db: Db) => T): T => {
    const db = new Database(database, { readonly: true, timeout: 5000 });
    try {
      return look(db);
    } finally {
      db.close();
    }
  };
  const launch = (how: LaunchOptions = {}): Daemon => {
    const daemon = startDaemon(config, how);
    daemons.add(daemon);
    return daemon;
  };
  return {
    people,
    folder,
    config,
    read,
    launch,
    start: async (how) => {
      const daemon = launch(how);
      await until('the daemon has started', () => {
        if (!daemon.running()) throw new Error(`the daemon ended at start: ${daemon.log()}`);
        return daemon.log().includes('"msg":"started"');
      });
      return daemon;
    },
    run: (...args) => runCommand(config, args),
    configure: (changes) => {
      settings = merge(settings, changes);
      write();
    },
    cases: () => read((db) => listCases(db, null, 100)).toReversed(),
    mails: () => read((db) => latestMails(db, { toPerson: false, limit: 100 })).toReversed(),
    journal: (id) => read((db) => journalOf(db, id as CaseId)),
    untilState: (id, ...states) =>
      until(`case ${id} is ${states.join(' or ')}`, () => {
        const kase = read((db) => caseById(db, id as CaseId));
        return kase !== null && states.includes(kase.state) && kase;
      }),
    remove: async () => {
      for (const daemon of daemons) daemon.kill('SIGKILL');
      await Promise.all([...daemons].map((daemon) => daemon.ended));
      scratch.remove();
    },
  };
}

/** The configuration of a desk that answers by itself, as an operator of one small exit would write it. */
function baseSettings(world: World, { people, host = world.host }: DeskOptions): Settings {
  const { dovecot, postfix } = world;
  const login = { host: '127.0.0.1', user: people.desk, passwordFile: 'password' };
  return {
    desk: { name: 'Abuse desk', organisation: 'Exits Example', addresses: [people.desk], tokenPrefix: 'EX' },
    mailboxes: [
      {
        name: 'abuse',
        pollEvery: '5 s',
        imap: { ...login, port: dovecot.imapsPort, security: 'tls', caFile: 'imap-ca.pem', sentFolder: 'Sent' },
      },
    ],
    sending: {
      smtp: { ...login, port: postfix.submissionPort, security: 'starttls', caFile: 'smtp-ca.pem' },
      proofWait: '3 s',
    },
    nodes: [
      {
        name: 'helium',
        addresses: [EXIT],
        hostnames: ['helium.exits.example'],
        from: '2024-01-01',
        check: {
          host: '127.0.0.1',
          port: host.port,
          user: host.user,
          keyFile: host.keyFile,
          hostKeys: [host.hostKeyLine],
          // What a bare container can show: it keeps no log, no list of logins and no sessions.
          required: ['processes', 'open-files'],
          oneLog: false,
          emptyIsFine: ['logins', 'sessions'],
          ownSources: ['127.0.0.1'],
          ownAccounts: [host.user],
        },
      },
    ],
    handlers: [{ name: 'ada', address: people.handler, signsAs: 'Ada' }],
    letters: {
      facts: {
        organisationDescription: 'a small association that runs Tor relays so that people can use the Internet freely',
        noLogs: true,
        blocksOnRequest: true,
        smtpPortClosed: true,
      },
    },
    policy: { mode: 'auto' },
    // Digests would come at any hour of the day on which the tests run; a story about them asks for them.
    digest: { daily: false, weekly: false },
    storage: { path: 'data/exitdesk.sqlite' },
  };
}

/** Objects are merged, everything else is replaced. */
function merge(base: Settings, changes: Settings): Settings {
  const entries = Object.entries(changes).map(([key, value]) => {
    const before = base[key];
    return [key, isSettings(before) && isSettings(value) ? merge(before, value) : value];
  });
  return { ...base, ...(Object.fromEntries(entries) as Settings) };
}

function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function startDaemon(config: string, { imports = [], env = {} }: LaunchOptions): Daemon {
  const flags = imports.flatMap((file) => ['--import', file]);
  const command = ['--', process.execPath, ...flags, program, 'run', '--config', config];
  // However this process dies, the kernel ends the daemon with it (prctl(2)).
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: compiled, ...env },
  });
  let log = '';
  let running = true;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => {
      running = false;
      resolve(code ?? signal ?? 1);
    });
  });
  return {
    pid: child.pid ?? 0,
    log: () => log,
    running: () => running,
    ended,
    kill: (signal) => child.kill(signal),
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

function runCommand(config: string, args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: compiled, EXITDESK_CONFIG: config },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}
