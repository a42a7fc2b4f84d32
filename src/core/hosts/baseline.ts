import type { Baseline, CheckRequirements, ProbeOutput } from './check.ts';
import { viewHost } from './host-view.ts';
import type { HostView } from './host-view.ts';
import { readProbe } from './read-probe.ts';

/** A program that has run for less long may be a job of the moment, and is no part of what is normal. */
const lastingSeconds = 300;
/** From here on the system hands out ports by itself (Linux: net.ipv4.ip_local_port_range). */
const firstPassingPort = 32_768;

/** What this output shows as the normal state of its host, for a handler to accept; null where it is not whole. */
export function baselineOf(output: ProbeOutput, requirements: CheckRequirements): Baseline | null {
  if (!output.ok || output.truncated) return null;
  const reading = readProbe(output.text);
  return reading?.whole === true ? stateOf(viewHost(reading, requirements)) : null;
}

/** The lines of a host that are compared with what was accepted. */
export function stateOf(host: HostView): Baseline {
  return {
    accounts: sorted([
      ...host.rows('accounts', 'account').map((row) => `account ${row}`),
      ...host.rows('accounts', 'group').map((row) => `group ${row}`),
      ...host.rows('accounts', 'sudoers').map((row) => `sudoers ${withoutTime(row)}`),
      ...host.rows('accounts', 'suid').map((row) => `suid ${row}`),
    ]),
    keys: sorted(host.rows('keys', 'key').map((row) => row.split(' ').slice(0, 2).join(' '))),
    listeners: sorted(
      host
        .rows('open-files', 'listen')
        .filter(isLasting)
        .map((row) => row.split(' ').slice(2, 5).join(' ')),
    ),
    programs: sorted(
      [...host.processes.values()]
        .filter((p) => !p.kernel && p.exe !== null && (p.ageSeconds ?? 0) > lastingSeconds)
        .map((p) => `${p.uid ?? '-'} ${(p.exe ?? '').replace(/ \(deleted\)$/, '')}`),
    ),
    files: sorted([...host.rows('autostart', 'file'), ...host.rows('tor', 'config')].map(withoutTime)),
  };
}

/** UDP clients (name servers, time) take a passing port each time: those tell nothing. */
function isLasting(row: string): boolean {
  const [, , , protocol, local = ''] = row.split(' ');
  return protocol !== 'UDP' || Number(/(?<!\d)\d+$/.exec(local)?.[0]) < firstPassingPort;
}

function withoutTime(row: string): string {
  return row.replace(/^\S+ /, '');
}

function sorted(lines: readonly string[]): string[] {
  return [...new Set(lines)].sort();
}
