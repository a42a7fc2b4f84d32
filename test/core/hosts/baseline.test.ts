import { describe, expect, it } from 'vitest';
import { baselineOf } from '../../../src/core/hosts/baseline.ts';
import type { CheckPart, CheckRequirements } from '../../../src/core/hosts/check.ts';
import { judgeProbe } from '../../../src/core/hosts/judge-probe.ts';
import { baselineRules } from '../../../src/core/hosts/rules/baseline.ts';
import { ran } from '../../support/host-rules.ts';
import { brought, probedAt, probeText, requirements } from '../../support/probe-text.ts';
import type { PartText } from '../../support/probe-text.ts';

const normal: Partial<Record<CheckPart, PartText>> = {
  processes: {
    rows: [...ran(1, 'systemd', '/usr/lib/systemd/systemd', '/sbin/init'), ...ran(700, 'tor', '/usr/bin/tor', 'tor')],
  },
  'open-files': { rows: ['listen 600 0 sshd TCP *:22', 'listen 700 106 tor TCP 203.0.113.1:9001'] },
  accounts: { rows: ['account root 0 /bin/bash', 'group sudo admin', 'sudoers 1 abc /etc/sudoers'] },
  keys: { rows: ['key admin SHA256:abc (ED25519)', 'file admin 1 /home/admin/.ssh/authorized_keys'] },
  autostart: {
    rows: ['file 1 abc /etc/cron.d/backup', 'file 1 abc /etc/cron.daily/dpkg', 'owned /etc/cron.daily/dpkg'],
  },
  tor: { rows: ['process 700 106 /usr/bin/tor', 'config 1 abc /etc/tor/torrc'] },
};
const baseline = baselineOf(brought(probeText(normal)), requirements);
const accepted: CheckRequirements = { ...requirements, baseline };

function findingsWith(part: CheckPart, ...rows: string[]): string[] {
  const text = probeText({ ...normal, [part]: { rows: [...(normal[part]?.rows ?? []), ...rows] } });
  return judgeProbe(brought(text), 'helium', accepted, probedAt).findings.map(
    (f) => `${f.severity} ${f.rule}: ${f.line}`,
  );
}

const changes: readonly (readonly [what: string, part: CheckPart, row: string, finding: RegExp])[] = [
  ['an account', 'accounts', 'account support 1001 /bin/bash', /^suspicious new-account: account support 1001/],
  ['a member of sudo', 'accounts', 'group sudo admin,support', /^suspicious new-account: group sudo admin,support/],
  ['a sudoers file', 'accounts', 'sudoers 2 def /etc/sudoers.d/x', /^suspicious new-account: sudoers def/],
  [
    'a program that runs as root for everybody',
    'accounts',
    'suid /usr/bin/backup',
    /^suspicious new-account: suid \/usr\/bin\/backup/,
  ],
  ['a key', 'keys', 'key root SHA256:def (ED25519)', /^suspicious new-key: root SHA256:def/],
  ['a listener', 'open-files', 'listen 77 0 python3 TCP *:31337', /^suspicious new-listener: python3 TCP \*:31337/],
  ['a cron table', 'autostart', 'file 2 def /etc/cron.d/php', /^suspicious new-autostart: def \/etc\/cron.d\/php/],
  [
    'the content of a cron table',
    'autostart',
    'file 2 def /etc/cron.d/backup',
    /^suspicious new-autostart: def \/etc\/cron.d\/backup/,
  ],
  [
    'the content of a package’s cron table',
    'autostart',
    'file 2 def /etc/cron.daily/dpkg',
    /^notice changed-package-autostart/,
  ],
  ['the torrc', 'tor', 'config 2 def /etc/tor/torrc', /^notice tor-config-changed/],
];

describe('the accepted state of a node', () => {
  it('fires nothing as long as the host is in that state, in whatever order and with whatever numbers', () => {
    expect(findingsWith('open-files', 'listen 9600 0 sshd TCP *:22', 'listen 8 101 unbound UDP *:45021')).toEqual([]);
    expect(
      findingsWith('processes', ...ran(9700, 'tor', '/usr/bin/tor (deleted)', 'tor'), 'again 9700').filter(
        (f) => !f.startsWith('info '),
      ),
    ).toEqual([]);
    expect(findingsWith('processes', ...ran(9701, 'run-parts', '/usr/bin/run-parts', 'run-parts', 20))).toEqual([]);
  });

  it.each(changes)('shows that %s is new', (...[, part, row, finding]) => {
    expect(findingsWith(part, row)).toEqual([expect.stringMatching(finding)]);
  });

  it('shows a new program, and makes less of one of the system', () => {
    expect(findingsWith('processes', ...ran(77, 'agent', '/opt/agent', 'agent'))).toEqual([
      'suspicious new-program: 0 /opt/agent',
    ]);
    expect(findingsWith('processes', ...ran(77, 'ntpd', '/usr/sbin/ntpd', 'ntpd'))).toEqual([
      'notice new-packaged-program: 0 /usr/sbin/ntpd',
    ]);
  });

  it('is shown to matter in every one of its rules', () => {
    expect(baselineRules.map((r) => r.id)).toEqual([
      'new-account',
      'new-key',
      'new-listener',
      'new-program',
      'new-packaged-program',
      'new-autostart',
      'changed-package-autostart',
      'tor-config-changed',
    ]);
  });

  it('cannot be taken from an output that is not whole', () => {
    expect(baselineOf(brought(probeText().replace('exitdesk-probe end\n', '')), requirements)).toBeNull();
    expect(baselineOf({ ok: false, reason: 'timeout', detail: '', tookMs: 1 }, requirements)).toBeNull();
  });
});

describe('findings that a handler has cleared', () => {
  const rows = [
    'line May 19 03:12:44 helium sshd[811]: Accepted publickey for root from 203.0.113.66 port 51122 ssh2: ED25519 SHA256:abc',
  ];
  const check = judgeProbe(brought(probeText({ 'auth-log': { rows } })), 'helium', requirements, probedAt);

  it('stay in the list and make the host suspicious no more', () => {
    const again = judgeProbe(
      brought(probeText({ 'auth-log': { rows } })),
      'helium',
      { ...requirements, cleared: check.findings },
      probedAt,
    );
    expect([check.verdict, again.verdict]).toEqual(['suspicious', 'clean']);
    expect(again.findings).toEqual([{ ...check.findings[0], severity: 'info' }]);
  });

  it('do not clear another line of the same rule', () => {
    const other = [...rows, (rows[0] ?? '').replace('03:12', '04:12')];
    const again = judgeProbe(
      brought(probeText({ 'auth-log': { rows: other } })),
      'helium',
      { ...requirements, cleared: check.findings },
      probedAt,
    );
    expect(again.verdict).toBe('suspicious');
  });

  it('know the same program again after it was started anew', () => {
    const start = (pid: number): string =>
      probeText({ processes: { rows: ran(pid, 'agent', '/opt/agent (deleted)', 'agent --serve') } });
    const before = judgeProbe(brought(start(77)), 'helium', requirements, probedAt);
    const after = judgeProbe(brought(start(9877)), 'helium', { ...requirements, cleared: before.findings }, probedAt);
    expect([before.verdict, after.verdict]).toEqual(['suspicious', 'clean']);
    expect(before.findings[0]?.line).toBe('pid 77 uid 0: agent --serve (program: /opt/agent (deleted))');
  });
});
