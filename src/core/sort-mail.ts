import type { HeaderFacts } from './judge/header-facts.ts';
import { hitsOf, wordsOf, type MailWords } from './judge/mail-words.ts';
import type { FoundMark } from './judge/sender-marks.ts';
import type { Kind, Reason } from './judgement.ts';
import type { Mail } from './mail.ts';

/** What sorting looks at; everything was found before. */
export type Sortable = {
  readonly mail: Mail;
  readonly facts: HeaderFacts;
  readonly marks: readonly FoundMark[];
  readonly words: MailWords;
  /** Our letter stands quoted under the sender's text. */
  readonly quotesUs: boolean;
  /** A machine-readable report of abuse is in it ("arf", "xarf" ...). */
  readonly format: string | null;
  /** Addresses of ours that it accuses; of anybody. */
  readonly accusedOurs: number;
  readonly accused: number;
  /** Signs of abuse or danger in its words: 0 none .. 3 plenty. */
  readonly matter: number;
  /** The words are about a block list. */
  readonly isListing: boolean;
  /** Of such a story a person would have to look at every word. */
  readonly mayBeDanger: boolean;
  /** A person quotes or tells what somebody said. */
  readonly isTold: boolean;
  /** The words are a person's: a help desk passes them on. */
  readonly isPerson: boolean;
  /** Danger to a person, an authority, a lawyer: never put aside as a notice or as unrelated. */
  readonly grave: boolean;
  /** It is grave only because a lawyer seems to demand something. */
  readonly lawyerOnly: boolean;
};

export type Sorted = { readonly kind: Kind; readonly because: readonly Reason[] };

/** What a mail is (interfaces.md, `kind`), the most harmful confusion excluded first: never answer a machine's answer. */
export function sortMail(mail: Sortable): Sorted {
  return (
    asBounce(mail) ??
    asAutoReply(mail) ??
    asTicketReceipt(mail) ??
    asReply(mail) ??
    asUnrelated(mail) ??
    asNotice(mail) ??
    asComplaint(mail)
  );
}

type Score = { points: number; readonly reasons: Reason[] };

function start(): Score {
  return { points: 0, reasons: [] };
}

function add(score: Score, points: number, reason: Reason): void {
  score.points += points;
  score.reasons.push(reason);
}

function addMarks(score: Score, mail: Sortable, says: FoundMark['mark']['says'][number]): void {
  for (const { mark, reason } of mail.marks) if (mark.says.includes(says)) add(score, Math.abs(mark.weight), reason);
}

/** Phrases in the subject and in the sender's own text; each entry counts once, the subject more. */
function addPhrases(score: Score, mail: Sortable, concept: string, weights: { subject: number; body: number }): void {
  const { narrative, ownFrom, forwardedFrom } = mail.words;
  const seen = new Set<string>();
  for (const hit of hitsOf(narrative, concept)) {
    const inSubject = hit.start < ownFrom;
    const text = wordsOf(narrative, hit);
    if (hit.start >= forwardedFrom || seen.has(`${inSubject}${text.toLowerCase()}`) || seen.size >= 4) continue;
    seen.add(`${inSubject}${text.toLowerCase()}`);
    add(score, inSubject ? weights.subject : weights.body, { rule: hit.entry.id, text });
  }
}

/** RFC 3464 reports, and the free forms of the many mailers that know no standard. */
function asBounce(mail: Sortable): Sorted | null {
  const { reportType, attachments } = mail.mail;
  const isByMailer =
    mail.facts.nullSender ||
    mail.marks.some(({ mark: { part, says } }) => part !== 'subject' && says.includes('bounce'));
  // Parcels cannot be delivered, either.
  if (!isByMailer && (tellsScam(mail) || tellsDanger(mail))) return null;
  if (reportType === 'delivery-status' || attachments.some((a) => a.contentType === 'message/delivery-status')) {
    return { kind: 'bounce', because: [{ rule: 'kind/delivery-status', text: 'message/delivery-status' }] };
  }
  const score = start();
  addMarks(score, mail, 'bounce');
  addPhrases(score, mail, 'bounce', { subject: 1.5, body: 1 });
  if (mail.facts.nullSender) add(score, 0.5, { rule: 'kind/null-sender', text: 'Return-Path: <>' });
  if (mail.format !== null || mail.accusedOurs > 0) add(score, -1.5, { rule: 'kind/accuses-us', text: '' });
  return score.points >= 2 ? { kind: 'bounce', because: score.reasons } : null;
}

