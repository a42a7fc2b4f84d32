import type { App } from '../app.ts';
import { verifyCaseAddress } from '../core/case-address.ts';
import type { CaseId } from '../core/case.ts';
import type { Mail } from '../core/mail.ts';
import { isSameOrganisation } from '../core/organisation.ts';
import { caseById } from '../store/cases.ts';
import { letterByMessageId } from '../store/letters.ts';
import { caseByMailMessageId } from '../store/mails.ts';

export type CaseLink = {
  readonly caseId: CaseId;
  readonly by: 'message-id' | 'signed-address' | 'token' | 'complaint-id';
};

/**
 * To which case a mail belongs (procedure.md §3): it carries one of our Message-IDs (looked up, not matched by pattern), or
 * came to the case's signed address, or carries the case token *and* comes from the complainant or their organisational
 * domain. Anything else is judged on its own: a stranger who quotes a token gets into nobody's case.
 */
export function findCase(app: App, mail: Mail): CaseLink | null {
  const letter = letterByMessageId(app.db, [...mail.inReplyTo, ...mail.references.toReversed(), ...returnedIds(mail)]);
  if (letter !== null && letter.caseId !== null) return { caseId: letter.caseId, by: 'message-id' };
  for (const address of deliveredTo(mail)) {
    const signed = verifyCaseAddress(address, app.config.desk, app.secret);
    if (signed !== null && caseById(app.db, signed.caseId) !== null)
      return { caseId: signed.caseId, by: 'signed-address' };
  }
  return byToken(app, mail);
}

/** The same for what a handler wrote by hand: that answers the complaint itself, so its Message-ID counts too. */
export function findCaseOfHandlersMail(app: App, mail: Mail): CaseLink | null {
  const link = findCase(app, mail);
  if (link !== null) return link;
  const caseId = caseByMailMessageId(app.db, [...mail.inReplyTo, ...mail.references.toReversed()]);
  return caseId === null ? null : { caseId, by: 'complaint-id' };
}

/** Message-IDs of mails that a delivery report returns (RFC 3464, RFC 3462 text/rfc822-headers). */
function returnedIds(mail: Mail): readonly string[] {
  return mail.attachments.flatMap((part) => {
    if (part.mail !== null) return part.mail.messageId === null ? [] : [part.mail.messageId];
    if (part.contentType !== 'text/rfc822-headers' || part.text === null) return [];
    const id = /^message-id:\s*(<[^\s<>]{1,200}>)/im.exec(part.text.slice(0, 65_536))?.[1];
    return id === undefined ? [] : [id];
  });
}

const recipientHeaders = new Set(['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to']);

/** Every address at which this mail arrived or to which it is addressed. */
export function deliveredTo(mail: Mail): readonly string[] {
  const traced = mail.headers.filter((line) => recipientHeaders.has(line.name)).map((line) => line.value.trim());
  return [...traced, ...mail.to.map((to) => to.address), ...mail.cc.map((cc) => cc.address)];
}

function byToken(app: App, mail: Mail): CaseLink | null {
  const tokens = [...mail.subject.matchAll(/\[([A-Za-z0-9]{1,20})-(\d{1,12})\]/g)];
  const token = tokens.find(([, prefix]) => prefix === app.config.desk.tokenPrefix)?.[2];
  if (token === undefined) return null;
  const kase = caseById(app.db, Number(token) as CaseId);
  const from = mail.from[0]?.address ?? '';
  if (kase === null || from === '') return null;
  const known = [kase.judgement.sender.address, ...kase.letters.map((letter) => letter.to)].filter((a) => a !== null);
  return known.some((address) => isSameOrganisation(address, from)) ? { caseId: kase.id, by: 'token' } : null;
}
