/** Which real servers and tools this machine has for the tests, and how the missing ones are installed on Debian. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';

export type ServerName = 'dovecot' | 'postfix' | 'sshd' | 'fail2ban' | 'vacation';

/** Debian package -> a file that proves it, for each server. The packages' own dependencies come with them. */
const NEEDS: Record<ServerName, Readonly<Record<string, string>>> = {
  dovecot: {
    'dovecot-imapd': '/usr/lib/dovecot/imap',
    'dovecot-lmtpd': '/usr/lib/dovecot/lmtp',
    'dovecot-sieve': '/usr/lib/dovecot/modules/lib90_sieve_plugin.so',
    openssl: '/usr/bin/openssl',
  },
  postfix: { postfix: '/usr/lib/postfix/sbin/master', openssl: '/usr/bin/openssl' },
  sshd: {
    'openssh-server': '/usr/sbin/sshd',
    'openssh-client': '/usr/bin/ssh-keygen',
    lsof: '/usr/bin/lsof',
    iproute2: '/usr/bin/ss',
    procps: '/usr/bin/ps',
  },
  fail2ban: { fail2ban: '/usr/bin/fail2ban-client' },
  vacation: { vacation: '/usr/bin/vacation' },
};

const SERVERS = Object.keys(NEEDS) as readonly ServerName[];
const POLICY = '/usr/sbin/policy-rc.d';

/** Whether the tests can start these servers here: their programs are there, and we may give their children other users. */
export function canStart(...servers: readonly ServerName[]): boolean {
  return isRoot() && servers.every((server) => missingPackages([server]).length === 0);
}

/** Installs what is missing where that is safe; returns the one line to print where tests will be skipped, else null. */
export function provideServers(): string | null {
  const missing = missingPackages(SERVERS);
  if (missing.length === 0) return isRoot() ? null : skipped('run the tests as root');
  const advice = `as root on Debian: apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!isRoot() || !existsSync('/etc/debian_version')) return skipped(advice);
  // A second time with fresh lists of packages: there may be none yet, or they name versions that have gone.
  const installed = install(missing) || (apt('update').status === 0 && install(missing));
  return installed ? null : skipped(`${advice} (tried here: it would remove packages, or failed)`);
}

/** True once everything is there. Installs nothing where the simulation fails or would remove a package. */
function install(packages: readonly string[]): boolean {
  const simulated = apt('install', '--simulate', '--no-install-recommends', ...packages);
  if (simulated.status !== 0 || /^(Remv|Purg) /m.test(simulated.stdout)) return false;
  process.stderr.write(`installing for the tests: ${packages.join(' ')}\n`);
  withoutStartingServices(() => {
    // Postfix asks which kind of site this is; the tests bring their own configuration.
    spawnSync('debconf-set-selections', { input: 'postfix postfix/main_mailer_type select No configuration\n' });
    apt('install', '--yes', '--no-install-recommends', ...packages);
  });
  return missingPackages(SERVERS).length === 0;
}

function missingPackages(servers: readonly ServerName[]): readonly string[] {
  const wanted = servers.flatMap((server) => Object.entries(NEEDS[server]));
  return [...new Set(wanted.filter(([, proof]) => !existsSync(proof)).map(([name]) => name))];
}

function apt(...args: readonly string[]): { readonly status: number | null; readonly stdout: string } {
  return spawnSync('apt-get', ['--quiet', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    maxBuffer: 100 * 1024 * 1024,
  });
}

/** Debian asks this program whether an installed service may start (invoke-rc.d); 101 forbids it. An existing one is kept. */
function withoutStartingServices(work: () => void): void {
  if (existsSync(POLICY)) {
    work();
    return;
  }
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n');
  chmodSync(POLICY, 0o755);
  try {
    work();
  } finally {
    rmSync(POLICY);
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function skipped(how: string): string {
  return `tests against real servers are skipped in part or whole; to have them: ${how}`;
}
