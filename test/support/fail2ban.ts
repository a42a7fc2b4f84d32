/** A real fail2ban in a scratch folder, with the filters and actions of its Debian package, that reports by the world's mail server. */
import { appendFileSync, chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, scratchFolder, startServer, until } from './servers.ts';
import type { World } from './world.ts';

export type Fail2ban = {
  /** Failed logins from here appear in the log that it watches; it bans and reports at the second. */
  readonly failLogins: (address: string) => void;
  /** Lifts the ban, so that the next failures are reported again. */
  readonly forget: (address: string) => void;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
};

export type Report = {
  /** complain: text with log lines. xarf-login-attack: a report that programs read. */
  readonly action: 'complain' | 'xarf-login-attack';
  readonly from: string;
  /** Whom the contact database names for every address. */
  readonly contact: string;
};

export async function startFail2ban(world: World, { action, from, contact }: Report): Promise<Fail2ban> {
  const scratch = scratchFolder('fail2ban');
  const folder = scratch.path;
  const authLog = join(folder, 'auth.log');
  const sendmail = `/usr/sbin/sendmail -C ${world.postfix.configuration}`;
  for (const part of ['filter.d', 'action.d']) symlinkSync(`/etc/fail2ban/${part}`, join(folder, part));
  writeFileSync(authLog, '');
  mkdirSync(join(folder, 'bin'));
  // The two programs that its actions expect on a machine: a resolver, which answers from here, and mail(1).
  program(join(folder, 'bin', 'dig'), `echo '"${contact}"'`);
  program(join(folder, 'bin', 'mail'), mailProgram(sendmail, from));
  const mailer =
    action === 'complain' ? `mailcmd="mail -s"` : `mailcmd="${sendmail}", sender="${from}", service="ssh", port="22"`;
  writeFileSync(join(folder, 'fail2ban.conf'), fail2banConf(folder));
  writeFileSync(join(folder, 'jail.conf'), jailConf(authLog, `${action}[logpath="${authLog}", ${mailer}]`));
  const own = ['-c', folder, '-s', join(folder, 'socket'), '-p', join(folder, 'pid')];
  const server = startServer('/usr/bin/fail2ban-server', [...own, '-f', 'start'], {
    PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
  });
  await until('fail2ban watches its log', () => {
    if (!server.running()) throw new Error(`fail2ban ended at start: ${server.output()}`);
    return /Jail 'shop' started/.test(server.output());
  });
  return {
    failLogins: (address) => {
      for (const port of [40001, 40002]) {
        appendFileSync(
          authLog,
          `${stamp()} web sshd[4711]: Failed password for root from ${address} port ${port} ssh2\n`,
        );
      }
    },
    forget: (address) => void run('/usr/bin/fail2ban-client', [...own, 'unban', address]),
    log: server.output,
    stop: async () => {
      await server.stop();
      scratch.remove();
    },
  };
}

/** What `mail -s SUBJECT ADDRESS` sends for this account. */
function mailProgram(sendmail: string, from: string): string {
  return `shift
subject=$1
shift
{ printf 'To: %s\\nSubject: %s\\nContent-Type: text/plain; charset=utf-8\\n\\n' "$*" "$subject"; cat; } | ${sendmail} -f ${from} "$@"`;
}

function program(file: string, script: string): void {
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

function fail2banConf(folder: string): string {
  return `[Definition]
loglevel = INFO
logtarget = STDOUT
syslogsocket = auto
socket = ${folder}/socket
pidfile = ${folder}/pid
dbfile = None
dbmaxmatches = 10
[Thread]
`;
}

function jailConf(authLog: string, action: string): string {
  return `[DEFAULT]
backend = polling
usedns = no
ignoreself = false
maxretry = 2
findtime = 10m
bantime = 10m
[shop]
enabled = true
filter = sshd
logpath = ${authLog}
action = ${action}
`;
}

/** As syslog stamps its lines, in this machine's zone. */
function stamp(): string {
  return run('date', ['+%b %e %H:%M:%S']).trim();
}
