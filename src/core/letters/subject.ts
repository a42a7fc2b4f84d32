import { oneLine } from './one-line.ts';

const maxLength = 200;

/**
 * The complainant's subject as an answer repeats it: one line, without leading "Re:" and without our own case token (both
 * come back with the answer), their ticket tags kept. '' where nothing is left.
 */
export function bareSubject(subject: string, caseToken: string): string {
  const line = oneLine(subject.replaceAll(caseToken, ' '), maxLength);
  return line.replace(/^(?:re(?:\[\d{1,3}\])?\s*:\s*){1,20}/i, '').trim();
}

/** A rendered subject made safe for the header: one line, the case token in it exactly once. */
export function answerSubject(rendered: string, caseToken: string): string {
  const line = oneLine(rendered.replaceAll(caseToken, ' '), maxLength);
  return `${line} ${caseToken}`.trim();
}

/** The subject for a provider: its ticket token stays as it was written, and is added where the subject lost it. */
export function withTicketToken(subject: string, token: string | null): string {
  const ticket = oneLine(token ?? '', 100);
  return ticket === '' || subject.includes(ticket) ? subject : `${subject} ${ticket}`.trim();
}
