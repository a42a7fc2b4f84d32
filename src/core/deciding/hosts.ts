import type { Action, Case, CaseEvent, CaseHost, Decision, LetterSlot } from '../case.ts';
import type { Policy } from '../policy.ts';
import { answer } from './letters.ts';
import { closed, decided, inState, needsPerson, onlyNoted, withdrawQueued } from './outcome.ts';
import { type Plan, planFor } from './plan.ts';

type HostChecked = Extract<CaseEvent, { type: 'host-checked' }>;

/** Asks for the check of each accused node that this case has not asked for yet. */
export function askForChecks(
  kase: Case,
  { nodes, raised }: Pick<Plan, 'nodes' | 'raised'>,
  now: number,
): { readonly kase: Case; readonly actions: readonly Action[] } {
  const known = new Set(kase.hosts.map((host) => host.node));
  const fresh = nodes.filter((node) => !known.has(node));
  const hosts: CaseHost[] = fresh.map((node) => ({
    node,
    status: 'pending',
    attempts: 1,
    since: now,
    checkId: null,
    retryAt: null,
  }));
  return {
    kase: { ...kase, hosts: [...kase.hosts, ...hosts] },
    actions: fresh.map((node) => checkAction(raised, node, 1)),
  };
}

function checkAction(raised: readonly string[], node: string, attempt: number): Action {
  return { type: 'check-host', node, attempt, ...(raised.includes(node) ? { raised: true } : {}) };
}

/** A probe came back, or a fresh check of the same host served this case too. */
export function onHostChecked(kase: Case, event: HostChecked, policy: Policy, now: number): Decision {
  const host = kase.hosts.find((h) => h.node === event.node);
  if (host === undefined || host.status === 'cleared')
    return onlyNoted(kase, 'this case does not wait for that host', policy);
  const looked = { ...host, ...afterCheck(host, event, policy, now), checkId: event.checkId };
  const updated = withHost(kase, looked);
  switch (event.verdict) {
    case 'clean':
      if (isOdd(updated, event, policy)) return odd(withHost(updated, { ...looked, odd: true }), event, policy);
      return goOn(updated, `${event.node} is checked: no sign of a break-in`, policy, now);
    case 'suspicious':
      return suspicious(updated, event, policy);
    case 'could-not-check':
      return notCheckable(updated, event, policy);
  }
}

/**
 * Tor did not run then; or it cannot have carried what is reported, and the check saw something: what is a notice otherwise
 * counts here.
 */
function isOdd(kase: Case, event: HostChecked, policy: Policy): boolean {
  const isOpen = kase.state === 'checking' || kase.state === 'needs-person';
  if (!isOpen) return false;
  return event.torWasDown === true || ((event.notices ?? 0) > 0 && planFor(kase, policy).raised.includes(event.node));
}

function odd(kase: Case, event: HostChecked, policy: Policy): Decision {
  const drafts = kase.state === 'needs-person' ? kase.drafts : planFor(kase, policy).drafts;
  const because =
    event.torWasDown === true
      ? `${event.node} is checked: no sign of a break-in, but tor did not run there at the reported time`
      : `${event.node} is checked: no sign of a break-in, but something to look at, and Tor cannot have carried what is reported`;
  return decided(needsPerson(kase, ['not-through-tor'], drafts), [], because, policy);
}

function afterCheck(
  host: CaseHost,
  event: HostChecked,
  policy: Policy,
  now: number,
): Pick<CaseHost, 'status' | 'retryAt'> {
  if (event.verdict !== 'could-not-check') return { status: event.verdict, retryAt: null };
  const mayRetry = event.retryable && now - host.since < policy.checkRetryForMs;
  return { status: 'could-not-check', retryAt: mayRetry ? now + policy.checkRetryEveryMs : null };
}

/** No letter leaves for a host under suspicion; letters already accepted stay what they are. */
function suspicious(kase: Case, event: HostChecked, policy: Policy): Decision {
  const alert: Action = {
    type: 'alert',
    about: 'host-suspicious',
    node: event.node,
    checkId: event.checkId,
    mailId: null,
  };
  const because = `${event.node} looks suspicious`;
  switch (kase.state) {
    case 'received':
    case 'checking':
    case 'answering':
    case 'needs-person': {
      const drafts = kase.state === 'needs-person' ? kase.drafts : planFor(kase, policy).drafts;
      return decided(needsPerson(withdrawQueued(kase), ['host-suspicious'], drafts), [alert], because, policy);
    }
    case 'awaiting-answer':
    case 'followed-up':
    case 'in-discussion':
    case 'reopened':
    case 'closed':
      return decided(kase, [alert], because, policy);
  }
}

