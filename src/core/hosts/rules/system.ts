import { isTorProgram } from '../host-facts.ts';
import type { HostView } from '../host-view.ts';
import type { HostRule } from '../rule.ts';
import { isBadCommand, isInOpenFolder } from './processes.ts';

/** What changed within this time is worth a line, where nothing says that it belongs there. */
const latelySeconds = 7 * 86_400;

/** What intruders leave behind: accounts, keys, things that start by themselves, programs that are not what they were. */
export const systemRules: readonly HostRule[] = [
  {
    id: 'second-root',
    part: 'accounts',
    severity: 'suspicious',
    reason: 'An account beside root has the number of root, and with it all its rights',
    find: (host) => host.rows('accounts', 'account').filter((row) => isSecondRoot(host, row)),
  },
  {
    id: 'account-without-password',
    part: 'accounts',
    severity: 'notice',
    reason: 'An account has an empty password',
    find: (host) => host.rows('accounts', 'open'),
  },
  {
    id: 'root-program-planted',
    part: 'accounts',
    severity: 'suspicious',
    reason:
      'A shell, an interpreter or the like, a hidden program, or one in a folder where anybody may write runs as root for everybody who starts it',
    find: (host) =>
      host
        .rows('accounts', 'suid')
        .filter((path) => isPlanted(path))
        .map((path) => `suid ${path}`),
  },
  {
    id: 'keys-changed-lately',
    part: 'keys',
    severity: 'notice',
    reason: 'The keys that open an account were changed within the last seven days',
    find: (host) =>
      host.baseline === null ? host.rows('keys', 'file').filter((row) => isLate(host, row.split(' ')[1])) : [],
  },
  {
    id: 'autostart-bad-command',
    part: 'autostart',
    severity: 'suspicious',
    reason:
      'A cron job or a unit runs a command as intruders plant them: a download into a shell, a miner, a program in /tmp',
    find: (host) => [
      ...host.rows('autostart', 'job').filter((row) => isBadCommand(commandOfJob(row))),
      ...host.rows('autostart', 'exec').filter((row) => isBadCommand(row.replace(/^\S+ /, ''))),
    ],
  },
  {
    id: 'autostart-changed-lately',
    part: 'autostart',
    severity: 'notice',
    reason: 'Something that starts by itself and belongs to no package was made or changed within the last seven days',
    find: (host) => (host.baseline === null ? unowned(host).filter((row) => isLate(host, row.split(' ')[0])) : []),
  },
  {
    id: 'preload-for-all',
    part: 'autostart',
    severity: 'suspicious',
    reason: 'A library is forced into every program (/etc/ld.so.preload), which hardly any honest system does',
    find: (host) => host.rows('autostart', 'preload').filter((row) => !/\blibarmmem/.test(row)),
  },
  {
    id: 'preload-from-open-folder',
    part: 'autostart',
    severity: 'suspicious',
    reason: 'A process was started with a library from a folder where anybody may write',
    find: (host) => host.rows('autostart', 'preloaded').filter((row) => row.split(/[ :]/).some(isInOpenFolder)),
  },
  {
    id: 'program-changed',
    part: 'packages',
    severity: 'suspicious',
    reason: 'A program or library on which this check relies is not the one that its package brought',
    find: (host) => host.rows('packages', 'changed').filter((row) => /\/(?:s?bin|lib\w*|libexec)\//.test(row)),
  },
  {
    id: 'program-gone',
    part: 'packages',
    severity: 'notice',
    reason: 'A program that its package brought is not there any more',
    find: (host) => host.rows('packages', 'gone'),
  },
  {
    id: 'only-named-tor',
    part: 'tor',
    severity: 'notice',
    reason:
      'A process that is taken for tor, by its name, arguments or account, runs another program; its connections are not looked at',
    find: (host) => host.rows('tor', 'process').filter((row) => !isTorProgram(row.split(' ').slice(2).join(' '))),
  },
  {
    id: 'tor-not-running',
    part: 'tor',
    severity: 'info',
    reason: 'Tor does not run on this host now',
    find: (host) =>
      host.rows('tor', 'process').length === 0 ? host.rows('tor', 'package').map((row) => `tor ${row}`) : [],
  },
];

/** A program with the rights of root (mode 4000) that no package would bring: a shell or the like, a hidden one, or one in an open folder. */
function isPlanted(path: string): boolean {
  return (
    isInOpenFolder(path) ||
    /\/(?:\.[^/]*|(?:r?ba|da|a|z|k|mk|c|tc|fi)?sh|python[\d.]*|perl[\d.]*|ruby[\d.]*|php[\d.]*|node|find|vim?|nmap|env)$/.test(
      path,
    )
  );
}

/** Files that start by themselves and belong to no package: "SECONDS SHA256 PATH". */
function unowned(host: HostView): readonly string[] {
  const owned = new Set(host.rows('autostart', 'owned'));
  return host.rows('autostart', 'file').filter((row) => !owned.has(row.split(' ').slice(2).join(' ')));
}

/** FreeBSD brings "toor" with the number of root, without a password. */
function isSecondRoot(host: HostView, row: string): boolean {
  const [name, uid] = row.split(' ');
  return uid === '0' && name !== 'root' && !(name === 'toor' && host.facts.get('os') === 'FreeBSD');
}

function isLate(host: HostView, seconds: string | undefined): boolean {
  const changed = Number(seconds);
  return host.now !== null && changed > 0 && host.now / 1000 - changed < latelySeconds;
}

/** The command of "FILE SCHEDULE [ACCOUNT] COMMAND": the system's own tables name the account, those of accounts do not. */
function commandOfJob(row: string): string {
  const [file = '', ...words] = row.split(/\s+/);
  const schedule = words[0]?.startsWith('@') === true ? 1 : 5;
  return words.slice(schedule + (file.startsWith('/etc/') ? 1 : 0)).join(' ');
}
