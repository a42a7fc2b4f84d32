import { describe, expect, it } from 'vitest';
import type { CheckPart } from '../../../src/core/hosts/check.ts';
import { foundIn, ran } from '../../support/host-rules.ts';
import { probedAt } from '../../support/probe-text.ts';

describe('an ordinary host', () => {
  it.each<readonly [string, CheckPart, readonly string[]]>([
    [
      'reboots, our own logins and those of long ago',
      'logins',
      [
        'row reboot   system boot  0.0.0.0          Fri May  1 12:00:00 2026   still running',
        'row soft-reboot system boot  6.12.0-amd64  Sun May 17 20:34:26 2026 - still running',
        'row shutdown system down  6.12.0-amd64  Sun May 17 20:34:26 2026 - Sun May 17 20:35:00 2026  (00:01)',
        'row USER       TTY            HOST               LOGIN        TIME',
        'row exitdesk pts/0        192.0.2.10       Wed May 20 11:00:00 2026 - Wed May 20 11:00:02 2026  (00:00)',
        'row admin    pts/0        192.0.2.200      Wed May 20 09:00:00 2026   still logged in',
        'row admin    tty1         0.0.0.0          Wed May 20 09:00:00 2026 - down  (00:10)',
        'row root     pts/0        203.0.113.66     Thu Jan  8 03:12:44 2026 - Thu Jan  8 03:40:00 2026  (00:27)',
        'row root     pts/0        203.0.113.66     Thu Jan  8 03:12 - 03:40  (00:27)',
        'row runlevel (to lvl 5)   0.0.0.0          Fri May  1 12:00:09 2026   still running',
      ],
    ],
    [
      'our own sessions, also in tmux and screen',
      'sessions',
      [
        'who admin    pts/0        2026-05-20 11:58 (192.0.2.200)',
        'who admin    pts/1        2026-05-20 11:58 (tmux(4242).%0)',
        'who admin    pts/2        2026-05-20 11:58 (:pts/0:S.0)',
        'who admin    tty1         2026-05-20 11:58',
        'loginctl exitdesk - 192.0.2.10 sshd active',
      ],
    ],
    [
      'the processes of a Debian exit',
      'processes',
      [
        'before 1 2 14 500 510 520 600 700 701 702 800 900',
        'pids 1 2 14 500 510 520 600 700 701 702 800 900 4001',
        ...ran(1, 'systemd', '/usr/lib/systemd/systemd', '/sbin/init'),
        'stat 2 0 0 S kernel kthreadd',
        'stat 14 2 0 I kernel kworker/0:1-events',
        'stat 15 2 0 S kernel ksoftirqd/0',
        ...ran(
          500,
          'dbus-daemon',
          '/usr/bin/dbus-daemon (deleted)',
          '@dbus-daemon --system --address=systemd: --nofork',
          1_000_000,
        ),
        ...ran(
          510,
          'unattended-upgr',
          '/usr/bin/python3.11',
          '/usr/bin/python3 /usr/share/unattended-upgrades/unattended-upgrade-shutdown --wait-for-signal',
        ),
        ...ran(520, '(sd-pam)', '/usr/lib/systemd/systemd', '(sd-pam)'),
        ...ran(600, 'sshd', '/usr/sbin/sshd', 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups'),
        ...ran(
          700,
          'tor',
          '/usr/bin/tor',
          '/usr/bin/tor --defaults-torrc /usr/share/tor/tor-service-defaults-torrc -f /etc/tor/torrc --RunAsDaemon 0',
        ),
        'stat 701 1 0 Z kernel sh',
        ...ran(702, 'cron', '/usr/sbin/cron', '/usr/sbin/cron -f'),
        ...ran(703, 'runc', '/memfd:runc_cloned:/proc/self/exe (deleted)', 'runc init'),
        ...ran(
          704,
          'containerd-shim',
          '/usr/bin/containerd-shim-runc-v2',
          '/usr/bin/containerd-shim-runc-v2 -namespace moby',
        ),
        ...ran(705, 'apt-get', '/usr/bin/apt-get', 'apt-get -qq -y update', 30),
        ...ran(706, 'bash', '/usr/bin/bash', '-bash'),
        ...ran(709, 'migration-tool', '/opt/app/migration-tool', 'migration-tool --serve'),
        ...ran(710, 'node', '/var/www/.nvm/versions/node/v22.0.0/bin/node', 'node server.js'),
        ...ran(711, 'celery', '/opt/app/python3', '[celeryd: celery@helium:MainProcess]'),
        ...ran(707, 'curl', '/usr/bin/curl', 'curl -fsSL https://deb.torproject.org/key.asc -o /tmp/key.asc', 1),
        ...ran(
          708,
          'node_exporter',
          '/usr/local/bin/node_exporter',
          'node_exporter --collector.textfile.directory=/var/lib/node',
        ),
      ],
    ],
    [
      'the sockets of a Debian exit',
      'open-files',
      [
        'listen 600 0 sshd TCP *:22',
        'listen 700 106 tor TCP *:9001',
        'listen 530 101 systemd-network UDP *:68',
        'conn 531 997 systemd-timesyn UDP 51000 [public]:123',
        'conn 532 0 master TCP 40000 [public]:25',
        'conn 709 0 unbound TCP 40000 [public]:853',
        'kept 8123',
      ],
    ],
    [
      'the auth.log of a public sshd',
      'auth-log',
      [
        'line 2026-05-20T11:00:00.000000+00:00 helium sshd[811]: Accepted publickey for admin from 192.0.2.200 port 50000 ssh2: ED25519 SHA256:abc',
        'line May 20 11:00:01 helium sshd[811]: Accepted publickey for exitdesk from 192.0.2.10 port 50000 ssh2: ED25519 SHA256:abc',
        'line May 20 11:00:01 helium sudo[9]:    admin : TTY=pts/0 ; PWD=/home/admin ; USER=root ; COMMAND=/usr/bin/apt upgrade',
        'line May 20 11:00:01 helium su[9]: (to root) admin on pts/0',
        'line May 20 11:00:01 helium useradd[9]: new user: name=_chrony, UID=110, GID=115, home=/var/lib/chrony, shell=/usr/sbin/nologin, from=none',
        "line May 20 11:00:01 helium usermod[9]: add 'admin' to group 'sudo'",
        'line May 20 11:00:01 helium groupadd[9]: new group: name=_chrony, GID=115',
        'line May 20 11:00:01 helium passwd[9]: something else',
        'line May 20 11:00:01 helium sshd[12]: Invalid user Accepted password for root from 203.0.113.66 port 1 from 198.51.100.9 port 2',
        'line May 20 11:00:01 helium myapp[12]: Accepted password for root from 203.0.113.66 port 51122 ssh2',
        'line May 20 11:00:01 helium useradd[9]: new user: name=exitdesk, UID=1001, GID=1001, home=/home/exitdesk, shell=/bin/sh, from=/dev/pts/0',
        `file /var/log/auth.log 0 ${probedAt / 1000 - 9e6} ${probedAt / 1000 - 3600} yes`,
      ],
    ],
    [
      'the syslog of a Debian host',
      'syslog',
      [
        'line May 20 11:17:01 helium CRON[99]: (root) CMD (   cd / && run-parts --report /etc/cron.hourly)',
        'line May 20 11:00:01 helium CRON[99]: (root) CMD (test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; })',
        'line May 20 11:00:01 helium CRON[99]: (root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 1)',
        'line May 20 11:00:01 helium CRON[99]: (root) CMD (/usr/local/bin/backup > /tmp/backup.log 2>&1)',
        'line May 20 11:00:01 helium systemd[1]: Starting apt-daily.service - Daily apt download activities...',
        'line May 20 11:00:01 helium kernel: [  10.1] docker0: port 1(veth0) entered blocking state',
        'line May 20 11:00:01 helium kernel: device veth12ab entered promiscuous mode',
        'line May 20 11:00:01 helium systemd-modules-load[200]: Inserted module nf_conntrack',
        'line May 20 11:00:01 helium crontab[99]: (admin) LIST (admin)',
      ],
    ],
  ])('gives no finding above "info" for %s', (_what, part, rows) => {
    expect(foundIn(part, rows).filter((f) => !f.startsWith('info '))).toEqual([]);
  });
});