function notCheckable(kase: Case, event: HostChecked, policy: Policy): Decision {
  const host = kase.hosts.find((h) => h.node === event.node);
  // One alert a case, not one every quarter of an hour.
  const alerts: Action[] =
    event.hostKeyTrouble && host?.attempts === 1
      ? [{ type: 'alert', about: 'host-key', node: event.node, checkId: event.checkId, mailId: null }]
      : [];
  if (kase.state === 'checking' && host?.retryAt === null) {
    const drafts = planFor(kase, policy).drafts;
    const next = needsPerson(kase, ['host-not-checkable'], drafts);
    return decided(next, alerts, `${event.node} could not be checked: a person decides`, policy);
  }
  return decided(kase, alerts, `${event.node} could not be checked`, policy);
}

/** A handler has looked at the machine: the letters that waited for it go on. */
export function onNodeCleared(kase: Case, node: string, policy: Policy, now: number): Decision {
  const host = kase.hosts.find((h) => h.node === node);
  if (host?.status !== 'suspicious') return onlyNoted(kase, 'this case does not wait for that host', policy);
  return goOn(
    withHost(kase, { ...host, status: 'cleared', retryAt: null }),
    `${node} was cleared by a handler`,
    policy,
    now,
  );
}

/**
 * Every host that the case waits for is clean or cleared: the planned letters are due, unless a person has other reasons
 * to look. A case on hold waits for its release, which comes here again.
 */
export function goOn(kase: Case, because: string, policy: Policy, now: number): Decision {
  const open = kase.hosts.some((host) => host.status !== 'clean' && host.status !== 'cleared');
  if (open || kase.hold !== null) return decided(kase, [], because, policy);
  if (kase.state === 'needs-person') {
    const reasons = kase.reasons.filter((reason) => reason !== 'host-suspicious' && reason !== 'host-not-checkable');
    if (reasons.length === kase.reasons.length) return decided(kase, [], because, policy);
    if (reasons.length > 0) return decided({ ...kase, reasons }, [], because, policy);
    return letGo(inState(kase, { state: 'checking' }), because, policy, now);
  }
  return kase.state === 'checking' ? letGo(kase, because, policy, now) : decided(kase, [], because, policy);
}

/**
 * Nothing more to check: answer, or close where nothing may be sent. What the plan leaves to a person stays with a person
 * here too, and a slot whose letter has left, or may have, gets no second one.
 */
export function letGo(kase: Case, because: string, policy: Policy, now: number): Decision {
  const plan = planFor(kase, policy);
  if (plan.closeAs !== null) {
    return decided(closed(kase, plan.closeAs, now, policy), [], `${because}; nothing is to be sent`, policy);
  }
  const due = plan.drafts.filter((draft) => !hasLeft(kase, draft.slot));
  if (plan.reasons.length > 0) return decided(needsPerson(kase, plan.reasons, due), [], because, policy);
  if (due.length === 0)
    return decided(needsPerson(kase, ['approval'], []), [], `${because}; a letter has left`, policy);
  return answer(kase, due, policy);
}

/** A letter of this slot was accepted, waits in the outbox, or may have been accepted. */
export function hasLeft(kase: Case, slot: LetterSlot): boolean {
  return kase.letters.some(
    (l) => l.slot === slot && (l.status === 'accepted' || l.status === 'queued' || l.status === 'unknown'),
  );
}

/** The retry timer of one or more hosts came due. */
export function retryChecks(kase: Case, policy: Policy, now: number): Decision {
  const due = kase.hosts.filter((host) => host.retryAt !== null && host.retryAt <= now);
  const hosts = kase.hosts.map((host) =>
    due.includes(host) ? ({ ...host, status: 'pending', attempts: host.attempts + 1, retryAt: null } as const) : host,
  );
  const { raised } = planFor(kase, policy);
  const actions = due.map((host) => checkAction(raised, host.node, host.attempts + 1));
  return decided({ ...kase, hosts }, actions, 'the host is checked again', policy);
}

function withHost(kase: Case, host: CaseHost): Case {
  return { ...kase, hosts: kase.hosts.map((h) => (h.node === host.node ? host : h)) };
}
