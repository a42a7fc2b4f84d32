import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { readProbe } from '../../src/core/hosts/read-probe.ts';
import { scrubSample } from '../../src/core/hosts/scrub-sample.ts';
import { createLocalProbe } from '../../src/hosts/local.ts';

const here = { node: 'here', transport: 'local' } as const;
const limits = { deadlineMs: 30_000, maxBytes: 4_000_000, connectTimeoutMs: 1_000 };
const never = new AbortController().signal;
const probe = createLocalProbe();

describe('the host check of this machine', () => {
  it('comes back whole, with a line for each part of the list', async () => {
    const output = await probe(here, limits, never);
    expect(output).toMatchObject({ ok: true, truncated: false });
    const reading = output.ok ? readProbe(output.text) : null;
    expect([...(reading?.parts.keys() ?? [])]).toEqual(
      expect.arrayContaining(['logins', 'sessions', 'processes', 'open-files', 'auth-log', 'syslog', 'daemon-log']),
    );
    expect(reading?.parts.get('processes')?.status).toBe('done');
  });

  it('makes a sample that names neither this machine, nor its addresses, nor its accounts', async () => {
    const output = await probe(here, limits, never);
    const names = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [name = '', , uid] = line.split(':');
        return Number(uid) >= 1000 && name !== 'nobody' ? [name] : [];
      });
    const addresses = Object.values(networkInterfaces()).flatMap((list) =>
      (list ?? []).filter((i) => !i.internal).map((i) => i.address),
    );
    const sample = scrubSample(output.ok ? output.text : '', { addresses: [], hosts: [hostname()], accounts: [] });
    expect(readProbe(sample)?.whole).toBe(true);
    for (const secret of [...addresses, ...names.map((n) => ` ${n} `), ` ${hostname()} `])
      expect(sample).not.toContain(secret);
  });

  it('ends at the deadline, and nothing of it keeps running', async () => {
    expect(await probe(here, { ...limits, deadlineMs: 30 }, never)).toMatchObject({ ok: false, reason: 'timeout' });
  });

  it('is stopped by the cap on output', async () => {
    expect(await probe(here, { ...limits, maxBytes: 500 }, never)).toMatchObject({ ok: false, reason: 'output-cap' });
  });

  it('stops when the desk stops', async () => {
    const stop = new AbortController();
    const running = probe(here, limits, stop.signal);
    stop.abort();
    expect(await running).toMatchObject({ ok: false, reason: 'cut-off' });
  });
});

describe('the privacy of the people who use the exit', () => {
  it('keeps every address and port of a connection of tor on the host, and tells those of nobody else but by kind', async () => {
    // A stand-in that only bears the name: it holds loopback connections as tor holds those of its users.
    const peers = ['127.71.7.1', '127.71.7.2', '127.71.7.3'];
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const standIn = await holdConnections('tor', port, peers);
    const other = await holdConnections('elsewhere', port, ['127.71.8.1']);
    const output = await probe(here, limits, never);
    for (const child of [standIn, other]) child.process.kill('SIGKILL');
    server.close();
    const text = output.ok ? output.text : '';
    expect(text).toMatch(/^= processes stat \d+ \d+ \d+ \S+ user tor$/m);
    for (const peer of peers) expect(text).not.toContain(peer);
    expect(text).not.toContain('127.71.8.1');
    const reading = output.ok ? readProbe(output.text) : null;
    const rows = reading?.parts.get('open-files')?.rows ?? [];
    for (const torPort of standIn.ports) expect(rows.some((r) => r.text.includes(`${torPort}`))).toBe(false);
    expect(
      rows.some(
        (r) => r.kind === 'conn' && r.text.startsWith(`${other.process.pid} `) && r.text.includes('[loopback]'),
      ),
    ).toBe(true);
    expect(rows.some((r) => r.kind === 'conn' && r.text.startsWith(`${standIn.process.pid} `))).toBe(false);
  });
});

/** A process of the given name that connects from each of the addresses to the port, and keeps the connections open. */
async function holdConnections(
  name: string,
  port: number,
  from: readonly string[],
): Promise<{ process: ReturnType<typeof spawn>; ports: number[] }> {
  const program = `
    process.title = ${JSON.stringify(name)};
    const { connect } = require('node:net');
    const open = ${JSON.stringify(from)}.map((localAddress) => new Promise((resolve) => {
      const socket = connect({ port: ${port}, host: '127.0.0.1', localAddress }, () => resolve(socket.localPort));
    }));
    Promise.all(open).then((ports) => console.log(JSON.stringify(ports)));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { process: child, ports: JSON.parse(line.toString('utf8')) as number[] };
}
