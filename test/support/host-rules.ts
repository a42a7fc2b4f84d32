import type { CheckPart, Severity } from '../../src/core/hosts/check.ts';
import { judgeProbe } from '../../src/core/hosts/judge-probe.ts';
import type { HostRule } from '../../src/core/hosts/rule.ts';
import { brought, probedAt, probeText, requirements } from './probe-text.ts';

/** Rows of a part, and the rule of this severity that fires on them. */
export type Firing = readonly [
  what: string,
  severity: Severity,
  rule: string,
  part: CheckPart,
  rows: readonly string[],
];

/** A process as the script tells it: number, name, program, arguments, age in seconds. */
export function ran(
  ...[pid, name, exe, args, age = 90_000]: readonly [number, string, string, string, number?]
): string[] {
  return [`stat ${pid} 1 0 S user ${name}`, `exe ${pid} ${exe}`, `args ${pid} ${args}`, `age ${pid} ${age}`];
}

/** What the rules find in an otherwise ordinary host with these rows in one part: "SEVERITY RULE" each. */
export function foundIn(
  part: CheckPart,
  rows: readonly string[],
  facts: Readonly<Record<string, string>> = {},
): string[] {
  const check = judgeProbe(brought(probeText({ [part]: { rows } }, facts)), 'helium', requirements, probedAt);
  return check.findings.map((f) => `${f.severity} ${f.rule}`);
}

/** Rules of a table that no firing shows: they need a test of their own. */
export function unshown(rules: readonly HostRule[], fires: readonly Firing[]): string[] {
  return rules.map((r) => r.id).filter((id) => !fires.some(([, , rule]) => rule === id));
}
