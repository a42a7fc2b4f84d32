import type { App } from '../app.ts';
import type { NodeConfig } from '../config.ts';
import { probeTargetOf, requirementsOf } from '../config.ts';
import { baselineOf } from '../core/hosts/baseline.ts';
import type { Baseline, CheckRequirements, HostCheck, ProbeOutput } from '../core/hosts/check.ts';
import { judgeProbe } from '../core/hosts/judge-probe.ts';
import { baselineOfNode, clearedFindings } from '../store/checks.ts';

export type NodeCheck = {
  readonly check: HostCheck;
  /** False where trying again is pointless: no check is configured. */
  readonly retryable: boolean;
  /** What the host shows as its normal state, for a handler to accept; null where the output is not whole. */
  readonly state: Baseline | null;
};

/** Runs the probe on a node of the configuration now and judges what it brings. Never throws for what the host does. */
export async function checkNode(app: App, name: string, signal: AbortSignal): Promise<NodeCheck> {
  const at = app.now();
  const node = app.config.nodes.find((n) => n.name === name);
  const target = node === undefined ? null : probeTargetOf(node);
  if (node === undefined || target === null) {
    const why = node === undefined ? 'is not in the configuration any more' : 'has no check configured';
    return { check: uncheckable(name, at, `node ${name} ${why}`), retryable: false, state: null };
  }
  const requirements = requirementsNow(app, node);
  const output = await app.probe(target, app.config.limits.probe, signal);
  return {
    check: judgeProbe(output, name, requirements, at),
    retryable: true,
    state: baselineOf(output, requirements),
  };
}

/** What the host says, before any judgement: for a sample, never to be stored. Never throws for what the host does. */
export async function probeNode(app: App, name: string, signal: AbortSignal): Promise<ProbeOutput> {
  const node = app.config.nodes.find((n) => n.name === name);
  const target = node === undefined ? null : probeTargetOf(node);
  if (target === null) return { ok: false, reason: 'unreachable', detail: 'it has no check configured', tookMs: 0 };
  return app.probe(target, app.config.limits.probe, signal);
}

/** What the configuration requires, and what handlers have accepted and cleared since. */
function requirementsNow(app: App, node: NodeConfig): CheckRequirements {
  return {
    ...requirementsOf(node),
    baseline: baselineOfNode(app.db, node.name),
    cleared: clearedFindings(app.db, node.name),
  };
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
