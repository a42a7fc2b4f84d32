import { canonicalIp } from '../../addresses/ip.ts';
import { readLastTime } from '../host-view.ts';
import type { HostLogin, HostView, LogLine } from '../host-view.ts';
import type { CheckPart } from '../check.ts';
import type { HostRule } from '../rule.ts';

/** Logins older than this were for earlier checks to see; a register reaches back for months. */
const recentMs = 14 * 86_400_000;

/**
 * Who logged in, and from where. What is expected: an account of ours from a place of ours, and the probe's own login.
 * One of the two unknown is worth a notice, both unknown is suspicious, and so is a password where a key is expected.
 */
export const loginRules: readonly HostRule[] = [
  {
    id: 'login-unknown',
    part: 'logins',
    severity: 'suspicious',
    reason: 'Somebody logged in with an account and from an address that are both not ours',
    find: (host) => linesOf(pastLogins(host), (l) => judgeLogin(host, l) === 'unknown'),
  },
  {
    id: 'login-half-known',
    part: 'logins',
    severity: 'notice',
    reason:
      'Somebody logged in with an unknown account from one of our addresses, or with one of our accounts from a new place',
    find: (host) => linesOf(pastLogins(host), (l) => judgeLogin(host, l) === 'half-known'),
  },
  {
    id: 'session-unknown',
    part: 'sessions',
    severity: 'suspicious',
    reason: 'A session is open now whose account and address are both not ours',
    find: (host) => linesOf(openSessions(host), (l) => judgeLogin(host, l) === 'unknown'),
  },
  {
    id: 'session-half-known',
    part: 'sessions',
    severity: 'notice',
    reason:
      'A session is open now with an unknown account from one of our addresses, or with one of our accounts from a new place',
    find: (host) => linesOf(openSessions(host), (l) => judgeLogin(host, l) === 'half-known'),
  },
  {
    id: 'session-unregistered',
    part: 'open-files',
    severity: 'suspicious',
    reason: 'An SSH login is connected now whose account and address are both not ours',
    find: (host) => linesOf(connectedLogins(host), (l) => judgeLogin(host, l) === 'unknown'),
  },
  {
    id: 'accepted-unknown',
    part: 'auth-log',
    severity: 'suspicious',
    reason: 'sshd accepted a login of an account and from an address that are both not ours',
    find: (host) => linesOf(acceptedLogins(host), (l) => judgeLogin(host, l) === 'unknown'),
  },
  {
    id: 'accepted-password-elsewhere',
    part: 'auth-log',
    severity: 'suspicious',
    reason: 'sshd accepted a password, not a key, from an address that is not ours',
    find: (host) =>
      linesOf(
        acceptedLogins(host),
        (l) =>
          l.method === 'password' &&
          judgeLogin(host, l) === 'half-known' &&
          !(l.source !== null && host.isOwnSource(l.source)),
      ),
  },
  {
    id: 'accepted-half-known',
    part: 'auth-log',
    severity: 'notice',
    reason: 'sshd accepted an unknown account from one of our addresses, or one of our accounts from a new place',
    find: (host) =>
      linesOf(
        acceptedLogins(host),
        (l) =>
          judgeLogin(host, l) === 'half-known' &&
          (l.method !== 'password' || (l.source !== null && host.isOwnSource(l.source))),
      ),
  },
  {
    id: 'failed-logins',
    part: 'auth-log',
    severity: 'info',
    reason: 'Logins that sshd refused, as every machine on the Internet has them',
    find: (host) => host.rows('auth-log', 'sum').filter((sum) => /\bfailed [1-9]/.test(sum)),
  },
];

type Known = 'known' | 'half-known' | 'unknown';

/** A console login has no source: whoever is there is at the machine or at its provider's console. */
function judgeLogin(host: HostView, login: HostLogin): Known {
  const account = host.isOwnAccount(login.account);
  if (login.source === null) return account ? 'known' : 'half-known';
  const source = host.isOwnSource(login.source);
  if (account && source) return 'known';
  return account || source ? 'half-known' : 'unknown';
}

function linesOf(logins: readonly HostLogin[], fires: (login: HostLogin) => boolean): readonly string[] {
  return logins.filter(fires).map((l) => l.line);
}

/** What `last` shows for the system's own events, and above its columns. */
const systemEvents: ReadonlySet<string> = new Set([
  'reboot',
  'shutdown',
  'runlevel',
  'boot',
  'crash',
  'date',
  'LOGIN',
  'USER',
]);

