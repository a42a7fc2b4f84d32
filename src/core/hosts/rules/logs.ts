import type { CheckPart } from '../check.ts';
import type { HostView, LogLine } from '../host-view.ts';
import type { HostRule } from '../rule.ts';
import { isBadCommand } from './processes.ts';

const logParts: readonly CheckPart[] = ['auth-log', 'syslog', 'daemon-log'];

/** What the logs say beside logins. Packages make accounts and groups of their own: those cannot log in. */
export const logRules: readonly HostRule[] = [
  {
    id: 'second-root-made',
    part: 'auth-log',
    severity: 'suspicious',
    reason: 'An account with the rights of root was made',
    find: (host) => lines(host, (l) => l.program === 'useradd' && /^new user: .*\bUID=0\b/.test(l.message)),
  },
  {
    id: 'account-made',
    part: 'auth-log',
    severity: 'suspicious',
    reason: 'An account that can log in was made, and it is none of the accounts that are stated for this node',
    find: (host) => lines(host, (l) => madeAccount(l) !== null && !host.isOwnAccount(madeAccount(l) ?? '')),
  },
  {
    id: 'account-in-admin-group',
    part: 'auth-log',
    severity: 'suspicious',
    reason: 'An account was put into a group with the rights of root',
    find: (host) =>
      lines(
        host,
        (l) =>
          /^(?:useradd|usermod|gpasswd)$/.test(l.program) &&
          !ownIn(host, l) &&
          /(?:to (?:shadow )?group '?(?:sudo|wheel|root|adm|docker|disk|shadow)'?|user \S+ added by \S+ to group (?:sudo|wheel|root|docker|disk|shadow)\b)/.test(
            l.message,
          ),
      ),
  },
  {
    id: 'password-changed',
    part: 'auth-log',
    severity: 'notice',
    reason: 'The password of an account was changed',
    find: (host) =>
      lines(
        host,
        (l) =>
          /^(?:passwd|chpasswd|usermod)$/.test(l.program) &&
          /password changed for|change user '.*' password/.test(l.message),
      ),
  },
  {
    id: 'crontab-changed',
    part: 'syslog',
    severity: 'notice',
    reason: 'A crontab was changed',
    find: (host) => lines(host, (l) => /^cron(?:tab|d)?$/i.test(l.program) && /^\(\S+\) REPLACE \(/.test(l.message)),
  },
  {
    id: 'cron-runs-bad-command',
    part: 'syslog',
    severity: 'suspicious',
    reason: 'Cron runs a command as intruders plant them: a download into a shell, a miner, a program in /tmp',
    find: (host) =>
      lines(
        host,
        (l) =>
          /^(?:cron|crond|anacron|\/usr\/sbin\/cron)$/i.test(l.program) &&
          /^\(\S+\) CMD \(/.test(l.message) &&
          isBadCommand(l.message),
      ),
  },
  {
    id: 'not-in-sudoers',
    part: 'auth-log',
    severity: 'suspicious',
    reason: 'An account that may not use sudo tried to',
    find: (host) =>
      lines(
        host,
        (l) =>
          l.program === 'sudo' &&
          /^\s*(\S+) : .*(?:NOT in sudoers|command not allowed)/.test(l.message) &&
          !ownIn(host, l),
      ),
  },
  {
    id: 'became-root',
    part: 'auth-log',
    severity: 'notice',
    reason: 'An account that is not stated for this node became root',
    find: (host) => lines(host, (l) => becameRoot(l) !== null && !host.isOwnAccount(becameRoot(l) ?? '')),
  },
  {
    id: 'listens-to-all-traffic',
    part: 'syslog',
    severity: 'notice',
    reason: 'A network card was told to hand over everything that passes by',
    find: (host) =>
      lines(
        host,
        (l) =>
          l.program === 'kernel' &&
          /\b(?!veth|docker|br-|virbr|vnet|tap|lxc)[a-z][\w.-]*: entered promiscuous mode|device (?!veth|docker|br-|virbr|vnet|tap|lxc)\S+ entered promiscuous mode/.test(
            l.message,
          ),
      ),
  },
  {
    id: 'foreign-kernel-module',
    part: 'syslog',
    severity: 'notice',
    reason: 'A kernel module was loaded that does not belong to the kernel',
    find: (host) =>
      lines(
        host,
        (l) =>
          l.program === 'kernel' &&
          /loading out-of-tree module taints kernel|module verification failed/.test(l.message),
      ),
  },
  {
    id: 'log-emptied',
    part: 'auth-log',
    severity: 'suspicious',
    reason:
      'A log or the register of logins was emptied in place while the machine was up, and there is no rotated older one',
    find: emptiedLogs,
  },
];

function lines(host: HostView, fires: (line: LogLine) => boolean): readonly string[] {
  return logParts.flatMap((part) =>
    host
      .log(part)
      .filter(fires)
      .map((l) => l.line),
  );
}

/** The name of an account that useradd made with a shell to log in with; null for anything else. */
function madeAccount(l: LogLine): string | null {
  const found = /^new user: name=([^,]+),.*?(?:shell=([^,]+)|$)/.exec(l.message);
  if (l.program !== 'useradd' || found === null) return null;
  return /\/(?:nologin|false|sync)$/.test(found[2] ?? '') ? null : (found[1] ?? '');
}

function ownIn(host: HostView, l: LogLine): boolean {
  const name = /add '([^']+)' to|^\s*(\S+) : |user (\S+) added by/
    .exec(l.message)
    ?.slice(1)
    .find((n) => n !== undefined);
  return name !== undefined && host.isOwnAccount(name);
}

function becameRoot(l: LogLine): string | null {
  if (l.program === 'sudo')
    return (
      /^\s*(\S+) : (?!.*(?:NOT in sudoers|command not allowed|incorrect password)).*\bUSER=root\b/.exec(
        l.message,
      )?.[1] ?? null
    );
  if (l.program === 'su') return /^\(to root\) (\S+) on /.exec(l.message)?.[1] ?? null;
  return null;
}

/**
 * "PATH SIZE BORN CHANGED OLDER" of a log: emptied in place where it is empty, or where its first line is hours younger than
 * the file itself; a rotation leaves an older part, a fresh file is as old as its first line.
 */
function emptiedLogs(host: HostView): readonly string[] {
  const boot = Number(host.facts.get('boot'));
  return (['logins', ...logParts] as const).flatMap((part) =>
    host.rows(part, 'file').filter((row) => {
      const [, size = '', , changed = '', older = ''] = row.split(' ');
      if (older !== 'no' || !/^\d+$/.test(changed) || !(boot > 0)) return false;
      if (size === '0') return Number(changed) > boot + 300;
      return false;
    }),
  );
}
