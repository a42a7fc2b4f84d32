import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { baselineOf } from '../../src/core/hosts/baseline.ts';
import type { CheckRequirements, HostCheck } from '../../src/core/hosts/check.ts';
import { judgeProbe } from '../../src/core/hosts/judge-probe.ts';
import { ordinaryHost } from './noise.ts';
import type { LogStyle, OrdinaryHost } from './noise.ts';
import { probeSandbox } from './sandbox.ts';

/** A kind of host that is rehearsed: a root file system, and how it keeps its logs. */
export type HostKind = { readonly name: string; readonly root: string; readonly logs: LogStyle };

const requirements: CheckRequirements = {
  required: ['logins', 'sessions', 'processes', 'open-files'],
  oneLog: true,
  // Newer systems ask logind for sessions, which no sandbox runs.
  emptyIsFine: ['sessions'],
  ownSources: ['192.0.2.0/24', '2001:db8:a::/48'],
  ownAccounts: ['admin', 'exitdesk'],
};

/** One host of a kind, whose ordinary state was accepted. */
export type Rehearsal = {
  readonly check: (
    plant?: string,
    noise?: number,
  ) => Promise<HostCheck & { readonly text: string; readonly host: OrdinaryHost }>;
};

export async function rehearse({ root, logs, name }: HostKind): Promise<Rehearsal> {
  const probe = (host: OrdinaryHost, plant: string): ReturnType<typeof probeSandbox> =>
    probeSandbox({
      root,
      seed: host.seed,
      plant: `${host.plant}\n${plant}`,
      command: ['/usr/bin/env', '/bin/env']
        .filter((path) => existsSync(join(root, path)))
        .slice(0, 1)
        .concat(host.environment, '/bin/sh', '-s'),
    });
  const accepted = baselineOf(await probe(ordinaryHost(logs, 0), ''), requirements);
  return {
    async check(plant = '', noise = 0) {
      const host = ordinaryHost(logs, noise);
      const output = await probe(host, plant);
      const check = judgeProbe(output, name, { ...requirements, baseline: accepted }, Date.now());
      return { ...check, text: output.ok ? output.text : '', host };
    },
  };
}

/** Is this program in the root file system? */
export function hasTool(root: string, name: string): boolean {
  return ['usr/bin', 'bin', 'usr/sbin', 'sbin'].some((folder) => existsSync(join(root, folder, name)));
}
