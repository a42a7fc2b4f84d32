import type { AlertSubject, Case, Draft, Outcome, PersonReason } from '../case.ts';
import { dangerous, judgedAs, takesOwnWords } from '../case.ts';
import type { AccusedAddress, Handling } from '../judgement.ts';
import { isRuledOut, raisesSuspicion } from '../passage.ts';
import type { LetterName, Policy } from '../policy.ts';

/** What the judgement calls for, before any host was checked: pure reading of procedure.md §3. */
export type Plan = {
  /** Nodes whose machine must be looked at now: ours today and accused. Never one that is ours no more. */
  readonly nodes: readonly string[];
  /** Those of them whose exit cannot have carried what is reported: they are looked at anew, and with more care. */
  readonly raised: readonly string[];
  readonly drafts: readonly Draft[];
  /** Why a person must decide; empty when the letters may leave by themselves. */
  readonly reasons: readonly PersonReason[];
  readonly alerts: readonly AlertSubject[];
  /** Set where nothing is to be sent: the outcome with which the case closes once the host is clean. */
  readonly closeAs: Outcome | null;
};

export function planFor(kase: Case, policy: Policy): Plan {
  const { judgement } = kase;
  const reported = judgement.addresses.filter((address) => address.role === 'reported');
  const ours = reported.filter((address) => address.standing === 'exit' || address.standing === 'not-exit');
  const drafts = draftsFor(kase);
  const handling = handlingFor(kase);
  const nothingOfOurs = reported.length > 0 && reported.every((address) => address.standing === 'not-ours');
  const reasons = reasonsFor(kase, { handling, drafts, nothingOfOurs });
  const silent = isSilent(kase, handling, reasons, policy);
  return {
    nodes: nodesOf(ours),
    raised: nodesOf(ours.filter(raisesSuspicion)),
    drafts,
    reasons: silent ? [] : reasons,
    alerts: alertsFor(kase),
    closeAs: silent ? (nothingOfOurs ? 'not-ours' : 'never-answered') : null,
  };
}

function nodesOf(addresses: readonly AccusedAddress[]): readonly string[] {
  return [...new Set(addresses.flatMap((address) => (address.node === null ? [] : [address.node])))];
}

type Planned = {
  readonly handling: Handling;
  readonly drafts: readonly Draft[];
  readonly nothingOfOurs: boolean;
};

function reasonsFor(kase: Case, { handling, drafts, nothingOfOurs }: Planned): readonly PersonReason[] {
  const { judgement } = kase;
  const { risk } = judgedAs(kase);
  const reasons: PersonReason[] = [];
  if (wasNoExit(kase)) reasons.push('not-exit-then');
  if (sawOdd(kase) || (risk === 'threatening' && isNotTor(kase))) reasons.push('not-through-tor');
  if (kase.complaint.truncated) reasons.push('too-large');
  if (risk === 'unsure') reasons.push('judgement-unsure');
  if (drafts.some((draft) => draft.letter === 'details')) reasons.push('no-address');
  const unsafe = risk !== 'unsure' && isUnsafe(kase, drafts, nothingOfOurs);
  if (unsafe || (handling !== 'letter' && reasons.length === 0)) reasons.push('danger-or-authority');
  if (handling === 'letter' && drafts.length === 0) reasons.push('no-recipient');
  if (handling === 'letter' && kase.correction !== null && !mayFollowCorrection(kase)) reasons.push('approval');
  const form = judgement.provider?.form ?? null;
  if (form !== null && judgement.letter?.template === 'provider' && judgement.letter.to === null) {
    reasons.push('provider-form');
  }
  return reasons;
}

/** Nothing is to be sent and nobody has to look: never where somebody may be in danger or there are grounds for an alarm. */
function isSilent(kase: Case, handling: Handling, reasons: readonly PersonReason[], policy: Policy): boolean {
  const { risk, automated } = judgedAs(kase);
  const harmless =
    risk === 'non-threatening' && kase.judgement.alarms.length === 0 && !wasNoExit(kase) && !sawOdd(kase);
  if (!harmless) return false;
  return handling === 'none' || (automated === true && !policy.answerRobots && reasons.length === 0);
}

function alertsFor(kase: Case): readonly AlertSubject[] {
  const { risk, category } = judgedAs(kase);
  const danger =
    risk === 'threatening' ||
    kase.judgement.alarms.length > 0 ||
    (category !== null && (dangerous.has(category) || category === 'law-enforcement'));
  return [...(danger ? (['danger'] as const) : []), ...(wasNoExit(kase) ? (['not-exit-then'] as const) : [])];
}

/** What a check saw goes away neither with another judgement of the mail nor with a letter that a handler let go. */
function sawOdd(kase: Case): boolean {
  return kase.hosts.some((host) => host.odd === true);
}

/** Nobody in danger is told that it was Tor where Tor cannot have carried it. */
function isNotTor(kase: Case): boolean {
  return kase.judgement.addresses.some((a) => a.role === 'reported' && isRuledOut(a));
}

function wasNoExit(kase: Case): boolean {
  return kase.judgement.addresses.some((a) => a.role === 'reported' && a.standing === 'not-exit');
}

/**
 * The one unforgivable letter, kept back here whatever the judgement says: while somebody may be in danger, nothing but the
 * letter *threatening* leaves by itself, and not even that when a machine reported it or the address is none of ours.
 */
function isUnsafe(kase: Case, drafts: readonly Draft[], nothingOfOurs: boolean): boolean {
  const { risk, category, automated } = judgedAs(kase);
  if (risk === 'non-threatening' && !(category !== null && dangerous.has(category))) return false;
  const onlyThreatening = drafts.length > 0 && drafts.every((draft) => draft.letter === 'threatening');
  return risk !== 'threatening' || !onlyThreatening || automated === true || nothingOfOurs;
}

/**
 * The judgement's handling: it knows the operator's own handling and all grounds for a person. A handler's correction makes
 * a standard letter possible; whether it then leaves by itself is mayFollowCorrection's to say.
 */
function handlingFor(kase: Case): Handling {
  const { risk } = judgedAs(kase);
  if (takesOwnWords(kase)) return 'person';
  if (kase.correction === null) return kase.judgement.risk.handling;
  return risk === 'unsure' || risk === null ? 'person' : 'letter';
}

/**
 * A correction of risk, category or sender takes away one ground for a person: that the risk was not sure. Every other (a
 * forged sender, an encrypted mail, a threat against the desk) stands, and the letter waits for `approve`.
 */
function mayFollowCorrection(kase: Case): boolean {
  const { handling, level, because } = kase.judgement.risk;
  if (handling === 'letter') return true;
  const grounds = because.map((reason) => reason.rule).filter((rule) => /^(?:handling|person)\//.test(rule));
  return handling === 'person' && level === 'unsure' && grounds.every((rule) => rule === 'handling/risk-unsure');
}

/** The letters that the case calls for: the provider's beside the complainant's where a provider passed the complaint on. */
export function draftsFor(kase: Case): readonly Draft[] {
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
