import type { App } from '../app.ts';
import { probeTargetOf, requirementsOf } from '../config.ts';
import type { HostCheck } from '../core/hosts/check.ts';
import { judgeProbe } from '../core/hosts/judge-probe.ts';

/** Runs the probe on a node of the configuration now and judges what it brings. Never throws for what the host does. */
export async function checkNode(
  app: App,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly check: HostCheck; readonly retryable: boolean }> {
  const at = app.now();
  const node = app.config.nodes.find((n) => n.name === name);
  const target = node === undefined ? null : probeTargetOf(node);
  if (node === undefined || target === null) {
    const why = node === undefined ? 'is not in the configuration any more' : 'has no check configured';
    return { check: uncheckable(name, at, `node ${name} ${why}`), retryable: false };
  }
  const output = await app.probe(target, app.config.limits.probe, signal);
  return { check: judgeProbe(output, name, requirementsOf(node), at), retryable: true };
}

function uncheckable(node: string, at: number, why: string): HostCheck {
  return {
    node,
    at,
    tookMs: 0,
    verdict: 'could-not-check',
    because: [why],
    parts: [],
    findings: [],
    hostKeyTrouble: false,
  };
}
