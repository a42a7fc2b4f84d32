import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { table } from '../src/cli/table.ts';
import { createSshProbe } from '../src/hosts/ssh.ts';
import type { ProbeTarget } from '../src/hosts/probe.ts';
import { startSshd } from '../test/support/sshd.ts';

/**
 * `npm run bench:hosts [NODES]`: what a host check costs over a real sshd on loopback: time, bytes on the wire, and what the desk
 * itself spends on it. All nodes are this one machine, which runs every check: on real nodes each runs on its own.
 */
const nodes = Number(process.argv[2] ?? 50);
const limits = { deadlineMs: 300_000, maxBytes: 4_000_000, connectTimeoutMs: 60_000 };
const never = new AbortController().signal;
const probe = createSshProbe();
const wire = { bytes: 0 };

const sshd = await startSshd({ settings: ['MaxStartups 1000', 'LoginGraceTime 300'] });
const counter = await startCounter(sshd.port);
const { port } = counter.address() as AddressInfo;
const target: ProbeTarget = { node: 'here', transport: 'ssh', host: '127.0.0.1', port, user: sshd.user, keyFile: sshd.keyFile, hostKeys: [sshd.hostKeyLine] }; // prettier-ignore
try {
  console.log(table(['WHAT', 'VALUE', ''], [...(await measureOne()), ...(await measureMany())]));
} finally {
  counter.close();
  await sshd.stop();
}

async function measureOne(): Promise<string[][]> {
  const times: number[] = [];
  for (let run = 0; run < 7; run += 1) {
    wire.bytes = 0;
    times.push(await checkOnce());
  }
  times.sort((a, b) => a - b);
  return [
    ['one check, half of them under', `${((times[3] ?? 0) / 1000).toFixed(2)} s`, `${times.length} checks, one after the other`],
    ['bytes on the wire', `${(wire.bytes / 1000).toFixed(0)} kB`, 'both ways, the script and the handshake included'],
  ]; // prettier-ignore
}

async function measureMany(): Promise<string[][]> {
  const [began, spent] = [performance.now(), process.cpuUsage()];
  await Promise.all(Array.from({ length: nodes }, checkOnce));
  const { user, system } = process.cpuUsage(spent);
  const seconds = (performance.now() - began) / 1000;
  return [
    [`${nodes} nodes at a time`, `${seconds.toFixed(1)} s`, 'all of them this machine'],
    ['… of which the desk itself', `${((user + system) / 1e6 / nodes).toFixed(3)} s`, 'of processor time for each'],
  ];
}

async function checkOnce(): Promise<number> {
  const output = await probe(target, limits, never);
  if (!output.ok || output.truncated) throw new Error(`the check failed: ${JSON.stringify(output)}`);
  return output.tookMs;
}

/** Passes everything on and counts it. */
async function startCounter(to: number): Promise<Server> {
  const pass = (from: Socket, into: Socket): void => {
    from.on('data', (chunk) => {
      wire.bytes += chunk.length;
      into.write(chunk);
    });
    from.on('error', () => into.destroy()).on('close', () => into.destroy());
  };
  const server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1');
    pass(client, upstream);
    pass(upstream, client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
