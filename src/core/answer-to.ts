import type { DeskIdentity } from './exits.ts';
import { isBounceAddress, isUnreadByName } from './unread-address.ts';
import type { HeaderFacts } from './judge/header-facts.ts';
import { isSameOrganisation } from './organisation.ts';
import { hitsOf, wordsOf, type MailWords, type Passage } from './judge/mail-words.ts';
import type { FoundMark } from './judge/sender-marks.ts';
import type { Reason } from './judgement.ts';

/** Where a letter goes, or why no address is sure; `unread`: the sender says that From is not read. */
export type AnswerTo = {
  readonly address: string | null;
  readonly unread: boolean;
  /** Several contacts, or one elsewhere: a person chooses. */
  readonly doubtful: boolean;
  readonly because: readonly Reason[];
};

export type AnswerContext = {
  readonly facts: HeaderFacts;
  readonly marks: readonly FoundMark[];
  readonly words: MailWords;
  /** A contact that a machine-readable report names (XARF, ARF, ACNS), null without. */
  readonly reportContact: string | null;
  readonly desk: DeskIdentity;
};

/**
 * procedure.md §3, "where a letter goes", the first that holds: a single Reply-To in From's organisational domain, or any
 * single Reply-To where From was rewritten by a list, is unread or of our own domain; a contact that the body names, in From's organisational
 * domain, where From and Reply-To are said to be unread; From. Never our own address, a null sender or a bounce address.
 */
export function answerTo(context: AnswerContext): AnswerTo {
  const { facts } = context;
  const from = facts.from?.address ?? null;
  const unreadBecause = unreadReasons(context);
  const unread = unreadBecause.length > 0;
  if (from === null)
    return { address: null, unread, doubtful: true, because: [{ rule: 'answer/no-sender', text: '' }] };
  const contacts = bodyContacts(context, from);
  const { replyTo } = facts;
  const replyIsRead = replyTo !== null && !isUnreadByName(replyTo) && !(unread && replyTo === from);
  // A form on our own site writes in our name, and sets the visitor as the one to answer.
  const isOurForm = context.desk.addresses.some((own) => isSameOrganisation(own, from));
  const replyFits = replyTo !== null && (isSameOrganisation(replyTo, from) || facts.rewritten || unread || isOurForm);
  if (replyIsRead && replyFits) {
    return settled(replyTo, unread, { rule: 'answer/reply-to', text: replyTo }, context);
  }
  if (unread) {
    const near = contacts.filter((c) => isSameOrganisation(c, from));
    if (near.length === 1 && near[0] !== undefined) {
      return settled(near[0], true, { rule: 'answer/contact-in-the-text', text: near[0] }, context);
    }
    const doubtful = near.length > 1 || contacts.length > 0;
    return { address: null, unread, doubtful, because: unreadBecause };
  }
  return settled(from, false, { rule: 'answer/from', text: from }, context);
}

function settled(address: string, unread: boolean, reason: Reason, { desk, facts }: AnswerContext): AnswerTo {
  const lower = address.toLowerCase();
  const never = desk.addresses.some((own) => own.toLowerCase() === lower) || isBounceAddress(lower) || facts.nullSender;
  if (!isSendable(address) || never) {
    return { address: null, unread, doubtful: true, because: [{ rule: 'answer/never-this-address', text: address }] };
  }
  return { address, unread, doubtful: false, because: [reason] };
}

/** One plain ASCII addr-spec with a domain name: everything else is left to a person (mail.md §4, address parsing). */
export function isSendable(address: string): boolean {
  return /^[a-z0-9](?:[a-z0-9.!#$&'*+/=?^_`{|}~-]{0,62}[a-z0-9_=+-])?@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i.test(
    address,
  );
}

function unreadReasons({ facts, marks, words }: AnswerContext): Reason[] {
  const from = facts.from?.address ?? '';
  const reasons: Reason[] = marks.filter(({ mark }) => mark.says.includes('unread')).map(({ reason }) => reason);
  if (isUnreadByName(from)) reasons.push({ rule: 'answer/unread-by-name', text: from });
  for (const part of [words.narrative, words.boilerplate]) {
    for (const hit of hitsOf(part, 'unread')) {
      if (part === words.narrative && hit.start >= words.forwardedFrom) continue;
      reasons.push({ rule: hit.entry.id, text: wordsOf(part, hit) });
    }
  }
  return reasons.slice(0, 3);
}

const domainPart = /^(?:[a-z0-9-]{1,63}\.){1,6}[a-z][a-z0-9-]{1,30}/i;

/** Contacts that the sender's own text names to be written to, or that the machine-readable part names. */
function bodyContacts(context: AnswerContext, from: string): string[] {
  const { words, reportContact, desk } = context;
  const skip = new Set([from.toLowerCase(), ...desk.addresses.map((a) => a.toLowerCase())]);
  const usable = (a: string) => !skip.has(a.toLowerCase()) && !isUnreadByName(a) && isSendable(a);
  const own = { ...words.narrative, text: words.narrative.text.slice(0, words.forwardedFrom) };
  const named = [own, words.boilerplate].flatMap((part) => contactsIn(part)).filter(usable);
  const report = reportContact?.toLowerCase();
  if (named.length === 0 && report !== undefined && usable(report)) return [report];
  return [...new Set(named)];
}

/** All addresses of the text; where words such as "contact" stand near some of them, only those. */
function contactsIn(part: Passage): string[] {
  const found = addressesIn(part.text.slice(0, 50_000));
  if (found.length === 0) return [];
  const hints = hitsOf(part, 'contact');
  const hinted = found.filter((a) => hints.some((h) => a.start - h.end < 90 && h.start - a.end < 60));
  return (hinted.length > 0 ? hinted : found).map((a) => withLowerDomain(part.text.slice(a.start, a.end)));
}

type Span = { readonly start: number; readonly end: number };

/** From sign to sign, so that a text without any costs nothing. */
function addressesIn(text: string): Span[] {
  const found: Span[] = [];
  let last = 0;
  for (let at = text.indexOf('@'); at >= 0 && found.length < 50; at = text.indexOf('@', at + 1)) {
    const start = localPartStart(text, Math.max(last, at - 64), at);
    const domain = domainPart.exec(text.slice(at + 1, at + 450))?.[0].replace(/(?<!-)-+$/, '');
    if (start === at || domain === undefined) continue;
    last = at + 1 + domain.length;
    found.push({ start, end: last });
  }
  return found;
}

/** Where the local part before the sign begins, which is with a letter or digit; `at` where there is none. */
function localPartStart(text: string, from: number, at: number): number {
  let start = at;
  while (start > from && /[a-z0-9._+-]/i.test(text.charAt(start - 1))) start--;
  while (start < at && /[._+-]/.test(text.charAt(start))) start++;
  return start;
}

/** Only the domain is free of letter case (RFC 5321 §2.4). */
function withLowerDomain(found: string): string {
  const at = found.lastIndexOf('@');
  return found.slice(0, at) + found.slice(at).toLowerCase();
}
