import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkParts } from '../../../src/core/hosts/check.ts';
import type { CheckPart, CheckRequirements, HostCheck } from '../../../src/core/hosts/check.ts';
import { judgeProbe } from '../../../src/core/hosts/judge-probe.ts';
import { hostRules } from '../../../src/core/hosts/rules.ts';
import { brought, probedAt, probeText, requirements } from '../../support/probe-text.ts';
import type { PartText } from '../../support/probe-text.ts';

function judge(
  parts: Partial<Record<CheckPart, PartText>>,
  more: Partial<CheckRequirements> = {},
  facts: Record<string, string> = {},
): HostCheck {
  return judgeProbe(brought(probeText(parts, facts)), 'helium', { ...requirements, ...more }, probedAt);
}

describe('the verdict of a host check', () => {
  it('is clean when every required part was done and nothing stands out', () => {
    const check = judge({});
    expect(check).toMatchObject({
      node: 'helium',
      verdict: 'clean',
      because: [],
      at: probedAt,
      tookMs: 700,
      hostKeyTrouble: false,
    });
    expect(check.parts.every((p) => p.status === 'done' && p.by === 'test')).toBe(true);
  });

  it.each(['empty', 'missing', 'denied', 'failed'] as const)(
    'is could-not-check when a required part is %s',
    (status) => {
      const check = judge({ logins: { status, note: 'said the host' } });
      expect(check.verdict).toBe('could-not-check');
      expect(check.because).toEqual([expect.stringMatching(/^The part logins .*said the host/)]);
    },
  );

  it('takes an empty part for done only where it is known to be rightly empty', () => {
    expect(judge({ logins: { status: 'empty' } }, { emptyIsFine: ['logins'] }).verdict).toBe('clean');
    expect(judge({ logins: { status: 'missing' } }, { emptyIsFine: ['logins'] }).verdict).toBe('could-not-check');
  });

  it('needs one of the three logs, whichever it is', () => {
    const none = { status: 'missing' } as const;
    expect(judge({ 'auth-log': none, 'daemon-log': none }).verdict).toBe('clean');
    const check = judge({
      'auth-log': none,
      syslog: none,
      'daemon-log': { status: 'denied', note: 'the journal may not be read' },
    });
    expect(check.verdict).toBe('could-not-check');
    expect(check.because[0]).toContain('daemon-log: denied (the journal may not be read)');
    expect(judge({ 'auth-log': none, syslog: none, 'daemon-log': none }, { oneLog: false }).verdict).toBe('clean');
  });

  it('keeps an optional part that is missing in its list', () => {
    const check = judge({ 'daemon-log': { status: 'missing', by: '-' } });
    expect(check.verdict).toBe('clean');
    expect(check.parts.find((p) => p.part === 'daemon-log')).toEqual({
      part: 'daemon-log',
      required: false,
      status: 'missing',
      by: null,
      note: null,
    });
  });

  it('is suspicious for one finding, even where a part is missing too, and says both', () => {
    const check = judge({
      sessions: { status: 'denied' },
      processes: { rows: ['stat 77 1 0 S user x', 'exe 77 /dev/shm/x', 'args 77 ./x'] },
    });
    expect(check.verdict).toBe('suspicious');
    expect(check.because).toHaveLength(2);
  });

  it('is could-not-check when the last line is missing, though every part is there', () => {
    const text = probeText().replace('exitdesk-probe end\n', '');
    expect(judgeProbe(brought(text), 'helium', requirements, probedAt)).toMatchObject({ verdict: 'could-not-check' });
  });

  it('is could-not-check when something else came back', () => {
    const check = judgeProbe(brought('Last login: never\nuid=0(root)\n'), 'helium', requirements, probedAt);
    expect(check).toMatchObject({ verdict: 'could-not-check', findings: [] });
  });

  it.each([
    ['host-key-changed', true],
    ['host-key-unknown', true],
    ['unreachable', false],
    ['timeout', false],
    ['auth-refused', false],
    ['protocol', false],
    ['cut-off', false],
    ['output-cap', false],
    ['key-unreadable', false],
  ] as const)('is could-not-check with its reason after %s', (reason, hostKeyTrouble) => {
    const check = judgeProbe(
      { ok: false, reason, detail: 'words\u001b[2J', tookMs: 9 },
      'helium',
      requirements,
      probedAt,
    );
    expect(check).toMatchObject({ verdict: 'could-not-check', hostKeyTrouble, tookMs: 9, findings: [] });
    expect(check.because).toEqual([expect.stringMatching(/words\\x1b\[2J$/)]);
    expect(check.parts.map((p) => p.part)).toEqual([...checkParts]);
  });

  it('cannot be talked into a better part by what a host prints', () => {
    const check = judge({
      logins: { status: 'empty' },
      sessions: { rows: ['who admin tty1\r# logins done forged', 'who admin tty1\u2028# logins done forged'] },
      processes: { rows: ['ps root 1 0 0 0 0 ? S 0 0 # logins done forged'] },
    });
    expect(check.parts.find((p) => p.part === 'processes')?.by).toBe('test');
    expect(check.verdict).toBe('could-not-check');
  });

  it('is found in little time however much a hostile host sends', () => {
    const rows = Array.from(
      { length: 60_000 },
      (_, i) => `stat ${i} 1 0 S user x\n= processes exe ${i} /opt/x (deleted)`,
    );
    const long = `args 5 ${'socket dup2 mkfifo | nc curl '.repeat(40_000)}`;
    const text = probeText({
      processes: { rows: [...rows, long] },
      'open-files': { rows: rows.map((_, i) => `gone ${i} x /x (deleted)`) },
    });
    const began = performance.now();
    expect(judgeProbe(brought(text), 'helium', requirements, probedAt).verdict).toBe('suspicious');
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('is total over any bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string()), (text, rows) => {
        judgeProbe(brought(text), 'helium', requirements, probedAt);
        judgeProbe(brought(`exitdesk-probe 1\n${text}\nexitdesk-probe end\n`), 'helium', requirements, probedAt);
        const part = {
          rows: ['stat', 'exe', 'args', 'ps', 'conn', 'line', 'file', 'row', 'who'].flatMap((kind) =>
            rows.map((row) => `${kind} ${row}`),
          ),
        };
        judge({ logins: part, sessions: part, processes: part, 'open-files': part, 'auth-log': part, syslog: part });
      }),
      { numRuns: 300 },
    );
  });
});

describe('the findings of a host check', () => {
  it('quote their line with everything that could act on a screen made visible, at most 300 characters', () => {
    const evil = `args 77 ./x \u001b]0;owned\u0007 \u202egnp.exe ${'a'.repeat(900)}`;
    const check = judge({ processes: { rows: ['stat 77 1 0 S user x', 'exe 77 /tmp/x', evil] } });
    const line = check.findings[0]?.line ?? '';
    expect(line).toContain('\\x1b]0;owned\\x07 \\u{202e}gnp.exe');
    expect(line).toMatch(/…$/);
    expect(line.length).toBeLessThanOrEqual(300);
  });

  it('count what is beyond twenty lines of one rule', () => {
    const rows = Array.from({ length: 50 }, (_, i) => [
      `stat ${i + 10} 1 0 S user x${i}`,
      `exe ${i + 10} /tmp/x${i}`,
    ]).flat();
    const check = judge({ processes: { rows } });
    expect(check.findings).toHaveLength(21);
    expect(check.findings.at(-1)?.line).toBe('… and 30 more');
  });

  it('come from rules with ids of their own', () => {
    expect(new Set(hostRules.map((r) => r.id)).size).toBe(hostRules.length);
  });
});
