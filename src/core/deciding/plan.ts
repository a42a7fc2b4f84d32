import type { AlertSubject, Case, Draft, Outcome, PersonReason } from '../case.ts';
import { judgedAs } from '../case.ts';
import type { Category, Handling } from '../judgement.ts';
import type { LetterName, Policy } from '../policy.ts';

/** What the judgement calls for, before any host was checked: pure reading of procedure.md §3. */
export type Plan = {
  /** Nodes whose machine must be looked at now: ours today and accused. Never one that is ours no more. */
  readonly nodes: readonly string[];
  readonly drafts: readonly Draft[];
  /** Why a person must decide; empty when the letters may leave by themselves. */
  readonly reasons: readonly PersonReason[];
  readonly alerts: readonly AlertSubject[];
  /** Set where nothing is to be sent: the outcome with which the case closes once the host is clean. */
  readonly closeAs: Outcome | null;
};

/** Categories that no operator's setting can hand to a machine (procedure.md §3, "never by a machine"). */
const neverByMachine: ReadonlySet<Category> = new Set([
  'law-enforcement',
  'legal-demand',
  'child-abuse',
  'self-harm',
  'terrorism',
]);

const dangers: ReadonlySet<Category> = new Set([
  'threat-of-violence',
  'stalking',
  'doxxing',
  'extortion',
  'self-harm',
  'terrorism',
  'child-abuse',
  'law-enforcement',
]);

export function planFor(kase: Case, policy: Policy): Plan {
  const { judgement } = kase;
  const judged = judgedAs(kase);
  const reported = judgement.addresses.filter((address) => address.role === 'reported');
  const ours = reported.filter((address) => address.standing === 'exit' || address.standing === 'not-exit');
  const nodes = [...new Set(ours.flatMap((address) => (address.node === null ? [] : [address.node])))];
  const drafts = draftsFor(kase);
  const handling = handlingFor(kase, policy);
  const notExit = reported.some((address) => address.standing === 'not-exit');
  const nothingOfOurs = reported.length > 0 && reported.every((address) => address.standing === 'not-ours');

  const reasons: PersonReason[] = [];
  if (notExit) reasons.push('not-exit-then');
  if (kase.complaint.truncated) reasons.push('too-large');
  if (judged.risk === 'unsure') reasons.push('judgement-unsure');
  if (drafts.some((draft) => draft.letter === 'details')) reasons.push('no-address');
  if (isUnsafe(kase, drafts, nothingOfOurs)) reasons.push('danger-or-authority');
  if (handling === 'person' && reasons.length === 0) reasons.push('danger-or-authority');
  if (handling === 'letter' && drafts.length === 0) reasons.push('no-recipient');
  if (judgement.provider !== null && judgement.provider.form !== null && providerTakesOnlyForm(kase)) {
    reasons.push('provider-form');
  }

  const alerts: AlertSubject[] = [];
  if (judged.risk === 'threatening' || judgement.alarms.length > 0 || isDanger(judged.category)) alerts.push('danger');
  if (notExit) alerts.push('not-exit-then');

  const silent = handling === 'none' || (judged.automated === true && !policy.answerRobots && reasons.length === 0);
  return {
    nodes,
    drafts,
    reasons: silent ? reasons.filter((reason) => reason === 'not-exit-then') : reasons,
    alerts,
    closeAs: silent ? (nothingOfOurs ? 'not-ours' : 'never-answered') : null,
  };
}

/**
 * The one unforgivable letter, kept back here whatever the judgement says: while somebody may be in danger, nothing but the
 * letter *threatening* leaves by itself, and not even that when a machine reported it or the address is none of ours.
 */
function isUnsafe(kase: Case, drafts: readonly Draft[], nothingOfOurs: boolean): boolean {
  const { risk, automated } = judgedAs(kase);
  if (risk === 'non-threatening') return false;
  const onlyThreatening = drafts.every((draft) => draft.letter === 'threatening');
  return drafts.length > 0 && (risk !== 'threatening' || !onlyThreatening || automated === true || nothingOfOurs);
}

/** A letter draft that the provider cannot take by mail: the judgement names a form and no address. */
function providerTakesOnlyForm(kase: Case): boolean {
  return kase.judgement.letter?.template === 'provider' && kase.judgement.letter.to === null;
}

function isDanger(category: Category | null): boolean {
  return category !== null && dangers.has(category);
}

function handlingFor(kase: Case, policy: Policy): Handling {
  const { category, risk } = judgedAs(kase);
  const own = category === null ? undefined : policy.handling[category];
  if (category !== null && neverByMachine.has(category)) return 'person';
  if (own !== undefined && stricter(own, kase.judgement.risk.handling)) return own;
  // A handler who corrected the risk or the sender has looked: the standard letter may go as judged now.
  if (kase.correction !== null) return risk === 'unsure' || risk === null ? 'person' : 'letter';
  return kase.judgement.risk.handling;
}

/** An operator may be more careful than the judgement, never less. */
function stricter(own: Handling, judged: Handling): boolean {
  const order: readonly Handling[] = ['letter', 'person', 'none'];
  return order.indexOf(own) > order.indexOf(judged);
}

/** The letters that the case calls for: the provider's beside the complainant's where a provider passed the complaint on. */
function draftsFor(kase: Case): readonly Draft[] {
  const { judgement } = kase;
  const letter = judgement.letter;
  if (letter === null) return correctedDraft(kase);
  if (letter.template === 'provider') {
    const drafts: Draft[] = [];
    if (letter.to !== null) drafts.push({ slot: 'provider', letter: 'provider', to: letter.to });
    const complainant = judgement.provider?.complainant ?? null;
    if (complainant !== null) drafts.push({ slot: 'first', letter: byRisk(kase), to: complainant });
    return drafts;
  }
  if (letter.to === null) return [];
  const name = kase.correction === null || letter.template === 'not-ours' ? letter.template : correctedLetter(kase);
  return [{ slot: 'first', letter: name, to: letter.to }];
}

function correctedDraft(kase: Case): readonly Draft[] {
  const to = kase.judgement.sender.address;
  return kase.correction === null || to === null ? [] : [{ slot: 'first', letter: correctedLetter(kase), to }];
}

function correctedLetter(kase: Case): LetterName {
  return judgedAs(kase).automated === true ? 'ask-for-human' : byRisk(kase);
}

function byRisk(kase: Case): LetterName {
  return judgedAs(kase).risk === 'threatening' ? 'threatening' : 'non-threatening';
}
