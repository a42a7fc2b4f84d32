import type { Reason } from '../judgement.ts';
import { foldWord } from './fold-text.ts';
import type { HeaderFacts } from './header-facts.ts';
import { hitsOf, overlapping, wordsOf, type MailWords, type Passage } from './mail-words.ts';
import type { Hit } from './phrase-index.ts';
import type { FoundMark } from './sender-marks.ts';
import type { OwnShare, TextShape } from './text-shape.ts';

/** Everything that speaks for a machine or a person behind a mail. */
export type SenderEvidence = {
  readonly facts: HeaderFacts;
  readonly marks: readonly FoundMark[];
  readonly words: MailWords;
  readonly shape: TextShape;
  readonly share: OwnShare;
  /** A hosting provider passes on what somebody complained of, with its token and deadline. */
  readonly isProviderForward: boolean;
  /** Nobody here can read what it says. */
  readonly isEncrypted: boolean;
  /** The report format that the readers recognised ("arf", "xarf" ...), null for free text. */
  readonly format: string | null;
  /** A personal name is signed under the text. */
  readonly signed: string | null;
  /** The display name in From is a person's. */
  readonly named: string | null;
};

export type SenderVerdict = {
  readonly automated: boolean | null;
  readonly confidence: number;
  readonly because: readonly Reason[];
};

type Weighed = { readonly reason: Reason; readonly weight: number };

const certainAbove = 0.6;

/**
 * Robot or person, by adding up weighted evidence: above zero speaks for a machine. Between the thresholds the honest
 * answer is null (procedure.md §3, "robot or person unsure").
 */
export function judgeSender(evidence: SenderEvidence): SenderVerdict {
  const seen = [...fromHeaders(evidence), ...fromWords(evidence), ...fromShape(evidence)];
  const silence = fromSilence(evidence, seen);
  const all = [...seen, ...(silence.length > 0 ? silence : fromProse(evidence, seen))];
  // "I am only a script": then every other "I" is the script's.
  const isDeclared = seen.some(({ reason }) => reason.rule.endsWith('.robot-says/itself'));
  const weighed = isDeclared
    ? all.filter((one) => one.weight > 0 || one.reason.rule === 'sender/signed-by-a-person')
    : all;
  const score = weighed.reduce((sum, one) => sum + one.weight, 0);
  const automated = score >= certainAbove ? true : score <= -certainAbove ? false : null;
  const telling = weighed.filter((one) => automated === null || one.weight > 0 === automated);
  return {
    automated,
    confidence: Math.round((1 / (1 + Math.exp(-Math.abs(score)))) * 100) / 100,
    because: telling.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).map((one) => one.reason),
  };
}

function fromHeaders({ facts, marks, format, isProviderForward, signed, named }: SenderEvidence): Weighed[] {
  const isNobody = signed === null && named === null;
  // Behind "Fwd:" stand the subject and the report of whoever is passed on.
  const isForward = marks.some(({ mark }) => mark.says.includes('forward'));
  const weighed: Weighed[] = marks
    .filter(({ mark }) => mark.weight !== 0 && !(isForward && mark.part === 'subject' && mark.weight > 0))
    .map(({ mark, reason }) => ({ reason, weight: mark.weight }));
  const [auto] = facts.autoSubmitted;
  // Help desks stamp what their people write, too.
  const isHelpDesk = marks.some(({ mark }) => mark.says.includes('ticket'));
  if (auto !== undefined)
    weighed.push({ reason: { rule: 'sender/auto-submitted', text: auto }, weight: isHelpDesk ? 0.5 : 2 });
  // A provider's person signs; its robot is as polite.
  if (isProviderForward)
    weighed.push({ reason: { rule: 'sender/provider-forward', text: '' }, weight: isNobody ? 1.6 : 0.7 });
  if (facts.nullSender) weighed.push({ reason: { rule: 'sender/null-sender', text: 'Return-Path: <>' }, weight: 2 });
  if (format !== null)
    weighed.push({
      reason: { rule: 'sender/report-format', text: format },
      weight: isForward && plainText.has(format) ? 0.5 : 2,
    });
  return weighed;
}

