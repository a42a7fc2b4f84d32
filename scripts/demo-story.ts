import type { App } from '../src/app.ts';
import type { AlertSubject, Case } from '../src/core/case.ts';
import { judgedAs, takesOwnWords } from '../src/core/case.ts';
import { whyWaiting } from '../src/core/digest.ts';
import type { Category, Kind } from '../src/core/judgement.ts';
import { caseById } from '../src/store/cases.ts';
import { lettersOfCase } from '../src/store/letters.ts';
import type { MailRow } from '../src/store/mails.ts';
import { mailsOfCase } from '../src/store/mails.ts';
import { outboxOfCase } from '../src/store/outbox.ts';

/** What the desk did, in a newcomer's words, read from the desk's own record. */

const categoryWords: Record<Category, string> = {
  'login-attack': 'password guessing',
  scan: 'a port scan',
  'web-attack': 'an attack on a website',
  dos: 'a flood of requests',
  scraping: 'copying of a website',
  spam: 'spam',
  'comment-spam': 'spam in a forum or guest book',
  copyright: 'copyright',
  phishing: 'phishing',
  malware: 'malware',
  fraud: 'fraud',
  'account-compromise': 'a stolen account',
  harassment: 'harassment',
  'threat-of-violence': 'a threat of violence',
  stalking: 'stalking',
  doxxing: 'published private data',
  extortion: 'extortion',
  'self-harm': 'self-harm',
  terrorism: 'terrorism',
  'child-abuse': 'child protection',
  'weapons-drugs': 'weapons or drugs',
  'law-enforcement': 'police',
  'legal-demand': 'a legal demand',
  'blocklist-notice': 'a blocklist',
  other: 'something else',
};

const languageNames = new Intl.DisplayNames('en', { type: 'language' });

const answerWords: Record<Kind, string> = {
  complaint: 'a person wrote again: the clock stops',
  reply: 'a person answered: the clock stops',
  notice: 'a notice came',
  unrelated: 'a person answered: the clock stops',
  unreadable: 'something unreadable came',
  'auto-reply': 'an out-of-office note came: it counts for nothing',
  'ticket-ack': "a ticket system's receipt came: it counts for nothing",
  bounce: 'the letter came back',
};

const alertWords: Record<AlertSubject, string> = {
  danger: 'danger, or an authority writes',
  'host-suspicious': 'suspicious machine',
  'host-key': 'unknown host key',
  'not-exit-then': 'no exit at that time',
  'provider-deadline': 'the hoster waits for an answer',
  'letter-unknown': 'did a letter leave?',
};

/** First column: the case and its subject; nothing of a sealed mail. */
export function titleOf(app: App, mail: MailRow): string {
  const token = mail.caseId === null ? '-' : `${app.config.desk.tokenPrefix}-${mail.caseId}`;
  const subject = mail.sealed ? '(sealed: no word of it is shown anywhere)' : (mail.subject ?? '(no subject)');
  return `${token} ${subject.length > 56 ? `${subject.slice(0, 55).trimEnd()}…` : subject}`;
}

export function meaningOf(mail: MailRow, kase: Case | null): string {
  if (kase === null) return mail.kind === 'complaint' ? 'not read' : `no complaint (${mail.kind ?? 'unread'})`;
  const { risk, category } = judgedAs(kase);
  const { judgement } = kase;
  const accused = judgement.addresses.filter((address) => address.role === 'reported');
  const standings = new Set(accused.map((address) => address.standing));
  return [
    category === null ? 'unclear' : categoryWords[category],
    risk === 'threatening' ? 'HIGH RISK' : risk === 'non-threatening' ? 'low risk' : 'risk unsure',
    ...(accused.length === 0 ? ['names no address'] : []),
    ...(standings.has('exit-then') ? ['our exit then, given back since'] : []),
    ...(standings.has('not-ours') && standings.size === 1 ? ['not our address'] : []),
    ...(judgement.provider === null ? [] : [`passed on by our hoster, ticket ${judgement.provider.token}`]),
    ...(judgement.language === null || judgement.language === 'en'
      ? []
      : [`written in ${languageNames.of(judgement.language) ?? judgement.language}`]),
  ].join(', ');
}

export function writerOf(kase: Case | null): string {
  if (kase === null) return '-';
  const { automated } = judgedAs(kase);
  return automated === null ? 'unclear' : automated ? 'a robot' : 'a person';
}

/**
 * What the pass at the instant `at` (ms UTC) did to a case: answers that came, letters that left, alerts, and where the case
 * stands now. `before` is the case as the pass before it left it.
 */
export function stepOf(app: App, id: Case['id'], at: number, before: Case | null): string {
  const kase = caseById(app.db, id);
  if (kase === null) return '';
  const answers = mailsOfCase(app.db, id)
    .filter((mail) => mail.filedAt === at && mail.stage === 'linked')
    .map((mail) => answerWords[mail.kind ?? 'unreadable']);
  const letters = lettersOfCase(app.db, id)
    .filter((letter) => letter.leftAt === at && letter.status === 'accepted' && letter.slot !== null)
    .map((letter) => `letter “${letter.name}” sent`);
  const alerts = outboxOfCase(app.db, id).flatMap((row) =>
    row.body.type === 'alert' && row.createdAt === at && row.status === 'done'
      ? [`a handler is alerted: ${alertWords[row.body.about]}`]
      : [],
  );
  return [...answers, ...letters, ...alerts, ...standing(kase, before)].join('; ');
}

/** Where the case stands, where that is worth a word. */
function standing(kase: Case, before: Case | null): readonly string[] {
  switch (kase.state) {
    case 'needs-person':
    case 'in-discussion':
    case 'reopened':
      if (before?.state === kase.state) return ['still waits for a person'];
      return [
        `waits for a person: ${whyWaiting(kase)}`,
        ...(takesOwnWords(kase)
          ? ['no standard letter answers this']
          : kase.drafts.map((draft) => `draft ready: “${draft.letter}”`)),
      ];
    case 'closed':
      return before?.state === 'closed' ? [] : [`closed: “${kase.label}” (${kase.outcome.replaceAll('-', ' ')})`];
    case 'checking':
      return ['the machine could not be checked: tried again later'];
    case 'awaiting-answer':
      return before?.state === 'awaiting-answer' ? ['waits for an answer'] : [];
    case 'received':
    case 'answering':
    case 'followed-up':
      return [];
  }
}
