import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

// $1: the root file system below, $2: a folder of ours. All that is written goes into memory and is gone with the namespace.
const overlay = `
set -e
work=$2/work
mkdir "$work"
mount -t tmpfs none "$work"
mkdir "$work/upper" "$work/inner" "$work/root"
mount -t overlay -o "lowerdir=$1,upperdir=$work/upper,workdir=$work/inner" none "$work/root"
cd "$work/root"
mount -t proc proc proc
mount -t tmpfs none run
mount -t tmpfs none tmp
`;

/**
 * The words of an unshare(1) that runs `lines` by sh inside a copy of the root file system that forgets what is written to it:
 * own processes and mounts, and where `network` is "own" a network without anybody. `folder` is ours; `args` are $3 and on.
 */
export function overRoot(
  root: string,
  folder: string,
  lines: string,
  { network, args }: { readonly network: 'own' | 'shared'; readonly args: readonly string[] },
): readonly string[] {
  const own = ['-m', '-p', ...(network === 'own' ? ['-n'] : []), '-f', '--kill-child'];
  return ['unshare', ...own, 'sh', '-c', `${overlay}${lines}`, 'sh', root, folder, ...args];
}

/** The command lines of all processes in the process namespace that the child of this process (an unshare) has made. */
export function processesIn(unshare: number): readonly string[] {
  const first = read(`/proc/${unshare}/task/${unshare}/children`).split(' ')[0] ?? '';
  const inside = namespaceOf(first);
  if (inside === null || inside === namespaceOf('self')) return [];
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && namespaceOf(pid) === inside)
    .map((pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim())
    .filter((words) => words !== '');
}

function namespaceOf(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return null;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