function pastLogins(host: HostView): readonly HostLogin[] {
  const rows = [...host.rows('logins', 'row'), ...host.rows('logins', 'lastlog')];
  return rows
    .map((line) => readRow(line, host))
    .filter((login) => login !== null)
    .filter(
      (l) =>
        host.now === null || l.at === null || l.at > host.now - recentMs || /still (?:logged|running)/.test(l.line),
    );
}

/** "root  pts/0  192.0.2.5  Tue May 20 10:00:00 2025 ..."; the address may be missing, 0.0.0.0, or a name. */
function readRow(line: string, host: HostView): HostLogin | null {
  const words = line.trim().split(/\s+/);
  const [account = '', terminal = '', third = ''] = words;
  // An account of such a name on a terminal is an account.
  if (account === '' || /^\S+\s+(?:system (?:boot|down)|\(to lvl|~)/.test(line)) return null;
  if (systemEvents.has(account) && !/^(?:pts|tty|ssh)/.test(terminal)) return null;
  return { account, source: sourceOf(third), method: 'unknown', at: readLastTime(line, host.now), line };
}

/** Null for a console or a terminal multiplexer; a host name stays a name, which is never one of our addresses. */
function sourceOf(word: string): string | null {
  if (
    word === '' ||
    word === '-' ||
    /^(?:0\.0\.0\.0|::|:\d|tmux\(|mosh|localhost$)/.test(word) ||
    /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)$/.test(word)
  )
    return null;
  if (/:S\.\d+$/.test(word)) return null;
  return canonicalIp(word) ?? word;
}

function openSessions(host: HostView): readonly HostLogin[] {
  const who = host.rows('sessions', 'who').map((line): HostLogin => {
    const words = line.trim().split(/\s+/);
    const place = /\(([^()]*)\)$/.exec(line.trimEnd())?.[1] ?? (words.length > 6 ? (words.at(-1) ?? '') : '');
    return { account: words[0] ?? '', source: sourceOf(place), method: 'unknown', at: null, line };
  });
  const logind = host.rows('sessions', 'loginctl').map((line): HostLogin => {
    const [account = '', , source = ''] = line.split(' ');
    return { account, source: sourceOf(source), method: 'unknown', at: null, line };
  });
  return [...who, ...logind].filter((l) => l.account !== '' && l.account !== 'USER');
}

/** Connections of sshd whose process title says that the login is past ("sshd: account@pts/0"). */
function connectedLogins(host: HostView): readonly HostLogin[] {
  return host.rows('open-files', 'conn').flatMap((row) => {
    const [pid = '', , command = '', , , peer = ''] = row.split(' ');
    if (!command.startsWith('sshd')) return [];
    const process = host.processes.get(pid);
    const account = /sshd(?:-session)?: ([^\s@]+)@/.exec(process?.args ?? process?.line ?? '')?.[1];
    return account === undefined
      ? []
      : [
          {
            account,
            source: sourceOf(peer),
            method: 'unknown' as const,
            at: null,
            line: `${process?.line ?? ''} <- ${peer}`,
          },
        ];
  });
}

/** Messages are read from their first letter on: a name that a client made up cannot pose as an accepted login. */
const accepted: readonly { readonly program: RegExp; readonly message: RegExp }[] = [
  { program: /^sshd/, message: /^Accepted (?<method>\S+) for (?<account>\S+) from (?<source>\S+) port \d+/ },
  {
    program: /^dropbear$/,
    message:
      /^(?<method>Password|Pubkey) auth succeeded for '(?<account>[^']+)' (?:with .* )?from <?(?<source>[\d.a-f:]+):\d+>?$/,
  },
];

function acceptedLogins(host: HostView): readonly HostLogin[] {
  return logLines(host, ['auth-log', 'syslog']).flatMap((l) => {
    const form = accepted.find((a) => a.program.test(l.program));
    const found = form?.message.exec(l.message)?.groups;
    if (found === undefined) return [];
    const { method = '', account = '', source = '' } = found;
    const kind = /publickey|hostbased|gssapi|Pubkey/.test(method) ? 'publickey' : 'password';
    return [
      { account, source: canonicalIp(source) ?? source, method: kind, at: null, line: l.line } satisfies HostLogin,
    ];
  });
}

function logLines(host: HostView, parts: readonly CheckPart[]): readonly LogLine[] {
  return parts.flatMap((part) => host.log(part));
}
