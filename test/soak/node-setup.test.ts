import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
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
