import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { ProbeOutput } from '../core/hosts/check.ts';
import { collectOutput } from './collect-output.ts';
import { outcomeOf } from './ssh.ts';
import { probeScript } from './probe-script.ts';
import type { Probe, ProbeLimits } from './probe.ts';

type Outcome = ReturnType<typeof outcomeOf>;

/**
 * The probe of this machine: the same script in a shell of its own, with nothing of our environment. The shell leads a process
 * group, which is killed whole at the end, whatever the end was.
 */
export function createLocalProbe(): Probe {
  return async (_target, limits, signal): Promise<ProbeOutput> => {
    const began = performance.now();
    const outcome = await runHere(limits, AbortSignal.any([signal, AbortSignal.timeout(limits.deadlineMs)]), signal);
    return { ...outcome, tookMs: Math.round(performance.now() - began) };
  };
}

function runHere(limits: ProbeLimits, stop: AbortSignal, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const shell = spawn('/bin/sh', ['-s'], {
      detached: true,
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      stdio: 'pipe',
    });
    let complaint = '';
    const settle = (outcome: Outcome): void => {
      stop.removeEventListener('abort', onStop);
      killGroup(shell);
      resolve(outcome);
    };
    const onStop = (): void =>
      settle(
        signal.aborted
          ? { ok: false, reason: 'cut-off', detail: 'the desk was stopped' }
          : { ok: false, reason: 'timeout', detail: `the check was not over after ${limits.deadlineMs / 1000} s` },
      );
    const output = collectOutput(limits.maxBytes, () =>
      settle({ ok: false, reason: 'output-cap', detail: `more than ${limits.maxBytes} bytes came` }),
    );
    shell.on('error', () => settle({ ok: false, reason: 'unreachable', detail: '/bin/sh could not be started here' }));
    shell.stdout.on('data', (chunk: Buffer) => output.add(chunk));
    shell.stderr.on('data', (chunk: Buffer) => {
      if (complaint.length < 300) complaint += chunk.toString('utf8');
    });
    shell.on('close', (code, end) => {
      if (!output.isFull()) settle(outcomeOf(output.text(), { code, signal: end }, complaint));
    });
    // The shell may be killed while it still reads.
    shell.stdin.on('error', () => undefined);
    if (stop.aborted) return onStop();
    stop.addEventListener('abort', onStop, { once: true });
    shell.stdin.end(probeScript);
  });
}

function killGroup(shell: ChildProcess): void {
  if (shell.pid === undefined) return;
  try {
    process.kill(-shell.pid, 'SIGKILL');
  } catch {
    // ESRCH: the group ended by itself.
  }
  shell.stdout?.destroy();
  shell.stderr?.destroy();
}
