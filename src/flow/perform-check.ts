import type { App } from '../app.ts';
import type { Action, CaseId } from '../core/case.ts';
import { windowOfEvent } from '../core/event-window.ts';
import type { HostCheck } from '../core/hosts/check.ts';
import { torThen } from '../core/hosts/tor-then.ts';
import { caseById } from '../store/cases.ts';
import type { CheckRow } from '../store/checks.ts';
import { freshCheck, saveCheck, torAround } from '../store/checks.ts';
import { inTransaction } from '../store/open.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { enqueue, postponeRow, settleRow } from '../store/outbox.ts';
import { probeTargetOf } from '../config.ts';
import { actionKey } from '../core/case.ts';
import { checkNode } from './check-node.ts';
import { applyEvent } from './apply-event.ts';

/** By host: several nodes may be one machine, which one probe looks at at a time. Who comes second for the same node finds a fresh check. */
const underWay = new Map<string, Promise<unknown>>();

/**
 * Looks at one accused host for a case (or for a notice, which has none): a fresh check of the same node serves, else the
 * probe runs. Repeating it after a crash is harmless, so its recovery is `repeat`.
 */
export async function performCheck(
  app: App,
  row: OutboxRow,
  action: Extract<Action, { type: 'check-host' }>,
  signal: AbortSignal,
): Promise<void> {
  const { node } = action;
  // Where Tor cannot have carried what is reported, no check from before the report says anything.
  const notBefore = action.raised === true ? row.createdAt - 1 : -Infinity;
  const host = hostOf(app, node);
  const before = underWay.get(host) ?? Promise.resolve();
  const mine = before.then(
    () => checkOnce(app, row, { node, notBefore }, signal),
    () => checkOnce(app, row, { node, notBefore }, signal),
  );
  underWay.set(host, mine);
  try {
    await mine;
  } finally {
    if (underWay.get(host) === mine) underWay.delete(host);
  }
}

function hostOf(app: App, name: string): string {
  const node = app.config.nodes.find((n) => n.name === name);
  const target = node === undefined ? null : probeTargetOf(node);
  if (target === null) return `node ${name}`;
  return target.transport === 'ssh' ? `${target.host} ${target.port}` : target.transport;
}

type Wanted = { readonly node: string; readonly notBefore: number };

async function checkOnce(app: App, row: OutboxRow, { node, notBefore }: Wanted, signal: AbortSignal): Promise<void> {
  const now = app.now();
  const { checkFreshnessMs, checkRetryEveryMs } = app.policy;
  const fresh = freshCheck(app.db, node, {
    now,
    verdictSince: Math.max(notBefore, now - checkFreshnessMs),
    failureSince: Math.max(notBefore, now - Math.min(checkFreshnessMs, checkRetryEveryMs)),
  });
  if (fresh !== null) {
    settle(app, row, fresh);
    return;
  }
  const { check, retryable } = await checkNode(app, node, signal);
  // Stopped in the middle: due again at the next start, and no death of ours.
  if (signal.aborted) return postponeRow(app.db, row.id, now, 'stopped');
  settle(app, row, check, retryable);
}

/** The check, the suspicion, the case's event and the end of the row are one commit. */
function settle(app: App, row: OutboxRow, check: HostCheck | CheckRow, retryable = true): void {
  inTransaction(app.db, () => {
    const id = 'id' in check ? check.id : saveCheck(app.db, check);
    settleRow(app.db, row.id, check.verdict, app.now());
    if (row.caseId === null) {
      alertWithoutCase(app, check, id);
      return;
    }
    const event = {
      type: 'host-checked',
      node: check.node,
      checkId: id,
      verdict: check.verdict,
      hostKeyTrouble: check.hostKeyTrouble,
      notices: check.findings.filter((finding) => finding.severity === 'notice').length,
      ...(torWasDown(app, row.caseId, check.node) ? ({ torWasDown: true } as const) : {}),
      retryable,
    } as const;
    applyEvent(app, row.caseId, event, `checked:${row.key}`);
  });
  app.log.info('host-checked', { node: check.node, verdict: check.verdict, case: row.caseId, shared: 'id' in check });
}

/** Did tor stand still on the node at the time that the complaint names, as far as the checks before and after show? */
function torWasDown(app: App, caseId: CaseId, node: string): boolean {
  const event = caseById(app.db, caseId)?.judgement.event;
  const window = event === undefined ? null : windowOfEvent(event);
  if (window === null) return false;
  const { before, after } = torAround(app.db, node, window);
  return torThen(before, after, window).answer === 'not-running';
}

/** A notice or a handler asked for the check: nobody's case tells of it, so the alert comes from here. */
function alertWithoutCase(app: App, check: HostCheck, checkId: CheckRow['id']): void {
  const about = check.verdict === 'suspicious' ? 'host-suspicious' : check.hostKeyTrouble ? 'host-key' : null;
  if (about === null) return;
  const action = { type: 'alert', about, node: check.node, checkId, mailId: null } as const;
  enqueue(app.db, action, { key: actionKey(0 as CaseId, action), caseId: null, at: app.now() });
}
