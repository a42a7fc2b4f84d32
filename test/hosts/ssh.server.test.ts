import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeProbe } from '../../src/core/hosts/judge-probe.ts';
import { readProbe } from '../../src/core/hosts/read-probe.ts';
import { fingerprintOf } from '../../src/hosts/host-keys.ts';
import type { ProbeTarget } from '../../src/hosts/probe.ts';
import { createSshProbe } from '../../src/hosts/ssh.ts';
import { processesIn } from '../support/namespace.ts';
import { requirements } from '../support/probe-text.ts';
import { hasSandbox } from '../support/sandbox.ts';
import { startSilentProxy } from '../support/silent-proxy.ts';
import { freePort, hasSshd, makeKey, startSshd } from '../support/sshd.ts';
import type { Sshd } from '../support/sshd.ts';

const limits = { deadlineMs: 20_000, maxBytes: 2_000_000, connectTimeoutMs: 5_000 };
const never = new AbortController().signal;
const probe = createSshProbe();

function targetOf(
  server: Pick<Sshd, 'port' | 'user' | 'keyFile' | 'hostKeyLine'>,
  more: Partial<Extract<ProbeTarget, { transport: 'ssh' }>> = {},
): ProbeTarget {
  return {
    node: 'helium',
    transport: 'ssh',
    host: '127.0.0.1',
    port: server.port,
    user: server.user,
    keyFile: server.keyFile,
    hostKeys: [server.hostKeyLine],
    ...more,
  };
}

describe.skipIf(!hasSshd())('the host check over a real OpenSSH server', () => {
  let folder = '';
  let server: Sshd;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'exitdesk-ssh-test-'));
    server = await startSshd({ hostKeys: [makeKey(join(folder, 'ed')), makeKey(join(folder, 'rsa'), 'rsa')] });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('brings back the whole output of the script, and says who asked and from where', async () => {
    const output = await probe(targetOf(server), limits, never);
    expect(output).toMatchObject({ ok: true, truncated: false });
    const reading = output.ok ? readProbe(output.text) : null;
    expect(reading?.whole).toBe(true);
    expect(reading?.facts.get('self-user')).toBe(server.user);
    expect(reading?.facts.get('self-source')).toBe('127.0.0.1');
    expect(reading?.parts.get('processes')).toMatchObject({ status: 'done' });
  });

  it('reaches a host by IPv6, and says so of the login', async () => {
    const six = await startSshd({
      settings: ['ListenAddress ::1'],
      forcedCommand: 'echo exitdesk-probe 1; echo f self-source "${SSH_CONNECTION%% *}"; echo exitdesk-probe end',
    });
    const output = await probe(targetOf(six, { host: '::1' }), limits, never);
    await six.stop();
    expect(output.ok ? readProbe(output.text)?.facts.get('self-source') : output).toBe('::1');
  });

  it.each(['ed', 'rsa'])('takes a pinned fingerprint for a pinned key, whatever type it is of: %s', async (name) => {
    const key = Buffer.from(readFileSync(join(folder, `${name}.pub`), 'utf8').split(' ')[1] ?? '', 'base64');
    const output = await probe(targetOf(server, { hostKeys: [fingerprintOf(key)] }), limits, never);
    expect(output.ok).toBe(true);
  });

  it('asks for the pinned type of key where the host has others too', async () => {
    const output = await probe(
      targetOf(server, { hostKeys: [readFileSync(join(folder, 'rsa.pub'), 'utf8')] }),
      limits,
      never,
    );
    expect(output.ok).toBe(true);
  });

  it('does not log in where the pinned key of that type is another one', async () => {
    const other = readFileSync(`${makeKey(join(folder, 'other'))}.pub`, 'utf8');
    const output = await probe(targetOf(server, { hostKeys: [other] }), limits, never);
    expect(output).toMatchObject({ ok: false, reason: 'host-key-changed' });
  });

  it('does not log in where the host has no key of the pinned type', async () => {
    const ecdsa = readFileSync(`${makeKey(join(folder, 'ecdsa'), 'ecdsa')}.pub`, 'utf8');
    const output = await probe(targetOf(server, { hostKeys: [ecdsa] }), limits, never);
    expect(output).toMatchObject({ ok: false, reason: 'host-key-unknown' });
  });

  it('does not log in where nothing is pinned, and says which key the host shows', async () => {
    const output = await probe(targetOf(server, { hostKeys: [] }), limits, never);
    expect(output).toMatchObject({ ok: false, reason: 'host-key-unknown' });
    expect(output.ok ? '' : output.detail).toMatch(/ssh-ed25519 SHA256:[A-Za-z0-9+/]{43}/);
  });

  it('says that a fingerprint has changed only after every type of key was asked for', async () => {
    const output = await probe(targetOf(server, { hostKeys: [`SHA256:${'A'.repeat(43)}`] }), limits, never);
    expect(output).toMatchObject({ ok: false, reason: 'host-key-changed' });
  });

  it('takes the keys of a known_hosts file, with hashed names too, and never a revoked one', async () => {
    const file = join(folder, 'known_hosts');
    writeFileSync(file, `[127.0.0.1]:${server.port} ${server.hostKeyLine}\n`);
    spawnSync('ssh-keygen', ['-H', '-f', file]);
    expect(readFileSync(file, 'utf8')).toMatch(/^\|1\|/);
    const target = targetOf(server, { hostKeys: [], knownHostsFile: file });
    expect(await probe(target, limits, never)).toMatchObject({ ok: true });
    writeFileSync(file, `@revoked * ${server.hostKeyLine}\n`, { flag: 'a' });
    expect(await probe(target, limits, never)).toMatchObject({ ok: false, reason: 'host-key-changed' });
    const gone = targetOf(server, { hostKeys: [], knownHostsFile: join(folder, 'not-there') });
    expect(await probe(gone, limits, never)).toMatchObject({ ok: false, reason: 'host-key-unknown' });
  });

  it('says that our key was refused', async () => {
    const output = await probe(targetOf(server, { keyFile: makeKey(join(folder, 'stranger')) }), limits, never);
    expect(output).toMatchObject({ ok: false, reason: 'auth-refused' });
  });

  it('says that our own key file cannot be used', async () => {
    writeFileSync(join(folder, 'no-key'), 'nothing of the kind');
    for (const keyFile of [join(folder, 'no-key'), join(folder, 'not-there'), `${server.keyFile}.pub`]) {
      expect(await probe(targetOf(server, { keyFile }), limits, never)).toMatchObject({
        ok: false,
        reason: 'key-unreadable',
      });
    }
  });

  it('stops at once when the desk stops', async () => {
    const stop = new AbortController();
    const running = probe(targetOf(server), limits, stop.signal);
    stop.abort();
    expect(await running).toMatchObject({ ok: false, reason: 'cut-off' });
  });

  it('runs a forced command in place of its own', async () => {
    const script = join(folder, 'probe');
    writeFileSync(script, readFileSync(new URL('../../src/hosts/probe.sh', import.meta.url)), { mode: 0o755 });
    const forced = await startSshd({ forcedCommand: script });
    const output = await probe(targetOf(forced), limits, never);
    await forced.stop();
    expect(output).toMatchObject({ ok: true, truncated: false });
  });

  it('knows who asked from where even where the forced command runs without our environment, as with sudo', async () => {
    const script = join(folder, 'probe');
    const forced = await startSshd({ forcedCommand: `env -i ${script}; true` });
    const output = await probe(targetOf(forced), limits, never);
    await forced.stop();
    expect(output.ok ? readProbe(output.text)?.facts.get('self-source') : null).toBe('127.0.0.1');
  });
});

