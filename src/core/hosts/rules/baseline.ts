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
      'An account, a member of a group with rights, or a sudoers file is new or changed since the state was accepted',
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
    find: (host) => changedFiles(host).filter((line) => !isOwned(host, line) && !isTor(host, line)),
  },
  {
    id: 'changed-package-autostart',
    part: 'autostart',
    severity: 'notice',
    reason: 'Something of a package that starts by itself is new or changed since the state was accepted',
    find: (host) => changedFiles(host).filter((line) => isOwned(host, line)),
  },
  {
    id: 'tor-config-changed',
    part: 'tor',
    severity: 'notice',
    reason: 'The configuration of tor was changed since the state was accepted',
    find: (host) => changedFiles(host).filter((line) => isTor(host, line)),
  },
];

function added(host: HostView, what: keyof Baseline): readonly string[] {
  if (host.baseline === null) return [];
  const accepted = new Set(host.baseline[what]);
  return stateOf(host)[what].filter((line) => !accepted.has(line));
}

function changedFiles(host: HostView): readonly string[] {
  return added(host, 'files');
}

function isPackaged(line: string): boolean {
  return /^\S+ \/(?:usr\/(?:bin|sbin|lib|lib64|libexec)|bin|sbin|lib|lib64)\//.test(line);
}

function pathOf(line: string): string {
  return line.replace(/^\S+ /, '');
}

function isOwned(host: HostView, line: string): boolean {
  return host.rows('autostart', 'owned').includes(pathOf(line));
}

function isTor(host: HostView, line: string): boolean {
  return host.rows('tor', 'config').some((row) => row.endsWith(` ${pathOf(line)}`));
}
