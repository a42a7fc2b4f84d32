import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProbeOutput } from '../../src/core/hosts/check.ts';
import { probeScript } from '../../src/hosts/probe-script.ts';
import { overRoot } from './namespace.ts';

/** Files that lie over the root file system, by their absolute path there. */
export type Seed = Readonly<Record<string, string | Buffer>>;

/** Can this account make namespaces and overlays (root, on a kernel that lets it)? */
export function hasSandbox(): boolean {
  return spawnSync('unshare', ['-m', '-p', '-n', '-f', 'true']).status === 0;
}

// $2: a folder of ours, $3: what is planted, and then the command that reads the script.
const enter = `
mount --bind /dev dev
mount -t tmpfs none dev/shm
ip link set lo up 2>/dev/null || true
# Links in there are absolute, and would lead out: what is in the way goes first.
cp -a --remove-destination "$2/seed/." .
set +e
chroot . /bin/sh -c "$3" >&2
shift 3
# Not as the first process of the namespace: all orphans would be its children.
chroot . "$@"
`;

/** What lies in a sandbox, what is run there first by sh, and what reads the script (default: /bin/sh -s). */
export type Scene = {
  readonly root: string;
  readonly seed?: Seed;
  readonly plant?: string;
  readonly command?: readonly string[];
};

/**
 * The host check in a sandbox: own processes, network and mounts over the root file system at `root`, which stays as it is.
 * `seed` lies over its files; what `plant` leaves running is killed at the end.
 */
export async function probeSandbox({ root, seed = {}, plant = '', command }: Scene): Promise<ProbeOutput> {
  const folder = mkdtempSync(join(tmpdir(), 'exitdesk-sandbox-'));
  mkdirSync(join(folder, 'seed'));
  for (const [path, content] of Object.entries(seed)) {
    mkdirSync(dirname(join(folder, 'seed', path)), { recursive: true });
    writeFileSync(join(folder, 'seed', path), content);
  }
  const began = performance.now();
  const args = [plant, ...(command ?? ['/bin/sh', '-s'])];
  const [program = '', ...words] = overRoot(root, folder, enter, { network: 'own', args });
  const child = spawn(program, words, { stdio: 'pipe' });
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(probeScript);
  await new Promise<void>((resolve) => child.once('exit', () => resolve()));
  rmSync(folder, { recursive: true, force: true });
  const text = Buffer.concat(out).toString('utf8');
  if (!text.includes('exitdesk-probe end'))
    throw new Error(`the sandbox failed: ${Buffer.concat(errors).toString('utf8')}`);
  return { ok: true, text, truncated: false, tookMs: Math.round(performance.now() - began) };
}

/** A record of utmp(5) as glibc lays it out on 64-bit Linux (384 bytes): type 2 is the boot, 7 a login. */
export function utmpRecord(
  type: 2 | 7,
  record: { line: string; user: string; host: string; atSeconds: number },
): Buffer {
  const bytes = Buffer.alloc(384);
  bytes.writeInt16LE(type, 0);
  bytes.writeInt32LE(1, 4);
  bytes.write(record.line, 8, 32, 'latin1');
  bytes.write(record.user, 44, 32, 'latin1');
  bytes.write(record.host, 76, 256, 'latin1');
  bytes.writeInt32LE(record.atSeconds, 340);
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(record.host)?.slice(1).map(Number) ?? [];
  for (const [i, part] of parts.entries()) bytes.writeUInt8(part, 348 + i);
  return bytes;
}
