import { DateTime } from 'luxon';
import { assertNever } from '../../errors.ts';
import type { HostCheck, PartResult } from './check.ts';

/**
 * The check in lines for letters and people outside: when it was done, and what it found, without any line of the host. A
 * check proves only what it looked at, so a clean one says "found no sign of", never that a machine is not compromised.
 */
export function describeCheck(check: HostCheck): string[] {
  const when = instant(check.at);
  const done = check.parts.filter((p) => p.status === 'done').map(partName);
  switch (check.verdict) {
    case 'clean':
      return [
        `On ${when} we checked the machine itself. Our check found no sign of a break-in.`,
        `It looked at: ${done.join(', ')}.`,
      ];
    case 'suspicious':
      return [
        `On ${when} we checked the machine itself. Our check found something that a person has to look at first.`,
      ];
    case 'could-not-check':
      return [`On ${when} we tried to check the machine itself; the check could not be completed.`];
    default:
      return assertNever(check.verdict);
  }
}

function instant(at: number): string {
  return DateTime.fromMillis(at, { zone: 'utc' }).toFormat("yyyy-LL-dd HH:mm 'UTC'");
}

function partName({ part }: PartResult): string {
  switch (part) {
    case 'logins':
      return 'past logins';
    case 'sessions':
      return 'open sessions';
    case 'processes':
      return 'running processes';
    case 'open-files':
      return 'open files and sockets';
    case 'auth-log':
      return 'the log of logins';
    case 'syslog':
      return 'the system log';
    case 'daemon-log':
      return 'the log of services';
    case 'accounts':
      return 'accounts';
    case 'keys':
      return 'keys that open accounts';
    case 'autostart':
      return 'what starts by itself';
    case 'packages':
      return 'programs against their packages';
    case 'tor':
      return 'tor itself';
    default:
      return assertNever(part);
  }
}