function asAutoReply(mail: Sortable): Sorted | null {
  if (mail.mail.reportType === 'disposition-notification') {
    return { kind: 'auto-reply', because: [{ rule: 'kind/read-receipt', text: 'disposition-notification' }] };
  }
  const score = start();
  const replied = mail.facts.autoSubmitted.includes('auto-replied');
  if (!replied && tellsDanger(mail)) return null;
  if (replied) add(score, 2, { rule: 'kind/auto-replied', text: 'Auto-Submitted: auto-replied' });
  addMarks(score, mail, 'auto-reply');
  addPhrases(score, mail, 'vacation', { subject: 1.6, body: 1 });
  const receipt = start();
  addMarks(receipt, mail, 'ticket');
  addPhrases(receipt, mail, 'receipt', { subject: 1.5, body: 1 });
  add(score, -0.7 * complaintWeight(mail), { rule: 'kind/reports-abuse', text: '' });
  if (mail.facts.answersUs !== null) add(score, 0.5, { rule: 'kind/answers-us', text: mail.facts.answersUs });
  // "Thank you for your mail. We are open from Monday to Friday": half of each, and no ticket.
  const both = score.points > 0 && receipt.points > 0 && !namesTicket(mail) ? score.points + receipt.points : 0;
  if (Math.max(score.points, both) < 1.5 || (both === 0 && score.points <= receipt.points)) return null;
  return { kind: 'auto-reply', because: told(score) };
}

/** Danger that is told anew, with an address of ours: whatever the subject says, somebody has to read it. */
function tellsDanger(mail: Sortable): boolean {
  const isTold = mail.grave || mail.mayBeDanger;
  return isTold && mail.accusedOurs > 0 && mail.facts.answersUs === null && !isAnswer(mail);
}

function asTicketReceipt(mail: Sortable): Sorted | null {
  if (!mail.facts.autoSubmitted.includes('auto-replied') && tellsDanger(mail)) return null;
  const score = start();
  addMarks(score, mail, 'ticket');
  addPhrases(score, mail, 'receipt', { subject: 1.5, body: 1 });
  const isFresh = !accusesNobody(mail) && mail.facts.answersUs === null && !isAnswer(mail);
  if (!isFresh && hitsOf(mail.words.narrative, 'ticket').length > 0) addNumber(score, mail);
  if (score.points === 0) return null;
  if (mail.facts.autoSubmitted.length > 0)
    add(score, 0.5, { rule: 'kind/auto-submitted', text: mail.facts.autoSubmitted.join(' ') });
  if (mail.facts.answersUs !== null) add(score, 0.5, { rule: 'kind/answers-us', text: mail.facts.answersUs });
  add(score, -0.8 * complaintWeight(mail), { rule: 'kind/reports-abuse', text: '' });
  if (mail.isPerson) add(score, -1.5, { rule: 'kind/reports-abuse', text: '' });
  if (score.points < 1.5) return null;
  return { kind: namesTicket(mail) ? 'ticket-ack' : 'auto-reply', because: told(score) };
}

/** The number of a ticket stands in the subject, and better in the text as well. */
function addNumber(score: Score, { mail, words: { narrative, ownFrom } }: Sortable): void {
  const number = /[\p{L}\d-]{0,20}\d{3,20}/u.exec(mail.subject)?.[0];
  if (number === undefined) return;
  const isToldAgain = narrative.text.indexOf(number, ownFrom) !== -1;
  add(score, isToldAgain ? 1 : 0.6, { rule: 'kind/ticket-number', text: number });
}