/** Reports that are plain mails: people pass them on as they are. */
const plainText: ReadonlySet<string> = new Set(['fail2ban', 'csf-lfd', 'netscan']);

/** Own words count; what is passed on does not: who forwards a robot's report is a person. */
function fromWords({ words }: SenderEvidence): Weighed[] {
  const { narrative, boilerplate, forwardedFrom } = words;
  const weighed: Weighed[] = [];
  const robot = hitsOf(narrative, 'robot-says').filter((h) => h.start < forwardedFrom);
  const seen = new Set<string>();
  for (const hit of robot) {
    const text = wordsOf(narrative, hit);
    if (seen.has(text.toLowerCase()) || seen.size === 2) continue;
    seen.add(text.toLowerCase());
    weighed.push({ reason: { rule: hit.entry.id, text }, weight: 2.2 });
  }
  for (const hit of hitsOf(boilerplate, 'robot-says').slice(0, 1)) {
    weighed.push({ reason: { rule: hit.entry.id, text: wordsOf(boilerplate, hit) }, weight: 2.2 });
  }
  const unread = [...hitsOf(narrative, 'unread')].filter((h) => h.start < forwardedFrom).slice(0, 1);
  for (const hit of unread)
    weighed.push({ reason: { rule: hit.entry.id, text: wordsOf(narrative, hit) }, weight: 1.2 });
  const saysRobot = weighed.some((one) => one.weight > 2);
  const isPolite = overlapping(hitsOf(narrative, 'courtesy'));
  for (const [concept, weight, most] of personal) {
    const hits = hitsOf(narrative, concept).filter((h) => h.start >= words.ownFrom && h.start < forwardedFrom);
    const formal = hits.filter((h) => isPolite({ start: h.start, end: h.start + 1 }));
    for (const hit of distinctWords(narrative, formal).slice(0, 2)) {
      weighed.push({ reason: { rule: 'sender/courtesy', text: wordsOf(narrative, hit) }, weight: -0.2 });
    }
    const plain = hits.filter((h) => !isPolite({ start: h.start, end: h.start + 1 }));
    for (const hit of distinctWords(narrative, plain).slice(0, most)) {
      // A machine that says so itself may be as chatty as it likes.
      const share = saysRobot ? weight / 2 : weight;
      weighed.push({ reason: { rule: hit.entry.id, text: wordsOf(narrative, hit) }, weight: share });
    }
  }
  return weighed;
}

/** concept, weight of one phrase, how many different phrases count */
const personal: ReadonlyArray<readonly [string, number, number]> = [
  ['first-person', -0.45, 4],
  ['human-voice', -0.8, 3],
  ['fear', -0.5, 2],
  ['victim', -0.3, 2],
  ['private-life', -0.3, 3],
  ['lawyer-body', -0.8, 1],
];

function distinctWords(passage: Passage, hits: readonly Hit[]): Hit[] {
  return [...new Map(hits.map((hit) => [wordsOf(passage, hit).toLowerCase(), hit])).values()];
}

/** Beside a report, people say something: who speaks to nobody and of nobody is a program. */
function fromSilence(
  { share, facts, words, isProviderForward, isEncrypted }: SenderEvidence,
  seen: readonly Weighed[],
): Weighed[] {
  const passedOn = words.narrative.text.length > words.forwardedFrom + 1 && !isProviderForward;
  if (passedOn || isEncrypted || facts.answersUs !== null || seen.some(isVoice)) return [];
  const reason = { rule: 'sender/nobody-speaks', text: `${share.ownWords} words` };
  if (share.hasReport) return [{ reason, weight: share.ownWords < 80 ? 1 : 0.5 }];
  const own = words.narrative.text.slice(words.ownFrom, words.forwardedFrom);
  const namesAddress = /\d\.\d{1,3}\.\d|[\da-f]:[\da-f]*:/i.test(words.narrative.text.slice(0, words.forwardedFrom));
  const isTerse = namesAddress && share.ownWords > 0 && share.ownWords <= 60 && words.language === 'en';
  const isImpersonal =
    !/\b(?:we|us|our|you|your)\b/i.test(own) && seen.every((one) => one.reason.rule !== 'sender/courtesy');
  return isTerse && isImpersonal ? [{ reason, weight: 0.8 }] : [];
}

