import { stateOf } from '../baseline.ts';
import type { Baseline } from '../check.ts';
import type { HostView } from '../host-view.ts';
import type { HostRule } from '../rule.ts';

/** What is there now and was not when a handler accepted the state of the node. Without a baseline none of these fires. */
export const baselineRules: readonly HostRule[] = [
  {
    id: 'new-account',
    part: 'accounts',
    severity: 'suspicious',
    reason:
      'An account, a member of a group with rights, a sudoers file, or a program that runs as root for everybody is new or changed since the state was accepted',
    find: (host) => added(host, 'accounts'),
  },
  {
    id: 'new-key',
    part: 'keys',
    severity: 'suspicious',
    reason: 'A key that opens an account is new since the state was accepted',
    find: (host) => added(host, 'keys'),
  },
  {
    id: 'new-listener',
    part: 'open-files',
    severity: 'suspicious',
    reason: 'A program listens on the network that did not when the state was accepted',
    find: (host) => added(host, 'listeners'),
  },
  {
    id: 'new-program',
    part: 'processes',
    severity: 'suspicious',
    reason: 'A program that belongs to no package folder runs and did not when the state was accepted',
    find: (host) => added(host, 'programs').filter((line) => !isPackaged(line)),
  },
  {
    id: 'new-packaged-program',
    part: 'processes',
    severity: 'notice',
    reason: 'A program of the system runs, under this account, that did not when the state was accepted',
    find: (host) => added(host, 'programs').filter(isPackaged),
  },
  {
    id: 'new-autostart',
    part: 'autostart',
    severity: 'suspicious',
    reason: 'Something that starts by itself and belongs to no package is new or changed since the state was accepted',
    find: (host) => filesOf(host, 'nobody'),
  },
  {
    id: 'changed-package-autostart',
    part: 'autostart',
    severity: 'notice',
    reason: 'Something of a package that starts by itself is new or changed since the state was accepted',
    find: (host) => filesOf(host, 'package'),
  },
  {
    id: 'tor-config-changed',
    part: 'tor',
    severity: 'notice',
    reason: 'The configuration of tor was changed since the state was accepted',
    find: (host) => filesOf(host, 'tor'),
  },
];

function added(host: HostView, what: keyof Baseline): readonly string[] {
  if (host.baseline === null) return [];
  const accepted = new Set(host.baseline[what]);
  return stateOf(host)[what].filter((line) => !accepted.has(line));
}

function isPackaged(line: string): boolean {
  return /^\S+ \/(?:usr\/(?:bin|sbin|lib|lib64|libexec)|bin|sbin|lib|lib64)\//.test(line);
}

/** Of these lines, the ones about files that a package owns, that are tor's, or neither. */
function filesOf(host: HostView, whose: 'package' | 'tor' | 'nobody'): readonly string[] {
  const owned = new Set(host.rows('autostart', 'owned'));
  const tor = new Set(host.rows('tor', 'config').map((row) => row.split(' ').slice(2).join(' ')));
  const ownerOf = (path: string): typeof whose => (owned.has(path) ? 'package' : tor.has(path) ? 'tor' : 'nobody');
  return added(host, 'files').filter((line) => ownerOf(line.replace(/^\S+ /, '')) === whose);
}
