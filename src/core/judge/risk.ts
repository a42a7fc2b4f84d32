import type { Category, Reason, RiskLevel } from '../judgement.ts';
import type { Mail } from '../mail.ts';
import type { HeaderFacts } from './header-facts.ts';
import type { MailWords } from './mail-words.ts';
import type { Matter } from './matter.ts';
import { certainty, leadingCategory, type FiredRule } from './risk-rules.ts';
import type { FoundMark } from './sender-marks.ts';
import type { SenderVerdict } from './sender.ts';

export type Risk = {
  readonly level: RiskLevel;
  readonly category: Category | null;
  readonly confidence: number;
  readonly because: readonly Reason[];
  /** Grounds on which no machine answers (police, lawyers, self-harm ...). */
  readonly personGrounds: readonly Reason[];
  readonly sealed: boolean;
  /** Rule ids on which a handler is alerted at once. */
  readonly alarms: readonly string[];
};

export type RiskEvidence = {
  readonly mail: Mail;
  readonly facts: HeaderFacts;
  readonly marks: readonly FoundMark[];
  readonly words: MailWords;
  readonly fired: readonly FiredRule[];
  /** The rules that hold in logs, tables and exports. */
  readonly firedOnEvidence: readonly FiredRule[];
  readonly matter: Matter;
  readonly sender: SenderVerdict;
  /** How well the language data know the mail's language. */
  readonly grasp: 'full' | 'part' | 'none';
  /** What somebody else said, as the mail quotes or tells it; null where it does neither. */
  readonly speech: Reason | null;
};

/** Above this a person is in danger; above the lower ones somebody has to look (less is needed where little else is told). */
const dangerSure = 0.8;
/**
 * Enough where nothing technical is told at all: then the story about a person is all there is, the more so from a person. That
 * something was said to somebody is not enough by itself.
 */
const dangerSureAlone = { told: 0.5, byAPerson: 0.31 };
const dangerPossible = { withMatter: 0.55, without: 0.3, unknownLanguage: 0.1 };
const somethingPrivate = 0.1;
const personSure = 0.7;
const dangerNamed = 0.45;

/**
 * How grave it is. The low-risk letter needs positive evidence of a technical matter and no sign of danger: a story that no
 * rule understands is `unsure`, because a person watched in quiet words uses no key word at all.
 */
export function judgeRisk(evidence: RiskEvidence): Risk {
  const { fired, matter } = evidence;
  const person = personGrounds(fired);
  const danger = dangerOf(fired, person);
  const shown = dangerInEvidence(evidence.firedOnEvidence);
  const sealed = fired.some(({ rule }) => rule.sealed && rule.weight >= personSure);
  const level = levelOf(evidence, certainty(danger), person.length > 0);
  const leading = sealed ? fired.filter(({ rule }) => rule.sealed) : person.length > 0 ? person : danger;
  const byRules = leadingCategory(leading.filter((f) => f.rule.category !== 'other'));
  const useRules = level === 'threatening' || person.length > 0 || matter.category === null;
  const category = (useRules ? byRules : null) ?? matter.category ?? byRules;
  const reasons =
    level === 'non-threatening'
      ? [...matter.because, ...danger.map((f) => f.reason)]
      : [...danger.map((f) => f.reason), ...matter.because];
  if (level === 'unsure' && certainty(shown) >= dangerSure) reasons.push(...shown.map((f) => f.reason));
  if (level === 'unsure' && evidence.speech !== null) reasons.push(evidence.speech);
  const personReasons = person.map((f) => f.reason);
  const confidence =
    level === 'threatening'
      ? certainty(danger)
      : level === 'non-threatening'
        ? Math.min(0.95, 0.6 + matter.strength * 0.1) - certainty(danger) / 3
        : 0.5;
  return {
    level,
    category: category ?? (level === 'unsure' ? null : 'other'),
    confidence: Math.round(confidence * 100) / 100,
    because: sealed ? sealedReasons(fired) : unique([...personReasons, ...reasons]).slice(0, 8),
    personGrounds: sealed ? sealedReasons(fired) : personReasons,
    sealed,
    alarms: unique([...(level === 'threatening' ? danger : []), ...person].map((f) => f.reason)).map((r) => r.rule),
  };
}

/** Does anything here need a person, or a threatening letter? Such a mail is never put aside as a notice. */
export function isGrave(fired: readonly FiredRule[]): boolean {
  const person = personGrounds(fired);
  return person.length > 0 || certainty(dangerOf(fired, person)) >= dangerSure;
}

/** Grave, but only because a lawyer seems to demand something. */
export function isLawyerOnly(fired: readonly FiredRule[]): boolean {
  const person = personGrounds(fired);
  const isLegal = person.length > 0 && person.every(({ rule }) => rule.category === 'legal-demand');
  return isLegal && certainty(dangerOf(fired, person)) < dangerSure;
}

/** Would a person have to look at a story that tells this, whatever else it tells? Then only advertising beyond doubt is put aside. */
export function mayBeDanger(fired: readonly FiredRule[]): boolean {
  return certainty(dangerOf(fired, [])) >= dangerPossible.without;
}

