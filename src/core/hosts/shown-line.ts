import { utcTime } from '../utc-time.ts';
import type { Finding } from './check.ts';

/**
 * A finding's line as people read it: a date for a number of seconds, and no digest. What is stored, cleared and compared is the
 * line itself. A line of another rule or form stays as it is.
 */
export function shownLine({ rule, line }: Pick<Finding, 'rule' | 'line'>): string {
  switch (rule) {
    case 'autostart-changed-lately':
      return line.replace(/^(\d{9,11}) \S* (.+)$/, (_, seconds, path) => changed(path, seconds));
    case 'keys-changed-lately':
      return line.replace(/^(\S+) (\d{9,11}) (.+)$/, (_, account, seconds, path) =>
        changed(`${account} ${path}`, seconds),
      );
    case 'log-emptied':
      return line.replace(/^(.+) (\d+) \d+ (\d{9,11}) \S+$/, (_, path, size, seconds) =>
        changed(`${path} ${size} bytes`, seconds),
      );
    case 'new-account':
      return line.replace(/^sudoers [0-9a-f]{64} /, 'sudoers ');
    case 'new-autostart':
    case 'changed-package-autostart':
    case 'tor-config-changed':
      return line.replace(/^[0-9a-f]{64} /, '');
    default:
      return line;
  }
}

function changed(what: string, seconds: string): string {
  return `${what}, last changed ${utcTime(Number(seconds) * 1000)}`;
}
