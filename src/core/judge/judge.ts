import { quotedSpeech, saidAfterColon } from './quoted-speech.ts';
import { isExplained, personalStory } from './open-sentences.ts';
import { answerTo, type AnswerTo } from '../answer-to.ts';
import type { FirstLetter, Judgement, Kind, Reason } from '../judgement.ts';
import type { Mail } from '../mail.ts';
import { sortMail, type Sorted } from '../sort-mail.ts';
import { decideHandling, type HandlingVerdict } from './handling.ts';
import { headerFacts, type HeaderFacts } from './header-facts.ts';
import type { JudgementData } from './judgement-data.ts';
import type { JudgingContext } from './judging-context.ts';
import { findMailWords, hitsOf, passage, wordsOf, type Passage } from './mail-words.ts';
import { findMatter } from './matter.ts';
import { isFirm, personalName, signedName } from './person-name.ts';
import { quotesDesk, readText, type ReadText } from './read-text.ts';
import { isGrave, isLawyerOnly, judgeRisk, mayBeDanger, type Risk, type RiskEvidence } from './risk.ts';
import { certainty, fireRules, fireRulesOnEvidence } from './risk-rules.ts';
import { judgeSender } from './sender.ts';
import { findMarks, type FoundMark } from './sender-marks.ts';
import { findSteering } from './steering.ts';
import { ownShare, textShape } from './text-shape.ts';
import { readReport, type ReadReport } from './read-report.ts';
import { contactInReport } from './report-contact.ts';

/**
 * What the desk makes of one mail: pure and synchronous, in time linear in the mail. Every field carries its reasons.
 * The rules are procedure.md's; what is merely data stands under config/judgement.
 */
export function judge(mail: Mail, context: JudgingContext): Judgement {
  const evidence = gather(mail, context);
  const { facts, marks, words, report, fired, matter, sender, text } = evidence;
  const { desk } = context.inventory;
  const reported = report.addresses.filter((a) => a.role === 'reported');
  const speech = speechOf(evidence, context.data);
  const sorted = sortMail({
    mail,
    facts,
    marks,
    words,
    quotesUs: quotesDesk(text.segments, desk.addresses),
    format: report.format,
    accusedOurs: reported.filter((a) => a.standing !== 'not-ours').length,
    accused: report.addresses.length,
    matter: Math.max(matter.strength, fired.length === 0 ? 0 : certainty(fired) >= 0.5 ? 2 : 0.5),
    isListing: matter.category === 'blocklist-notice',
    mayBeDanger: mayBeDanger(fired),
    isTold: speech !== null && sender.automated !== true,
    isPerson: sender.automated === false,
    grave: isGrave(fired),
    lawyerOnly: isLawyerOnly(fired),
  });
  const risk = judgeRisk({
    mail,
    facts,
    marks,
    words,
    fired,
    firedOnEvidence: fireRulesOnEvidence(words, context.data),
    matter,
    sender,
    grasp: graspOf(evidence.language, context.data),
    speech,
  });
  const to = answerTo({ facts, marks, words, reportContact: contactInReport(mail), desk });
  const verdict = decideHandling({
    kind: sorted.kind,
    risk,
    automated: sender.automated,
    to,
    reported,
    isProviderForward: report.provider !== null,
    encrypted: mail.encrypted,
    truncated: mail.truncated,
    forged: forgedBecause(facts),
    steering: findSteering(mail, words, mail.html?.hidden ?? ''),
    authority: [
      ...marks.filter(({ mark }) => mark.says.includes('authority')).map((m) => m.reason),
      ...evidence.office,
    ],
    overrides: context.handling,
  });
  return present({ evidence, sorted, risk, to, verdict }, context);
}

/** Everything that is found in a mail before anything is concluded. */
function gather(mail: Mail, { data, inventory, detectLanguage }: JudgingContext) {
  const facts = headerFacts(mail, inventory.desk);
  const text = heard(readText(mail, data.heads), facts, inventory.desk.addresses);
  const report = readReport(mail, text.segments, inventory, data.labels);
  const told = text.own.length > 40 ? text.own : `${text.own}\n${text.fields}\n${text.forwarded}`;
  const language = detectLanguage(`${text.subject}\n${told}`);
  const words = findMailWords(text, facts.from?.name ?? '', data, language);
  const marks = findMarks(mail, facts, data.marks);
  const shape = textShape(`${text.own}\n${text.fields}`);
  const signed = signedName(text, data, facts.from?.name ?? null);
  const named = personalName(facts.from?.name ?? '', data.names);
  const format = report.automated ? (report.format ?? 'machine-made') : null;
  return {
    text,
    report,
    language,
    words,
    facts,
    marks,
    signed,
    matter: findMatter(words, report.category),
    sender: judgeSender({
      facts,
      marks,
      words,
      shape,
      share: ownShare(text.own, text.fields + text.evidence + text.quoted),
      isProviderForward: report.provider !== null,
      isEncrypted: mail.encrypted,
      format,
      signed,
      named,
    }),
    fired: fireRules(words, data),
    office: officeNamed(words.shown),
    named,
  };
}

