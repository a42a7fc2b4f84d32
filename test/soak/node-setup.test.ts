import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { baselineOf } from '../../src/core/hosts/baseline.ts';
import type { CheckRequirements, HostCheck, ProbeOutput } from '../../src/core/hosts/check.ts';
import { judgeProbe } from '../../src/core/hosts/judge-probe.ts';
import { createSshProbe } from '../../src/hosts/ssh.ts';
import { startPreparedHost } from '../support/node-host.ts';
import { hasTool } from '../support/rehearsal.ts';
import { hasSandbox } from '../support/sandbox.ts';
import { makeKey } from '../support/sshd.ts';

/** The printed set-up on every Debian, with real sudo, PAM, sshd and rsyslog: what the operator gets who follows the page. */
const wanted = process.env['EXITDESK_SOAK'] === '1' && hasSandbox();
const folder = process.env['EXITDESK_ROOTS'] ?? '/var/cache/exitdesk-roots';
const roots = existsSync(folder)
  ? readdirSync(folder).filter((name) => !name.startsWith('.') && hasTool(join(folder, name), 'sudo'))
  : [];
/** What reads the register of logins, and how the host comes to have nothing else that does. */
const registers = [
  ['last', ''],
  ['wtmpdb', 'rm /usr/bin/last'],
  ['wtmp', 'rm -f /usr/bin/last /usr/bin/wtmpdb'],
  [
    'lastlog2',
    `rm -f /usr/bin/last /usr/bin/wtmpdb /usr/bin/od; mkdir -p /var/lib/lastlog; echo 'session optional pam_lastlog2.so' >> /etc/pam.d/sshd`,
  ],
] as const;
const limits = { deadlineMs: 60_000, maxBytes: 2_000_000, connectTimeoutMs: 5_000 };
const requirements: CheckRequirements = {
  required: ['processes', 'open-files', 'auth-log', 'accounts', 'keys', 'autostart', 'packages'],
  oneLog: true,
  emptyIsFine: [],
  ownSources: [],
  ownAccounts: [],
};

describe.skipIf(!wanted)('a node that was set up with the printed script', () => {
  const keys = mkdtempSync(join(tmpdir(), 'exitdesk-setup-test-'));
  let keyFile = '';
  beforeAll(() => {
    keyFile = makeKey(join(keys, 'key'));
  });
  afterAll(() => rmSync(keys, { recursive: true, force: true }));

  it.each(roots.flatMap((root) => [true, false].map((pam) => [root, pam] as const)))(
    'is checked as root through sudo, and its own logins are expected: %s, PAM %s',
    async (root, pam) => {
      const host = await startPreparedHost(join(folder, root), { keyFile, pam });
      const probe = createSshProbe();
      const ask = (): Promise<ProbeOutput> => probe(host.target, limits, new AbortController().signal);
      try {
        const first = await ask();
        const baseline = baselineOf(first, requirements);
        const judge = (output: ProbeOutput): HostCheck =>
          judgeProbe(output, root, { ...requirements, baseline }, Date.now());
        for (const check of [judge(first), judge(await ask()), judge(await ask())]) {
          expect(check.because).toEqual([]);
          expect(check.verdict).toBe('clean');
          expect(check.parts.filter((p) => /root/.test(p.note ?? ''))).toEqual([]);
        }
      } finally {
        await host.stop();
      }
    },
    120_000,
  );

  it.each(
    roots
      .flatMap((root) => registers.map(([by, lost]) => [root, by, lost] as const))
      .filter(([root, by]) => hasTool(join(folder, root), by) || by === 'wtmp'),
  )(
    'shows a login of somebody else by another key: %s, where the register is read by %s',
    async (root, by, lost) => {
      const publicKey = readFileSync(`${keyFile}.pub`, 'utf8').trim();
      const more = `useradd -m -s /bin/sh mallory; echo 'mallory:*' | chpasswd -e; mkdir /home/mallory/.ssh
echo '${publicKey}' > /home/mallory/.ssh/authorized_keys; chown -R mallory /home/mallory; ${lost}`;
      const host = await startPreparedHost(join(folder, root), { keyFile, more });
      try {
        const login = [
          '-tt',
          '-b',
          '127.0.0.9',
          '-F',
          'none',
          '-i',
          keyFile,
          '-o',
          'StrictHostKeyChecking=no',
          '-o',
          'UserKnownHostsFile=/dev/null',
          '-o',
          'BatchMode=yes',
        ];
        expect(spawnSync('ssh', [...login, '-p', String(host.port), 'mallory@127.0.0.1', 'true']).status).toBe(0);
        const output = await createSshProbe()(host.target, limits, new AbortController().signal);
        const check = judgeProbe(output, root, { ...requirements, required: ['logins', 'auth-log'] }, Date.now());
        expect(check.parts.find((p) => p.part === 'logins')).toMatchObject({ status: 'done', by });
        const found = check.findings.filter((f) => f.severity === 'suspicious').map((f) => `${f.rule}: ${f.line}`);
        expect(found).toContainEqual(expect.stringMatching(/^login-unknown: mallory\s.*127\.0\.0\.9/));
        expect(found).toContainEqual(expect.stringMatching(/^accepted-unknown: .*for mallory from 127\.0\.0\.9/));
      } finally {
        await host.stop();
      }
    },
    120_000,
  );

  it.skipIf(!existsSync(join(folder, 'bookworm')))(
    'is left by the probe when the desk has given up on a tool that hangs, by the end of its own time',
    async () => {
      const hang = `printf '#!/bin/sh\ncase $1 in -v) echo revision; exit;; esac\nsleep 600\n' > /usr/bin/lsof; chmod 755 /usr/bin/lsof`;
      const host = await startPreparedHost(join(folder, 'bookworm'), { keyFile, more: hang });
      try {
        const output = await createSshProbe()(
          host.target,
          { ...limits, deadlineMs: 6_000 },
          new AbortController().signal,
        );
        expect(output).toMatchObject({ ok: false, reason: 'timeout' });
        expect(host.processes().join('\n')).toContain('sleep 600');
        const began = Date.now();
        while (host.processes().some((words) => /probe|sleep 600|lsof/.test(words)))
          await new Promise((resolve) => setImmediate(resolve));
        expect(Date.now() - began).toBeLessThan(45_000);
      } finally {
        await host.stop();
      }
    },
    90_000,
  );
});
