import { DateTime } from 'luxon';
import type { CheckPart } from '../check.ts';
import { readLastTime } from '../host-view.ts';
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
          /password changed for|change user '[^']*' password/.test(l.message),
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
      // Without its time: what a handler cleared is not news again at each run.
      logParts
        .flatMap((part) => host.log(part))
        .filter(
          (l) =>
            /^(?:cron|crond|anacron|\/usr\/sbin\/cron)$/i.test(l.program) &&
            /^\(\S+\) CMD \(/.test(l.message) &&
            isBadCommand(l.message.replace(/^\(\S+\) CMD \(\s*/, '')),
        )
        .map((l) => `${l.program}: ${l.message}`),
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
          /(?<![\w.-])(?!veth|docker|br-|virbr|vnet|tap|lxc)[a-z][\w.-]*: entered promiscuous mode|device (?!veth|docker|br-|virbr|vnet|tap|lxc)\S+ entered promiscuous mode/.test(
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
      'A log or the register of logins was emptied in place while the machine was up, and no rotation of logs explains it',
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

/** A log that is longer than this is read from its end only: its first line is not known. */
const readWholeBytes = 4_000_000;
const hour = 3_600;

/**
 * "PATH SIZE BORN CHANGED OLDER" of a log (seconds). Emptied in place: it is empty and was changed after it was made, while
 * the machine was up; or its first line is hours younger than the file, and the machine was up in between. A daemon makes its
 * file for the first line. A rotation makes a new file, or (logrotate's copytruncate) an older part and empties the file then:
 * what came more than a moment after both was no rotation.
 */
function emptiedLogs(host: HostView): readonly string[] {
  const boot = Number(host.facts.get('boot'));
  return (['logins', ...logParts] as const).flatMap((part) => {
    const first = firstLineAt(host, part);
    return host.rows(part, 'file').filter((row) => {
      const [, ...rest] = row.split(' ');
      const older = rest.pop();
      const [size = NaN, born = NaN, changed = NaN] = rest.slice(-3).map(Number);
      const rotated = older === 'no' ? 0 : Number(older);
      if (!(boot > 0) || !(born > 0) || !(rotated >= 0)) return false;
      if (size === 0) return changed > born + 10 && changed > boot + 300 && (rotated === 0 || changed > rotated + 60);
      // A new file of a quiet host may wait for its first line; one that was never rotated was made for it.
      const quiet = (rotated === 0 ? 6 : 24) * hour;
      return size < readWholeBytes && first !== null && first > Math.max(born, rotated) + quiet && first > boot + quiet;
    });
  });
}

/** When the first line of a log was written (seconds UTC), as the script tells it; null where it does not. */
function firstLineAt(host: HostView, part: CheckPart): number | null {
  const text = host.rows(part, 'began')[0]?.replaceAll('_', ' ') ?? '';
  if (/^\d{4}-/.test(text)) {
    const at = DateTime.fromISO(text, { setZone: true });
    return at.isValid ? at.toSeconds() : null;
  }
  // The traditional form is in the host's own zone: "+0200" shifts it.
  const local = readLastTime(`Mon ${text}`, host.now);
  const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)$/.exec(host.facts.get('zone') ?? '') ?? [];
  if (local === null || sign === undefined) return null;
  return local / 1000 - (sign === '-' ? -1 : 1) * (Number(hours) * hour + Number(minutes) * 60);
}