/** A lawyer's letter demands money under conditions by its nature: that is no extortion. */
function dangerOf(fired: readonly FiredRule[], person: readonly FiredRule[]): FiredRule[] {
  const isLawyer = person.some(({ rule }) => rule.category === 'legal-demand');
  return fired.filter(({ rule }) => rule.grounds.includes('danger') && !(isLawyer && lawyerly.includes(rule.category)));
}

const lawyerly: readonly Category[] = ['extortion', 'doxxing', 'harassment'];

/** A shop's catalogue that somebody copied is full of goods; words said to a person are what a table may hide. */
function dangerInEvidence(fired: readonly FiredRule[]): FiredRule[] {
  return dangerOf(fired, []).filter(({ rule }) => rule.category !== 'weapons-drugs');
}

function personGrounds(fired: readonly FiredRule[]): FiredRule[] {
  const grounds = fired.filter(({ rule }) => rule.grounds.includes('person'));
  const byCategory = new Map<Category, FiredRule[]>();
  for (const one of grounds) byCategory.set(one.rule.category, [...(byCategory.get(one.rule.category) ?? []), one]);
  return [...byCategory.values()].filter((rules) => certainty(rules) >= personSure).flat();
}

function levelOf(evidence: RiskEvidence, danger: number, isForPerson: boolean): RiskLevel {
  const { matter, grasp, words, sender, mail } = evidence;
  if (danger >= dangerSure) return 'threatening';
  // A person decides in any case; the offence that an authority names gives the level.
  if (isForPerson) return danger >= dangerNamed ? 'threatening' : 'non-threatening';
  if (mail.encrypted) return 'unsure';
  const limit =
    grasp !== 'full'
      ? dangerPossible.unknownLanguage
      : matter.strength > 1
        ? dangerPossible.withMatter
        : dangerPossible.without;
  const alone = grasp === 'full' && sender.automated === false ? dangerSureAlone.byAPerson : dangerSureAlone.told;
  if (grasp !== 'none' && matter.strength < 0.6 && danger >= alone) return 'threatening';
  if (isAboutPeople(evidence, danger)) return 'threatening';
  if (danger >= limit) return 'unsure';
  // What a log or a table quotes may be a chat, or the title of an advertisement: a person tells.
  if (certainty(dangerInEvidence(evidence.firedOnEvidence)) >= dangerSure) return 'unsure';
  // Words said to a person that no rule understood: somebody has to read them, whatever else the mail is about.
  if (evidence.speech !== null && sender.automated !== true) return 'unsure';
  const isWorkaday = matter.workaday === 'much' && grasp === 'full';
  if (namesInPassing(evidence)) return 'unsure';
  if ((isWorkaday || matter.strength >= matterNeeded(evidence)) && !hidesAStory(evidence)) return 'non-threatening';
  // Fields and logs without a story cannot hide one, if a word of them tells what they are about.
  const isShort = words.narrative.tokens.length < 60;
  if (sender.automated === true && isShort && matter.because.length > 0) return 'non-threatening';
  return 'unsure';
}

const plentyOfMatter = 3;

/** A story of something else in which an attack or a password is named once or twice, and no log shows what is meant. */
function namesInPassing({ matter, grasp, sender, words }: RiskEvidence): boolean {
  const hasLog = words.evidence.tokens.length > 0;
  return (
    grasp === 'full' &&
    sender.automated !== true &&
    !hasLog &&
    matter.workaday === 'hardly' &&
    matter.strength < plentyOfMatter
  );
}

/**
 * A person quotes what was said to somebody, and tells of nothing technical, or of private life besides: no key word is needed
 * to see that it is about people.
 */
function isAboutPeople({ grasp, sender, speech, matter }: RiskEvidence, danger: number): boolean {
  if (grasp !== 'full' || sender.automated !== false || speech === null) return false;
  return speech.rule !== 'risk/open-sentence' && (matter.strength < 0.6 || danger >= somethingPrivate);
}

/** A story in a language that we know little of has to say more of its technical matter than a line or two. */
function matterNeeded({ grasp, words }: RiskEvidence): number {
  if (grasp === 'full' || words.narrative.tokens.length <= 25) return 0.6;
  return grasp === 'part' ? 1.2 : 2;
}

/** Of a language that we know nothing of, only a few words beside a log cannot hide what happened to a person. */
function hidesAStory({ grasp, words, sender }: RiskEvidence): boolean {
  if (grasp !== 'none' || sender.automated === true) return false;
  const hasLog = words.evidence.hits.some((hit) => hit.entry.concept.startsWith('tech-'));
  return words.narrative.tokens.length > (hasLog ? 90 : 25);
}

function sealedReasons(fired: readonly FiredRule[]): Reason[] {
  return unique(fired.filter(({ rule }) => rule.sealed).map(({ rule }) => ({ rule: rule.id, text: '' })));
}

function unique(reasons: readonly Reason[]): Reason[] {
  return [...new Map(reasons.map((r) => [`${r.rule}\n${r.text}`, r])).values()];
}
