/** What every real server of the tests needs: a scratch folder, a free port, a process that ends with us, a condition to wait for. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of our own, open to the users that servers drop to, removed when this process ends at the latest. */
export function scratchFolder(name: string): { readonly path: string; readonly remove: () => void } {
  // Short: a UNIX socket's path may have 107 bytes.
  const path = mkdtempSync(join(tmpdir(), `ed-${name}-`));
  chmodSync(path, 0o755);
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  };
  process.on('exit', remove);
  return { path, remove };
}

const givenPorts = new Set<number>();

/**
 * A TCP port of 127.0.0.1 that nobody listens on and that this process has not been given before. Drawn below the range
 * from which the kernel takes ports for outgoing connections (32768 and up), so that none of those gets in between.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (givenPorts.has(port) || !(await isFree(port))) continue;
    givenPorts.add(port);
    return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listening = new Promise<boolean>((resolve) => {
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (!(await listening)) return false;
  server.close();
  await once(server, 'close');
  return true;
}

/** Waits for a condition by asking again and again; fails with `what` when the time is up. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  timeoutMs = 40_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export type ServerProcess = {
  readonly running: () => boolean;
  readonly output: () => string;
  /** SIGTERM and wait; SIGKILL for the whole group where that does not help within 5 s. */
  readonly stop: () => Promise<void>;
};

// A shell stands between, because a server that changes its user loses the parent-death signal (prctl(2)).
const KEEPER = `"$@" & child=$!; trap 'kill -TERM $child' TERM; while kill -0 $child 2>/dev/null; do wait $child; done`;

/**
 * Starts a server in the foreground. The kernel tells its keeper when this process dies, however it dies, so that no
 * crash of a test leaves a server behind.
 */
export function startServer(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ServerProcess {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', 'sh', '-c', KEEPER, 'keeper', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    detached: true,
  });
  let output = '';
  let ended = false;
  const exited = new Promise<void>((resolve) => {
    const end = (): void => {
      ended = true;
      resolve();
    };
    child.on('exit', end);
    child.on('error', (error) => {
      output += String(error);
      end();
    });
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return {
    running: () => !ended,
    output: () => output,
    stop: async () => {
      if (ended || child.pid === undefined) return;
      const group = -child.pid;
      child.kill('SIGTERM');
      const force = setTimeout(() => process.kill(group, 'SIGKILL'), 5000);
      await exited;
      clearTimeout(force);
    },
  };
}

/** Runs a command to its end and returns its output; throws with everything it said where it failed. */
export function run(command: string, args: readonly string[], input?: Buffer | string): string {
  const done = spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 100 * 1024 * 1024 });
  if (done.status !== 0) {
    throw new Error(`${command} ${args.join(' ')}: ${done.status ?? done.signal} ${done.stdout}${done.stderr}`);
  }
  return done.stdout;
}

/** Resolves once the port greets us with `greeting` (or just accepts, where that is empty). */
export async function untilListening(
  port: number,
  greeting: string,
  server: ServerProcess,
  log: () => string,
): Promise<void> {
  await until(`port ${port} is up`, async () => {
    if (!server.running()) throw new Error(`the server ended at start: ${server.output()}${log()}`);
    return await greets(port, greeting);
  });
}

async function greets(port: number, greeting: string): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    return await new Promise<boolean>((resolve) => {
      socket.on('error', () => resolve(false));
      socket.on('close', () => resolve(false));
      socket.on('connect', () => greeting === '' && resolve(true));
      socket.on('data', (chunk) => resolve(chunk.toString('latin1').startsWith(greeting)));
    });
  } finally {
    socket.destroy();
  }
}

/** A self-signed certificate for localhost, 127.0.0.1 and the given names: its PEM text is its own authority. */
export function makeCertificate(
  folder: string,
  names: readonly string[] = [],
): { cert: string; key: string; ca: string } {
  const key = join(folder, 'key.pem');
  const cert = join(folder, 'cert.pem');
  const alternatives = ['DNS:localhost', 'IP:127.0.0.1', ...names.map((name) => `DNS:${name}`)].join(',');
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
  const subject = ['-subj', '/CN=localhost', '-addext', `subjectAltName=${alternatives}`];
  run('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert]);
  return { cert, key, ca: readFileSync(cert, 'utf8') };
}
