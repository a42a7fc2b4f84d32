import type { HostRule } from './rule.ts';
import { logRules } from './rules/logs.ts';
import { baselineRules } from './rules/baseline.ts';
import { loginRules } from './rules/logins.ts';
import { processRules } from './rules/processes.ts';
import { socketRules } from './rules/sockets.ts';
import { systemRules } from './rules/system.ts';

/** Every rule of the host check, in the order in which findings are listed. Ids are unique and stay: they are stored. */
export const hostRules: readonly HostRule[] = [
  ...loginRules,
  ...processRules,
  ...socketRules,
  ...logRules,
  ...systemRules,
  ...baselineRules,
];
