import { oneLine } from './one-line.ts';

/** Of what comes from outside; "Re: ", and our own token, are added to it. */
const maxTheirs = 180;
const maxLine = 200;

/**
 * The complainant's subject as an answer repeats it: one line, without leading "Re:" and without case tokens of ours (the
 * answer carries this case's alone, or a reply would find another case), their own ticket tags kept. '' where nothing is left.
 */
export function bareSubject(subject: string, caseToken: string): string {
  const line = oneLine(withoutTokens(subject, caseToken), maxTheirs);
  return line.replace(/^(?:re(?:\[\d{1,3}\])?\s{0,3}:\s{0,3}){1,20}/i, '').trim();
}

/** A rendered subject made safe for the header: one line, the case token in it exactly once. */
export function answerSubject(rendered: string, caseToken: string): string {
  return `${oneLine(withoutTokens(rendered, caseToken), maxLine)} ${caseToken}`.trim();
}

/** The subject for a provider: its ticket token stays as it was written, and is added where the subject lost it. */
export function withTicketToken(subject: string, token: string | null): string {
  const ticket = oneLine(token ?? '', 100);
  if (ticket === '' || subject.includes(ticket)) return subject;
  return `${oneLine(subject, maxTheirs - ticket.length - 1)} ${ticket}`.trim();
}

/** One line without tokens of our form, "[EX-17]" and "[EX-4711]" alike; hidden characters inside one hide nothing. */
function withoutTokens(text: string, caseToken: string): string {
  const prefix = /^\[([A-Z0-9]+)-/i.exec(caseToken)?.[1]?.toLowerCase();
  const line = oneLine(text, 2 * maxLine);
  return line.replace(/\[([A-Z0-9]+)-\d{1,15}\]/gi, (token, of: string) => (of.toLowerCase() === prefix ? ' ' : token));
}
