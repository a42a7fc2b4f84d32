import { describe, expect, it } from 'vitest';
import { judgeProbe } from '../../../../src/core/hosts/judge-probe.ts';
import { loginRules } from '../../../../src/core/hosts/rules/logins.ts';
import { foundIn, ran, unshown } from '../../../support/host-rules.ts';
import type { Firing } from '../../../support/host-rules.ts';
import { brought, probedAt, probeText, requirements } from '../../../support/probe-text.ts';

const fires: readonly Firing[] = [
  [
    'a password that dropbear accepted',
    'suspicious',
    'accepted-unknown',
    'auth-log',
    [
      "line May 19 03:12:44 helium authpriv.notice dropbear[811]: Password auth succeeded for 'root' from 203.0.113.66:51122",
    ],
  ],
  [
    'a key that dropbear accepted',
    'suspicious',
    'accepted-unknown',
    'auth-log',
    [
      "line May 19 03:12:44 helium dropbear[811]: Pubkey auth succeeded for 'root' with ssh-ed25519 key SHA256:abc from 203.0.113.66:51122",
    ],
  ],
  [
    'a login of an account that bears the name of an event',
    'suspicious',
    'login-unknown',
    'logins',
    ['row reboot   pts/1        203.0.113.66     Tue May 19 03:12:44 2026 - Tue May 19 03:40:00 2026  (00:27)'],
  ],
  [
    'a login of an unknown account from nowhere of ours',
    'suspicious',
    'login-unknown',
    'logins',
    ['row mallory  pts/1  203.0.113.66  Tue May 19 03:12:44 2026 - Tue May 19 03:40:00 2026  (00:27)'],
  ],
  [
    'a login of root from nowhere of ours',
    'suspicious',
    'login-unknown',
    'logins',
    ['row root     pts/0        203.0.113.66     Tue May 19 03:12 - 03:40  (00:27)'],
  ],
  [
    'an old login that never ended',
    'suspicious',
    'login-unknown',
    'logins',
    ['row root  pts/0  2001:db8:66::1  Tue Jan  6 03:12:44 2026   still logged in'],
  ],
  [
    'a login of ours from a new place',
    'notice',
    'login-half-known',
    'logins',
    ['row admin    pts/0        203.0.113.66     Tue May 19 03:12:44 2026 - Tue May 19 03:40:00 2026  (00:27)'],
  ],
  [
    'a login of root from a place of ours',
    'notice',
    'login-half-known',
    'logins',
    ['row root     pts/0        192.0.2.77       Tue May 19 03:12:44 2026 - Tue May 19 03:40:00 2026  (00:27)'],
  ],
  [
    'a login of root at the console',
    'notice',
    'login-half-known',
    'logins',
    ['row root     tty1         0.0.0.0          Tue May 19 03:12:44 2026 - Tue May 19 03:40:00 2026  (00:27)'],
  ],
  [
    'an open session of a stranger',
    'suspicious',
    'session-unknown',
    'sessions',
    ['who root     pts/1        2026-05-20 11:58 (203.0.113.66)'],
  ],
  [
    'an open session of a stranger, told by logind',
    'suspicious',
    'session-unknown',
    'sessions',
    ['loginctl root pts/1 203.0.113.66 sshd active'],
  ],
  [
    'an open session of a stranger, told by BusyBox',
    'suspicious',
    'session-unknown',
    'sessions',
    ['who root            pts/0           00:00   May 20 11:58:01  203.0.113.66'],
  ],
  [
    'an accepted key of a stranger',
    'suspicious',
    'accepted-unknown',
    'auth-log',
    [
      'line May 19 03:12:44 helium sshd[811]: Accepted publickey for root from 203.0.113.66 port 51122 ssh2: ED25519 SHA256:abc',
    ],
  ],
  [
    'an accepted password of a stranger',
    'suspicious',
    'accepted-unknown',
    'auth-log',
    [
      'line 2026-05-19T03:12:44.123456+00:00 helium sshd-session[811]: Accepted password for git from 203.0.113.66 port 51122 ssh2',
    ],
  ],
  [
    'an accepted password of ours from a new place',
    'suspicious',
    'accepted-password-elsewhere',
    'auth-log',
    [
      'line May 19 03:12:44 helium sshd[811]: Accepted keyboard-interactive/pam for admin from 203.0.113.66 port 51122 ssh2',
    ],
  ],
  [
    'an accepted key of ours from a new place',
    'notice',
    'accepted-half-known',
    'auth-log',
    [
      'line May 19 03:12:44 helium sshd[811]: Accepted publickey for admin from 203.0.113.66 port 51122 ssh2: ED25519 SHA256:abc',
    ],
  ],
  [
    'refused logins',
    'info',
    'failed-logins',
    'auth-log',
    ['sum total 900 failed 812 routine 40 own 3 kept 0 odd 0 first May_1 last May_2'],
  ],
];

describe('the rules for logins', () => {
  it.each(fires)('find %s', (...[, severity, rule, part, rows]) => {
    expect(foundIn(part, rows)).toContain(`${severity} ${rule}`);
  });

  it('are all shown to fire', () => {
    expect(unshown(loginRules, fires)).toEqual(['session-half-known', 'session-unregistered']);
  });

  it('find an SSH login that the register of sessions does not show', () => {
    const parts = {
      processes: { rows: [...ran(811, 'sshd', '/usr/sbin/sshd', 'sshd: root@pts/3')] },
      'open-files': { rows: ['conn 811 0 sshd TCP 22 203.0.113.66', 'conn 812 0 sshd TCP 22 198.51.100.7'] },
    };
    const check = judgeProbe(brought(probeText(parts)), 'helium', requirements, probedAt);
    expect(check.findings.map((f) => f.rule)).toEqual(['session-unregistered']);
  });

  it('tell an open session that is half known from one of a stranger', () => {
    expect(foundIn('sessions', ['who root     pts/1        2026-05-20 11:58 (192.0.2.77)'])).toEqual([
      'notice session-half-known',
    ]);
  });
});
