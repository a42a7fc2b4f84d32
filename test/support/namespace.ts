import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

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
