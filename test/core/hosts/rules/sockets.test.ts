import { describe, expect, it } from 'vitest';
import { judgeProbe } from '../../../../src/core/hosts/judge-probe.ts';
import { socketRules } from '../../../../src/core/hosts/rules/sockets.ts';
import { foundIn, unshown } from '../../../support/host-rules.ts';
import type { Firing } from '../../../support/host-rules.ts';
import { brought, probedAt, probeText, requirements } from '../../../support/probe-text.ts';

const fires: readonly Firing[] = [
  [
    'a shell on the network',
    'suspicious',
    'shell-on-network',
    'open-files',
    ['conn 77 0 bash TCP 40122 [public]:4444'],
  ],
  ['a listening netcat', 'suspicious', 'netcat-listens', 'open-files', ['listen 77 0 nc TCP *:4444']],
  ['a library from /dev/shm', 'suspicious', 'library-in-open-folder', 'open-files', ['library 77 sshd /dev/shm/l.so']],
  [
    'a process that sends mail by itself',
    'notice',
    'mail-port-connection',
    'open-files',
    ['conn 77 33 php TCP 40122 [public]:25'],
  ],
];

describe('the rules for sockets', () => {
  it.each(fires)('find %s', (...[, severity, rule, part, rows]) => {
    expect(foundIn(part, rows)).toContain(`${severity} ${rule}`);
  });

  it('are all shown to fire', () => {
    expect(unshown(socketRules, fires)).toEqual(['program-deleted-by-lsof']);
  });

  it('take the word of lsof for a deleted program that /proc does not tell', () => {
    const parts = {
      processes: { rows: ['stat 77 1 0 S user x'] },
      'open-files': { rows: ['gone 77 x /opt/x (deleted)', 'gone 78 y /opt/y (deleted)'] },
    };
    const check = judgeProbe(brought(probeText(parts)), 'helium', requirements, probedAt);
    expect(check.findings.map((f) => f.rule)).toEqual(['program-deleted-by-lsof']);
  });
});
