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

/** The check in lines for handlers: verdict and reasons, each part of the list, each finding with its quoted line. */
export function listCheck(check: HostCheck): string[] {
  const parts = check.parts.filter((p) => p.required || p.status !== 'missing' || p.note !== null);
  return [
    `${check.node}: ${check.verdict} (${instant(check.at)}, took ${(check.tookMs / 1000).toFixed(1)} s)`,
    ...check.because.map((reason) => `  ${reason}`),
    ...parts.map(
      (p) =>
        `  ${p.part}: ${p.status}${p.required ? '' : ', not required'}${p.by === null ? '' : `, by ${p.by}`}${p.note === null ? '' : ` (${p.note})`}`,
    ),
    ...check.findings.flatMap((f) => [`  ${f.severity}: ${f.reason} [${f.rule}]`, `    | ${f.line}`]),
  ];
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
    default:
      return assertNever(part);
  }
}