/** What is quoted in a mail that answers none of ours is what the sender received, and wants us to see. */
function heard(text: ReadText, facts: HeaderFacts, ours: readonly string[]): ReadText {
  if (text.quoted === '' || facts.answersUs !== null || quotesDesk(text.segments, ours)) return text;
  return { ...text, forwarded: `${text.forwarded}\n\n${text.quoted}`, quoted: '' };
}

/** Whoever shows "Criminal Police, Section 3" as their name is no victim who only speaks of the police. */
function officeNamed(shown: Passage): Reason[] {
  return hitsOf(shown, 'authority-body').map((hit) => ({ rule: hit.entry.id, text: wordsOf(shown, hit) }));
}

type Concluded = {
  readonly evidence: ReturnType<typeof gather>;
  readonly sorted: Sorted;
  readonly risk: Risk;
  readonly to: AnswerTo;
  readonly verdict: HandlingVerdict;
};

function present({ evidence, sorted, risk, to, verdict }: Concluded, context: JudgingContext): Judgement {
  const { facts, sender, report, language, signed, named } = evidence;
  const isComplaint = sorted.kind === 'complaint';
  const addresses = addressesOf(report, sorted, risk.sealed);
  const told = (r: Reason): Reason => (risk.sealed ? { rule: r.rule, text: '' } : r);
  return {
    kind: sorted.kind,
    sender: {
      ...sender,
      address: facts.from?.address ?? null,
      name: facts.from?.name ?? null,
      greeting:
        sender.automated === true || !mayBeGreeted(sorted.kind)
          ? null
          : (signed ?? (isFirm(facts.from) ? null : named)),
      automated: automatedBy(sorted, evidence),
      because: sender.because.map(told),
    },
    risk: {
      level: isComplaint ? risk.level : null,
      category: isComplaint || sorted.kind === 'notice' ? risk.category : null,
      handling: verdict.handling,
      confidence: risk.confidence,
      because: distinct([...sorted.because, ...verdict.because, ...risk.because].map(told)),
    },
    addresses,
    event: eventOf(report, addresses, sorted.kind, risk.sealed),
    ...(report.traffic === null || risk.sealed ? {} : { traffic: report.traffic }),
    language,
    letter: letterOf(verdict.template, to.address, { language, available: context.letterLanguages }),
    provider: risk.sealed && report.provider !== null ? { ...report.provider, form: null } : report.provider,
    sealed: risk.sealed,
    oneLetterOnly: facts.dmarc === 'fail-none',
    alarms: isComplaint || sorted.kind === 'reply' ? risk.alarms : [],
  };
}

/** Words said to a person, or a story about one, that no rule needs to understand: somebody has to read them. */
function speechOf({ text, words }: ReturnType<typeof gather>, data: JudgementData): Reason | null {
  const read = (said: string) => passage(said, data, words.language, 200);
  const quoted = quotedSpeech(text, (said) => isOfBusiness(read(said)));
  if (quoted !== null) return { rule: 'risk/quoted-speech', text: quoted.slice(0, 200) };
  const said = saidAfterColon(text, (words) => isExplained(read(words)));
  if (said !== null) return { rule: 'risk/said-after-colon', text: said.slice(0, 200) };
  const story = personalStory(words);
  return story === null ? null : { rule: 'risk/open-sentence', text: story };
}

/** What swindlers and advertisers write, as their victims quote it: technical matters, and nothing about a person. */
function isOfBusiness({ hits }: Passage): boolean {
  return (
    hits.some(({ entry }) => entry.concept.startsWith('tech-') && entry.concept !== 'tech-other') &&
    hits.every(({ entry }) => business.test(entry.concept))
  );
}

const business =
  /^(?:tech-|workaday$|marketing$|opening$|selling$|receipt$|notice$|courtesy$|human-voice$|contact$|first-person$)/;

function graspOf(language: string | null, { languages, partial }: JudgingContext['data']): RiskEvidence['grasp'] {
  if (language === null || !languages.has(language)) return 'none';
  return partial.has(language) ? 'part' : 'full';
}

