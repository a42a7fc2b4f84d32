import { describe, expect, it } from 'vitest';
import { describeCheck } from '../../../src/core/hosts/describe-check.ts';
import { judgeProbe } from '../../../src/core/hosts/judge-probe.ts';
import { brought, probedAt, probeText, requirements } from '../../support/probe-text.ts';

const evil = { processes: { rows: ['stat 77 1 0 S user x', 'exe 77 /tmp/x', 'args 77 ./x \u001b[31m'] } };

describe('what we say of a host check', () => {
  it('never claims more than that the check found no sign of a break-in', () => {
    const text = describeCheck(judgeProbe(brought(probeText()), 'helium', requirements, probedAt)).join(' ');
    expect(text).toContain('On 2026-05-20 12:00 UTC');
    expect(text).toContain('Our check found no sign of a break-in.');
    expect(text).toContain('past logins, open sessions, running processes, open files and sockets');
    expect(text).not.toMatch(/not compromised|clean/);
  });

  it('tells people outside nothing of what it found, nor of the host', () => {
    const text = describeCheck(judgeProbe(brought(probeText(evil)), 'helium', requirements, probedAt)).join(' ');
    expect(text).toMatch(/a person has to look at first/);
    expect(text).not.toMatch(/tmp|helium/);
  });

  it('says that a check could not be completed', () => {
    const output = { ok: false, reason: 'timeout', detail: 'x', tookMs: 1 } as const;
    expect(describeCheck(judgeProbe(output, 'helium', requirements, probedAt)).join(' ')).toMatch(
      /could not be completed/,
    );
  });
});
