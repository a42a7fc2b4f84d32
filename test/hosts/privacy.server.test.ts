import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/build-app.ts';
import { runProbe } from '../../src/cli/probe.ts';
import { loadConfig } from '../../src/config.ts';
import { createProbe } from '../../src/hosts/create-probe.ts';
import type { Probe } from '../../src/hosts/probe.ts';
import { startPreparedHost } from '../support/node-host.ts';
import { hasSandbox } from '../support/sandbox.ts';
import { freePort, hasSshd, makeKey } from '../support/sshd.ts';
import { otherPeer, standIns, visitors } from '../support/visitors.ts';

const rootful = `sed -i 's/^exitdesk:\\([^:]*\\):[0-9]*:[0-9]*:/exitdesk:\\1:0:0:/' /etc/passwd; sed -i 's/sudo -n //' /var/lib/exitdesk/.ssh/authorized_keys`;

/**
 * Over real SSH to a host on which processes that stand in for tor hold connections; the whole way to the database, the desk's
 * log, what a handler is shown, the accepted state, and a recorded sample.
 */
describe.skipIf(!hasSandbox() || !hasSshd()).each([
  ['lsof', ''],
  ['ss', 'rm -f /usr/bin/lsof'],
  ['/proc', 'rm -f /usr/bin/lsof /usr/bin/ss /bin/ss /usr/sbin/ss'],
])('the users of an exit whose sockets are listed by %s', (by, without) => {
  const folder = mkdtempSync(join(tmpdir(), 'exitdesk-privacy-test-'));
  const seen: Record<string, string> = {};
  beforeAll(async () => {
    const keyFile = makeKey(join(folder, 'key'));
    // The account is root there, for only root sees whose a socket is; sudo may not be installed where this test runs.
    const host = await startPreparedHost('/', {
      keyFile,
      pam: false,
      more: `${rootful}\n${without}\n${standIns(await freePort())}`,
    });
    mkdirSync(join(folder, 'inbox'));
    writeFileSync(join(folder, 'desk.yaml'), config(host.port, keyFile, host.hostKeyLine));
    const logged: string[] = [];
    const keep = (event: string, data: unknown): void => void logged.push(`${event} ${JSON.stringify(data)}`);
    const app = buildApp(loadConfig(join(folder, 'desk.yaml'), {}), {
      log: { info: keep, warn: keep, error: keep, fatal: keep },
      clock: Date.now,
    });
    try {
      const real = createProbe();
      const wire: string[] = [];
      const tapped: Probe = async (...asked) => {
        const output = await real(...asked);
        if (output.ok) wire.push(output.text);
        return output;
      };
      const shown: string[] = [];
      const out = { write: (line: string) => void shown.push(line) };
      const desk = { ...app, probe: tapped };
      await runProbe(desk, 'helium', {}, out);
      await runProbe(desk, 'helium', { json: true }, out);
      await runProbe(desk, 'helium', { accept: true, by: 'ada' }, out);
      await runProbe(desk, 'helium', { record: join(folder, 'sample.txt') }, out);
      Object.assign(seen, { wire: wire.join('\n'), shown: shown.join('\n') });
    } finally {
      await app.close();
      await host.stop();
    }
    const database = readdirSync(folder).filter((name) => name.startsWith('desk.sqlite'));
    Object.assign(seen, {
      log: logged.join('\n'),
      database: database.map((name) => readFileSync(join(folder, name), 'latin1')).join('\n'),
      sample: readFileSync(join(folder, 'sample.txt'), 'utf8'),
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it(`were looked for: the sockets were listed by ${by}, and the peer of another process is told by its kind`, () => {
    expect(seen['wire']).toMatch(new RegExp(`^# open-files done ${by} $`, 'm'));
    expect(seen['wire']).toMatch(/^= open-files conn \d+ \S+ (?:elsewhere|perl) TCP \S+ \[loopback\]:/m);
    expect(Number(/^f tor-processes (\d+)$/m.exec(seen['wire'] ?? '')?.[1])).toBe(7);
  });

  it.each(['wire', 'shown', 'log', 'database', 'sample'])('are nowhere in: %s', (place) => {
    const text = seen[place] ?? '';
    expect(place === 'log' || text.length > 100).toBe(true);
    for (const visitor of [...visitors, otherPeer]) expect(text).not.toContain(visitor);
    expect(text).not.toMatch(/127\.71\.|0[78]47:?7F/i);
  });
});

function config(port: number, keyFile: string, hostKey: string): string {
  return `
desk: { name: Abuse desk, organisation: Exits Example, addresses: [abuse@exits.example], authservId: mx.exits.example }
mailboxes: [{ name: abuse, maildir: { path: inbox, sentPath: sent } }]
sending: { folder: { path: letters } }
nodes:
  - name: helium
    addresses: [198.51.100.10]
    from: 2024-01-01
    check: { host: 127.0.0.1, port: ${port}, keyFile: ${keyFile}, hostKeys: ["${hostKey}"] }
handlers: [{ name: ada, address: ada@exits.example }]
letters: { facts: { organisationDescription: a small association, noLogs: true, blocksOnRequest: true, smtpPortClosed: true } }
storage: { path: desk.sqlite }
rehearsal: true
`;
}