/** Nobody is greeted who gets no letter. */
function mayBeGreeted(kind: Kind): boolean {
  return kind === 'complaint' || kind === 'reply';
}

/** Vacation notes, receipts and delivery reports are a machine's, however they are worded. */
function isMachineKind(kind: Kind): boolean {
  return kind === 'auto-reply' || kind === 'ticket-ack' || kind === 'bounce';
}

/** Robot or person, with what the kind of mail tells of it. */
function automatedBy(sorted: Sorted, { sender, marks, signed }: ReturnType<typeof gather>): boolean | null {
  if (isMachineKind(sorted.kind) || isMassMail(sorted, marks)) return true;
  // Newsletters are courteous, too: only a name below shows that a person took the trouble.
  if (sorted.kind === 'notice' && signed === null) return true;
  if (sender.automated !== null) return sender.automated;
  if (sorted.kind === 'notice') return true;
  // A line or two that report nothing, without any mark of a program: somebody typed them.
  return sorted.kind === 'unrelated' && marks.every(({ mark }) => mark.weight <= 0) ? false : null;
}

/** Advertising and phishing are sent to many by machines, in words that want to sound like one person's. */
function isMassMail({ kind, because }: Sorted, marks: readonly FoundMark[]): boolean {
  if (kind !== 'unrelated') return false;
  if (marks.some(({ mark }) => mark.says.includes('bulk'))) return true;
  return because.filter(({ rule }) => /\.(?:marketing|desk-phishing|scam)\b/.test(rule)).length > 1;
}

/** Notices that name addresses of which nothing bad is said. */
const settled = /\.notice\/(?:your-report|maintenance|off-the-list)$/;

/** A delivery report, a receipt, planned work or word of what became of our own report accuses nobody; of a sealed mail no words are shown. */
function addressesOf(report: ReadReport, { kind, because }: Sorted, sealed: boolean): Judgement['addresses'] {
  const isAboutOthers = because.some((reason) => settled.test(reason.rule));
  const accuses = kind === 'complaint' || kind === 'reply' || (kind === 'notice' && !isAboutOthers);
  return report.addresses.map((a) => ({
    ...a,
    role: accuses ? a.role : 'mentioned',
    because: sealed ? '' : a.because,
    ...(sealed && a.passage !== undefined ? { passage: { ...a.passage, because: [] } } : {}),
  }));
}

function eventOf(
  report: ReadReport,
  addresses: Judgement['addresses'],
  kind: Kind,
  sealed: boolean,
): Judgement['event'] {
  // An answer or a notice that accuses nobody tells of no event: what stands in it is the old one, or a date of its own.
  const isOld = kind !== 'complaint' && addresses.every((a) => a.role !== 'reported');
  if (isMachineKind(kind) || kind === 'unrelated' || isOld) return { at: null, local: null, text: null };
  return sealed ? { ...report.event, text: null } : report.event;
}

function distinct(reasons: readonly Reason[]): Reason[] {
  return [...new Map(reasons.map((r) => [`${r.rule}\n${r.text}`, r])).values()];
}

function letterOf(
  template: FirstLetter | null,
  to: string | null,
  wish: { language: string | null; available: readonly string[] },
): Judgement['letter'] {
  if (template === null) return null;
  return {
    template,
    to,
    language: wish.language !== null && wish.available.includes(wish.language) ? wish.language : 'en',
  };
}

/** A sender who may be forged gets nothing from a machine: the victim of the forgery would get it. */
function forgedBecause(facts: HeaderFacts): Reason | null {
  if (facts.dmarc === 'fail-enforced') return { rule: 'handling/dmarc-fails', text: 'dmarc=fail' };
  if (facts.from === null) return { rule: 'handling/no-usable-sender', text: '' };
  return facts.nullSender ? { rule: 'handling/null-sender', text: 'Return-Path: <>' } : null;
}

/** A mail that cannot be read: kept, and shown to a person. */
export function judgeUnreadable(reason: string): Judgement {
  return {
    kind: 'unreadable',
    sender: { address: null, name: null, greeting: null, automated: null, confidence: 0, because: [] },
    risk: {
      level: 'unsure',
      category: null,
      handling: 'person',
      confidence: 0,
      because: [{ rule: 'unreadable', text: reason }],
    },
    addresses: [],
    event: { at: null, local: null, text: null },
    language: null,
    letter: null,
    provider: null,
    sealed: false,
    oneLetterOnly: false,
    alarms: [],
  };
}