describe.skipIf(!hasSshd())('a host that misbehaves', () => {
  it.each([
    ['hangs', 'sleep 5', 1_500, 'timeout'],
    ['sends without end', 'exec cat /dev/zero', 20_000, 'output-cap'],
    ['sends 100 MB', 'head -c 100000000 /dev/zero', 20_000, 'output-cap'],
    ['sends garbage', 'head -c 100000 /dev/urandom', 20_000, 'protocol'],
    ['allows no shell', 'echo This account is not available; exit 1', 20_000, 'protocol'],
    ['says nothing', 'true', 20_000, 'protocol'],
  ])('and %s is told as such within the deadline', async (_what, forcedCommand, deadlineMs, reason) => {
    const server = await startSshd({ forcedCommand, ownProcesses: true });
    const output = await probe(targetOf(server), { ...limits, deadlineMs }, never);
    expect(output).toMatchObject({ ok: false, reason });
    expect(output.tookMs).toBeLessThan(deadlineMs + 1_000);
    expect(judgeProbe(output, 'helium', requirements, 0)).toMatchObject({
      verdict: 'could-not-check',
      because: [expect.stringMatching(/: \S/)],
    });
    // What was forced there runs on where it does not mind that nobody listens: it is over by itself.
    await until(() => processesIn(server.pid).length <= 1);
    await server.stop();
  });

  it('and whose network swallows everything in the middle is told as such within the deadline', async () => {
    const server = await startSshd();
    const proxy = await startSilentProxy(server.port);
    const running = probe(targetOf({ ...server, port: proxy.port }), { ...limits, deadlineMs: 2_000 }, never);
    await until(() => /Starting session/.test(server.log()));
    proxy.silence();
    expect(await running).toMatchObject({ ok: false, reason: 'timeout' });
    await proxy.stop();
    await server.stop();
  });

  it('and resets the connection in the middle is told as cut off', async () => {
    const server = await startSshd();
    const proxy = await startSilentProxy(server.port);
    const running = probe(targetOf({ ...server, port: proxy.port }), limits, never);
    await until(() => /Starting session/.test(server.log()));
    await proxy.stop();
    expect(await running).toMatchObject({ ok: false, reason: 'cut-off' });
    await server.stop();
  });

  it.each([
    ['whose middle is garbage', 'echo exitdesk-probe 1; head -c 50000 /dev/urandom; echo; echo exitdesk-probe end'],
    [
      'that names parts and never says how they went',
      'echo exitdesk-probe 1; echo "= logins row x"; echo exitdesk-probe end',
    ],
    [
      'of which every part is empty',
      'echo exitdesk-probe 1; for p in logins sessions processes open-files auth-log; do echo "# $p empty x"; done; echo exitdesk-probe end',
    ],
  ])('and sends an output %s is never clean', async (_what, forcedCommand) => {
    const server = await startSshd({ forcedCommand });
    const output = await probe(targetOf(server), limits, never);
    await server.stop();
    expect(judgeProbe(output, 'helium', requirements, 0).verdict).toBe('could-not-check');
  });

  it('and ends before its last line is told as not whole', async () => {
    const server = await startSshd({ forcedCommand: 'echo exitdesk-probe 1; echo f os Linux' });
    expect(await probe(targetOf(server), limits, never)).toMatchObject({ ok: true, truncated: true });
    await server.stop();
  });

  it('and kills the connection in the middle is told as cut off', async () => {
    const server = await startSshd({ forcedCommand: 'echo exitdesk-probe 1; kill -9 $PPID; sleep 0.2' });
    expect(await probe(targetOf(server), limits, never)).toMatchObject({ ok: false, reason: 'cut-off' });
    await server.stop();
  });

  it('and opens no session is told as such', async () => {
    const server = await startSshd({ settings: ['MaxSessions 0'] });
    expect(await probe(targetOf(server), limits, never)).toMatchObject({ ok: false, reason: 'protocol' });
    await server.stop();
  });

  it.skipIf(!hasSandbox())(
    'and lets go of the probe when the connection ends: no process of the script stays',
    async () => {
      const server = await startSshd({ ownProcesses: true });
      const stop = new AbortController();
      const running = probe(targetOf(server), limits, stop.signal);
      await until(() => /Starting session/.test(server.log()));
      expect(processesIn(server.pid).length).toBeGreaterThan(1);
      stop.abort();
      await running;
      // The whole namespace: what a session leaves behind is nobody's child any more.
      await until(() => processesIn(server.pid).length <= 1);
      await server.stop();
    },
  );
});