/** A sign that somebody speaks; programs are called by one word at most. */
function isVoice({ reason, weight }: Weighed): boolean {
  return voices.test(reason.rule) || (reason.rule === 'sender/own-name' && weight <= -0.7);
}

const voices = /first-person|human-voice|\.fear|\.victim|lawyer|signed-by|asks-a-question|person-client|person-mailer/;

function fromShape({ shape, signed, named, facts, words }: SenderEvidence): Weighed[] {
  const weighed: Weighed[] = [];
  if (named !== null && facts.from !== null && bearsOwnName(named, facts.from.address)) {
    // Programs are called by one word, too.
    weighed.push({ reason: { rule: 'sender/own-name', text: named }, weight: named.includes(' ') ? -0.7 : -0.35 });
  }
  const structured = shape.fieldLines + shape.logLines;
  if (structured >= 3 && structured > 2 * shape.proseLines) {
    weighed.push({ reason: { rule: 'sender/fields-and-logs-only', text: `${structured} lines` }, weight: 1.2 });
  }
  if (signed !== null) weighed.push({ reason: { rule: 'sender/signed-by-a-person', text: signed }, weight: -1.6 });
  const own = words.narrative.text.slice(words.ownFrom, words.forwardedFrom);
  if (/[\p{L}\p{M})"”»][?？؟](?:\s|$)/u.test(own))
    weighed.push({ reason: { rule: 'sender/asks-a-question', text: '?' }, weight: -0.5 });
  return weighed;
}

/**
 * Words of somebody with a person's name whom nothing shows to be a machine are a person's, and so are those of authorities
 * and lawyers; long ones anyway, a little.
 */
function fromProse(evidence: SenderEvidence, seen: readonly Weighed[]): Weighed[] {
  const { shape, share, signed, named, facts, marks, words } = evidence;
  if (signed !== null || facts.autoSubmitted.length > 0) return [];
  const text = `${shape.words} words`;
  const isOfficial =
    marks.some(({ mark }) => mark.says.includes('authority') || mark.says.includes('lawyer')) ||
    hitsOf(words.narrative, 'authority-body', 'authority-act', 'lawyer-body', 'lawyer-demand').length > 0;
  const isSomebody = named !== null || isOfficial;
  const isPlain = isSomebody && !share.hasReport && shape.words >= 5 && !looksMade(evidence, seen);
  if (isPlain) return [{ reason: { rule: 'sender/nothing-of-a-machine', text }, weight: -0.65 }];
  const isProse = shape.words > 25 && shape.proseLines > shape.fieldLines + shape.logLines;
  return isProse ? [{ reason: { rule: 'sender/running-prose', text }, weight: -0.4 }] : [];
}

const machines: ReadonlySet<string> = new Set(['robot', 'auto-reply', 'ticket', 'bounce', 'notice', 'unread']);

/** Any sign of a machine, of those too that weigh nothing here: a receipt, a note of absence, a notice. */
function looksMade({ marks, words }: SenderEvidence, seen: readonly Weighed[]): boolean {
  return (
    seen.some((one) => one.weight > 0) ||
    marks.some(({ mark }) => mark.says.some((what) => machines.has(what))) ||
    hitsOf(words.narrative, 'receipt', 'vacation', 'bounce', 'notice', 'no-answer').length > 0
  );
}

/** "Nadia Berg <nadia.b@…>": the address is made of the name that is shown, and not the name of the firm. */
function bearsOwnName(name: string, address: string): boolean {
  const at = address.lastIndexOf('@');
  const letters = (text: string) =>
    text
      .split(/[^\p{L}]+/u)
      .map(foldWord)
      .filter((part) => part !== '');
  const names = letters(name);
  const local = letters(address.slice(0, at));
  const domain = address.slice(at + 1).toLowerCase();
  if (local.length === 0 || names.some((part) => part.length > 2 && domain.includes(part))) return false;
  const isNamed = (part: string) => names.some((own) => own === part || (part.length === 1 && own.startsWith(part)));
  if (local.every(isNamed)) return local.some((part) => part.length > 1);
  const glued = local.join('');
  return names.some((own) => own.length > 2 && glued.includes(own) && glued.length <= names.join('').length);
}
