import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { judgeProbe } from '../../src/core/hosts/judge-probe.ts';
import { readProbe } from '../../src/core/hosts/read-probe.ts';
import { createSshProbe } from '../../src/hosts/ssh.ts';
import { startPreparedHost } from '../support/node-host.ts';
import { requirements } from '../support/probe-text.ts';
import { hasSandbox } from '../support/sandbox.ts';
import { hasSshd, makeKey } from '../support/sshd.ts';

const limits = { deadlineMs: 30_000, maxBytes: 2_000_000, connectTimeoutMs: 5_000 };
const never = new AbortController().signal;

describe.skipIf(!hasSandbox() || !hasSshd())(
  'a node that was set up with the printed script, over this machine’s root file system',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'exitdesk-setup-test-'));
    const keyFile = makeKey(join(folder, 'key'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('is checked with that key, which opens nothing else, and takes the desk’s own login for expected', async () => {
      const host = await startPreparedHost('/', { keyFile, pam: false });
      try {
        const output = await createSshProbe()(host.target, limits, never);
        expect(output).toMatchObject({ ok: true, truncated: false });
        const facts = output.ok ? readProbe(output.text)?.facts : undefined;
        expect([facts?.get('self-user'), facts?.get('self-source')]).toEqual(['exitdesk', '127.0.0.1']);
        const check = judgeProbe(output, 'helium', { ...requirements, ownSources: [], ownAccounts: [] }, Date.now());
        expect(check.findings.filter((f) => /^(?:login|session|accepted)/.test(f.rule))).toEqual([]);
        expect(check.parts.find((p) => p.part === 'processes')?.status).toBe('done');
      } finally {
        await host.stop();
      }
    });

    it('says of each part what it lacks where there is no sudo', async () => {
      const host = await startPreparedHost('/', {
        keyFile,
        pam: false,
        more: `rm -f /etc/sudoers.d/exitdesk; sed -i 's/sudo -n //' /var/lib/exitdesk/.ssh/authorized_keys; umask 077; echo x > /var/log/auth.log; mkdir -p /root/.ssh; touch /root/.ssh/authorized_keys; chmod 700 /root`,
      });
      try {
        const output = await createSshProbe()(host.target, limits, never);
        const parts = output.ok ? readProbe(output.text)?.parts : undefined;
        const told = (part: Parameters<NonNullable<typeof parts>['get']>[0]): string =>
          `${parts?.get(part)?.status}: ${parts?.get(part)?.note}`;
        expect(told('processes')).toBe('done: programs of others cannot be seen without root');
        expect(told('open-files')).toBe('done: listeners only, owners need root');
        expect(told('accounts')).toBe('done: sudoers and empty passwords need root');
        expect(told('autostart')).toBe('done: crontabs of accounts need root');
        expect(told('keys')).toMatch(/^denied: .*permission denied/);
        expect(told('auth-log')).toBe('denied: /var/log/auth.log may not be read');
      } finally {
        await host.stop();
      }
    });
  },
);