describe('a port without an SSH server', () => {
  const target = (port: number): ProbeTarget => targetOf({ port, user: 'exitdesk', keyFile, hostKeyLine: '' });
  let folder = '';
  let keyFile = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'exitdesk-ssh-test-'));
    keyFile = makeKey(join(folder, 'key'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('that is closed is unreachable', async () => {
    expect(await probe(target(await freePort()), limits, never)).toMatchObject({ ok: false, reason: 'unreachable' });
  });

  it('that drops whatever knocks is a time-out', async () => {
    const hole = await startBlackHole();
    const output = await probe(target(hole.port), { ...limits, connectTimeoutMs: 1_000 }, never);
    hole.stop();
    expect(output).toMatchObject({ ok: false, reason: 'timeout' });
    expect(output.tookMs).toBeLessThan(3_000);
  });

  it('that never speaks is a time-out, and the connection is closed', async () => {
    const { port, close, open } = await listen((socket) => socket.resume());
    expect(await probe(target(port), { ...limits, connectTimeoutMs: 300 }, never)).toMatchObject({
      ok: false,
      reason: 'timeout',
    });
    await until(() => open() === 0);
    await close();
  });

  it('that speaks something else is told as such', async () => {
    const { port, close } = await listen((socket) => socket.end('220 mail.exits.example ESMTP\r\n'));
    expect(await probe(target(port), limits, never)).toMatchObject({ ok: false, reason: 'protocol' });
    await close();
  });

  it('that hangs up at once is told as such', async () => {
    const { port, close } = await listen((socket) => socket.destroy());
    const output = await probe(target(port), limits, never);
    expect(output.ok ? '' : output.reason).toMatch(/^(?:protocol|unreachable|cut-off)$/);
    await close();
  });

  it('whose name does not exist is unreachable', async () => {
    const nowhere = { ...target(22), host: 'no-such-host.invalid' } as ProbeTarget;
    expect(await probe(nowhere, limits, never)).toMatchObject({ ok: false, reason: 'unreachable' });
  });
});

/** Waits for a condition that the system brings about by itself; vitest's own time-out ends a test whose condition never comes. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * A port whose queue of connections is full and never emptied: the kernel drops further ones without a word. The process that
 * listens is one of its own, for it blocks.
 */
async function startBlackHole(): Promise<{ port: number; stop: () => void }> {
  const program = `const s = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(s.address().port)); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });`;
  const listener = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(listener.stdout, 'data')) as [Buffer];
  const port = Number(said.toString('utf8'));
  const knocking: Socket[] = [];
  const queued = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', timeout: 400 }, () => resolve(true));
      socket.on('timeout', () => resolve(false)).on('error', () => resolve(false));
      knocking.push(socket);
    });
  while (await queued());
  return {
    port,
    stop: () => {
      for (const socket of knocking) socket.destroy();
      listener.kill('SIGKILL');
    },
  };
}

async function listen(
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; open: () => number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  return { port: (server.address() as AddressInfo).port, open: () => sockets.size, close };
}
