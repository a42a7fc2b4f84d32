import { createLocalProbe } from './local.ts';
import type { Probe } from './probe.ts';
import { createSshProbe } from './ssh.ts';

/** The probe of whatever transport the target names. */
export function createProbe(): Probe {
  const bySsh = createSshProbe();
  const local = createLocalProbe();
  return (target, limits, signal) => (target.transport === 'ssh' ? bySsh : local)(target, limits, signal);
}
