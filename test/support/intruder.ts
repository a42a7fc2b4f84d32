import { spawnSync } from 'node:child_process';
import type { Sshd } from './sshd.ts';

/** Logs in to a host as an intruder would, and leaves a program running from an open folder. */
export function createIntruder(host: Sshd): { readonly program: string; readonly end: () => void } {
  const folder = `/tmp/.x-${host.port}`;
  const program = `${folder}/kworker`;
  const start = `mkdir -p ${folder} && cp /bin/sleep ${program} && (setsid ${program} 600 </dev/null >/dev/null 2>&1 &)`;
  void onHost(host, start);
  return { program, end: () => void onHost(host, `kill $(pidof ${program}) 2>/dev/null; rm -rf ${folder}`) };
}

/** Runs a command on a host as whoever has its key; gives what it printed. */
export function onHost(host: Sshd, command: string, input = ''): string {
  const quiet = ['-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'];
  const to = ['-q', '-i', host.keyFile, '-p', String(host.port), `${host.user}@127.0.0.1`, command];
  const done = spawnSync('ssh', [...quiet, ...to], { encoding: 'utf8', input, maxBuffer: 10_000_000 });
  if (done.status !== 0) throw new Error(`${command} on the host: ${done.status} ${done.stderr}`);
  return done.stdout;
}
