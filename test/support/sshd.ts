import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const binary = '/usr/sbin/sshd';

/** Is OpenSSH's server here, with the rights to run it? (It wants root's empty folder /run/sshd when it runs as root.) */
export function hasSshd(): boolean {
  return existsSync(binary) && spawnSync('ssh-keygen', ['-?']).error === undefined;
}

export type SshdOptions = {
  /** Key file of the host; default: a new Ed25519 key. Give several types by several files. */
  readonly hostKeys?: readonly string[];
  /** Public key lines that may log in; default: those of the new client key. */
  readonly authorizedKeys?: readonly string[];
  /** command="…" before each authorized key, with `restrict`. */
  readonly forcedCommand?: string;
  /** Further lines of sshd_config. */
  readonly settings?: readonly string[];
  readonly port?: number;
  /** The host has processes of its own, so that a check sees none of this machine's (where the kernel lets us). */
  readonly ownProcesses?: boolean;
};

export type Sshd = {
  readonly port: number;
  /** "ssh-ed25519 AAAA…" of the first host key, as it is pinned. */
  readonly hostKeyLine: string;
  /** Private key file of the client that may log in. */
  readonly keyFile: string;
  readonly user: string;
  /** The server's own log so far. */
  readonly log: () => string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
};

/** A real OpenSSH server on loopback, from a temporary folder, that lets the present account in by key. Resolves when it listens. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'exitdesk-sshd-'));
  const hostKeys = options.hostKeys ?? [makeKey(join(folder, 'host-key'))];
  const keyFile = makeKey(join(folder, 'client-key'));
  const keys = options.authorizedKeys ?? [readFileSync(`${keyFile}.pub`, 'utf8').trim()];
  const limits =
    options.forcedCommand === undefined ? '' : `restrict,command="${options.forcedCommand.replaceAll('"', '\\"')}" `;
  writeFileSync(join(folder, 'authorized_keys'), keys.map((key) => `${limits}${key}\n`).join(''), { mode: 0o600 });
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const port = options.port ?? (await freePort());
  writeFileSync(join(folder, 'sshd_config'), configLines(folder, port, hostKeys, options.settings ?? []).join('\n'));
  const command = [...(options.ownProcesses === true ? ownProcesses() : []), binary, '-D', '-e'];
  // However this process dies, the kernel ends the server with it (prctl(2)).
  const args = ['--pdeathsig', 'KILL', '--', ...command, '-f', join(folder, 'sshd_config')];
  const server = spawn('setpriv', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => (log += chunk.toString('utf8')));
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  server.once('error', (error) => (log += String(error)));
  const started = await Promise.race([listening(port, server), ended.then(() => false)]);
  if (!started) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`sshd did not start: ${log}`);
  }
  return {
    port,
    hostKeyLine: readFileSync(`${hostKeys[0]}.pub`, 'utf8').trim(),
    keyFile,
    user: userInfo().username,
    log: () => log,
    pid: server.pid ?? 0,
    async stop() {
      // unshare(1) ignores SIGTERM while it waits for its child, which dies with it.
      server.kill(options.ownProcesses === true ? 'SIGKILL' : 'SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A process namespace of its own, its end included; nothing where namespaces are not allowed. */
function ownProcesses(): readonly string[] {
  const prefix = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  return spawnSync('unshare', [...prefix.slice(1), 'true']).status === 0 ? prefix : [];
}

/** Makes a key pair without passphrase; the path is that of the private key, ".pub" is added for the other. */
export function makeKey(file: string, type: 'ed25519' | 'rsa' | 'ecdsa' = 'ed25519'): string {
  const made = spawnSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'test', '-f', file], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`ssh-keygen failed: ${made.stderr}`);
  return file;
}

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function configLines(folder: string, port: number, hostKeys: readonly string[], settings: readonly string[]): string[] {
  return [
    // The first value of a keyword counts in sshd_config(5): what a test sets goes before our own.
    ...settings,
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    ...hostKeys.map((file) => `HostKey ${file}`),
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PrintMotd no',
    'LogLevel VERBOSE',
    '',
  ];
}

/** Resolves to true as soon as the port answers, to false when the server has ended before. */
async function listening(port: number, server: ReturnType<typeof spawn>): Promise<boolean> {
  while (server.exitCode === null && server.pid !== undefined) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('close', () => undefined).once('connect', () => socket.destroy());
    });
    if (open) return true;
  }
  return false;
}