/** A receipt that knows of no ticket, but of opening hours and holidays, is an answering machine's. */
function namesTicket({ marks, words: { narrative, shown }, mail }: Sortable): boolean {
  return (
    marks.some(({ mark }) => mark.says.includes('ticket')) ||
    hitsOf(narrative, 'vacation').length === 0 ||
    [narrative, shown].some((passage) => hitsOf(passage, 'ticket').length > 0) ||
    /[#-]\d{4}/.test(mail.subject)
  );
}

function asReply(mail: Sortable): Sorted | null {
  const { answersUs } = mail.facts;
  if (answersUs !== null) return { kind: 'reply', because: [{ rule: 'kind/answers-our-mail', text: answersUs }] };
  if (mail.quotesUs) return { kind: 'reply', because: [{ rule: 'kind/quotes-our-letter', text: '' }] };
  return null;
}

/** How much speaks for a report of abuse: what it accuses, its format, its words. */
function complaintWeight(mail: Sortable): number {
  // What answers us carries our subject and our words: the abuse in them is the old one.
  const share = mail.facts.answersUs === null && !isAnswer(mail) ? 1 : 0.2;
  return share * complaintPoints(mail);
}

/** "Re: Abuse from 192.0.2.1" over a text that names no address. */
function isAnswer({ marks, words: { narrative, ownFrom } }: Sortable): boolean {
  if (!marks.some(({ mark }) => mark.says.includes('answer'))) return false;
  return !/\d\.\d{1,3}\.\d|[\da-f]:[\da-f]{0,4}:/i.test(narrative.text.slice(ownFrom));
}

function complaintPoints(mail: Sortable): number {
  return (mail.format === null ? 0 : 2) + Math.min(2, mail.accusedOurs) * 1.2 + Math.min(mail.matter, 3) * 0.7;
}

/**
 * Marketing, newsletters, phishing and scams that found the desk's address. A report of abuse names an address or speaks of
 * attacks; of what does neither, a sign or two of mass mail are enough.
 */
function asUnrelated(mail: Sortable): Sorted | null {
  const score = start();
  addPhrases(score, mail, 'marketing', { subject: 1, body: 0.9 });
  addPhrases(score, mail, 'opening', { subject: 0.3, body: 0.3 });
  addPhrases(score, mail, 'desk-phishing', { subject: 1.2, body: 1.1 });
  if (mail.facts.dmarc === 'fail-enforced') add(score, 0.5, { rule: 'kind/dmarc-fails', text: 'dmarc=fail' });
  const sells = sellsToUs(mail);
  if (accusesNobody(mail) || sells) {
    const bulk = mail.marks.find(({ mark }) => mark.says.includes('bulk'));
    if (bulk !== undefined) add(score, 0.9, bulk.reason);
    addPhrases(score, mail, 'pitch', { subject: 1, body: 0.9 });
    if (!namesScam(mail)) addPhrases(score, mail, 'scam', { subject: 1, body: 0.9 });
  }
  if (score.points === 0 || (mail.grave && !isLawyerInScam(mail, score))) return null;
  if (complainsOfMails(mail) || (accusesUs(mail) && !sells)) return null;
  if (noticePoints(mail).points > score.points) return null;
  if (isAimless(mail)) {
    return score.points - 0.25 * mail.matter >= 0.75 ? { kind: 'unrelated', because: score.reasons } : null;
  }
  const weight = sells ? 0 : 0.8 * complaintPoints(mail) + (mail.mayBeDanger ? 0.8 : 0);
  add(score, -weight, { rule: 'kind/reports-abuse', text: '' });
  return score.points >= 1.5 ? { kind: 'unrelated', because: told(score) } : null;
}

function accusesNobody({ accused, format }: Sortable): boolean {
  return accused === 0 && format === null;
}

/** Whoever complains of a scam calls it so; the scam does not. */
function namesScam({ words }: Sortable): boolean {
  return hitsOf(words.narrative, 'tech-phishing', 'tech-spam').length > 0;
}

/** It accuses nobody, tells no story about a person, and speaks of attacks at most to sell something against them. */
function isAimless(mail: Sortable): boolean {
  if (!accusesNobody(mail) || mail.isTold || mail.mayBeDanger) return false;
  return isPitch(mail) || hitsOf(mail.words.narrative, 'tech-other').length === 0;
}

function isPitch({ words }: Sortable): boolean {
  return hitsOf(words.narrative, 'pitch').length > 0;
}

/** A person who calls it spam or phishing, and speaks of servers or of abuse, is no advertiser. */
function complainsOfMails(mail: Sortable): boolean {
  const isMailing = mail.marks.some(({ mark }) => mark.says.includes('bulk'));
  const speaksOfAbuse = hitsOf(mail.words.narrative, 'tech-other').length > 0;
  return mail.isPerson && !isMailing && !isPitch(mail) && namesScam(mail) && speaksOfAbuse;
}

/** Who names an address of ours complains, whatever it quotes; but for what is after the desk's password. */
function accusesUs({ accusedOurs, isPerson, facts, words }: Sortable): boolean {
  if (accusedOurs === 0 || facts.dmarc === 'fail-enforced') return false;
  return isPerson || hitsOf(words.narrative, 'desk-phishing').length === 0;
}

const leastPitches = 2;

/** A mailing that offers twice and tells of nothing but lists that the address stands on. */
function sellsToUs({ marks, words: { narrative, evidence }, isTold, mayBeDanger }: Sortable): boolean {
  if (isTold || mayBeDanger || evidence.tokens.length > 0) return false;
  const offers = new Set(hitsOf(narrative, 'pitch', 'marketing').map((hit) => wordsOf(narrative, hit)));
  return marks.some(({ mark }) => mark.says.includes('bulk')) && offers.size >= leastPitches;
}

/** Scams come with attorneys and with sums that somebody is to be paid. */
function isLawyerInScam(mail: Sortable, score: Score): boolean {
  return mail.lawyerOnly && accusesNobody(mail) && score.points >= 2.5;
}

function tellsScam(mail: Sortable): boolean {
  if (!accusesNobody(mail) || namesScam(mail)) return false;
  const { narrative } = mail.words;
  return new Set(hitsOf(narrative, 'scam').map((hit) => wordsOf(narrative, hit).toLowerCase())).size >= 2;
}

function noticePoints(mail: Sortable): Score {
  const score = start();
  addMarks(score, mail, 'notice');
  addPhrases(score, mail, 'notice', { subject: 1.2, body: 1 });
  addPhrases(score, mail, 'no-answer', { subject: 1, body: 0.7 });
  return score;
}

function asNotice(mail: Sortable): Sorted | null {
  const score = noticePoints(mail);
  if (score.points === 0 || mail.grave) return null;
  add(score, (mail.isListing ? -0.2 : -0.45) * Math.min(mail.matter, 3), { rule: 'kind/reports-abuse', text: '' });
  // A person who complains may speak of newsletters and of reports.
  const needed = mail.isPerson && mail.accusedOurs > 0 ? 2 : 1;
  return score.points >= needed ? { kind: 'notice', because: told(score) } : null;
}

/** The rest. Without any sign of abuse and without an address it is none of our business. */
function asComplaint(mail: Sortable): Sorted {
  if (mail.mail.encrypted || mail.accused > 0 || mail.matter > 0 || mail.isTold || mail.format !== null) {
    return { kind: 'complaint', because: [] };
  }
  return { kind: 'unrelated', because: [{ rule: 'kind/no-sign-of-abuse', text: '' }] };
}

function told(score: Score): Reason[] {
  return score.reasons.filter((reason) => reason.rule !== 'kind/reports-abuse');
}
