import type { App } from '../app.ts';
import { handlerOnDuty, inventoryOf } from '../config.ts';
import { messageIdFor, signCaseAddress } from '../core/case-address.ts';
import type { Action, Case, CaseId } from '../core/case.ts';
import { judgedAs } from '../core/case.ts';
import { composeLetter } from '../mail/compose.ts';
import { caseById } from '../store/cases.ts';
import { checkById } from '../store/checks.ts';
import { lettersOfCase } from '../store/letters.ts';

type SendLetter = Extract<Action, { type: 'send-letter' }>;

export type ComposedLetter = {
  readonly messageId: string;
  readonly bytes: Buffer;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
};

/**
 * The exact bytes and envelope of a case's letter. Its Message-ID derives from the action's key, so the same action makes
 * the same identity however often it is composed. Envelope sender and Reply-To are the case's signed addresses; our own
 * signed address is the second recipient, whose arrival proves acceptance.
 */
export async function composeForCase(
  app: App,
  caseId: CaseId,
  action: SendLetter,
  actionKey: string,
): Promise<ComposedLetter> {
  const { config, secret } = app;
  const kase = caseById(app.db, caseId);
  if (kase === null) throw new Error(`there is no case ${caseId}`);
  const messageId = messageIdFor(actionKey, secret, config.desk.messageIdDomain);
  const { subject, text } = wordsOf(app, kase, action);
  const bytes = await composeLetter({
    from: { name: config.sending.from, address: config.desk.address },
    to: action.to,
    replyTo: signCaseAddress(config.desk, caseId, 'reply', secret),
    messageId,
    date: app.now(),
    subject,
    text,
    answers: kase.complaint,
    earlier: lettersOfCase(app.db, caseId)
      .filter((letter) => letter.status === 'accepted' && letter.recipient === action.to)
      .map((letter) => letter.messageId),
    origin: action.text !== null ? 'person' : action.slot === 'follow-up' ? 'timer' : 'answer',
  });
  const copy = config.sending.ownCopy ? [signCaseAddress(config.desk, caseId, 'copy', secret)] : [];
  return {
    messageId,
    bytes,
    envelope: { from: signCaseAddress(config.desk, caseId, 'bounce', secret), to: [action.to, ...copy] },
  };
}

/** The template's words for this case, or the handler's own under the same subject. */
function wordsOf(app: App, kase: Case, action: SendLetter): { readonly subject: string; readonly text: string } {
  const { config } = app;
  const language = app.templates.languageFor(kase.judgement.letter?.language ?? kase.judgement.language);
  const rendered = app.templates.render(action.letter, {
    language,
    desk: { name: config.desk.name, organisation: config.desk.organisation },
    signedBy: handlerOnDuty(config, app.now()).signsAs,
    signThreateningByPerson: config.letters.signThreateningByPerson,
    caseToken: `[${config.desk.tokenPrefix}-${kase.id}]`,
    replyTo: signCaseAddress(config.desk, kase.id, 'reply', app.secret),
    facts: config.letters.facts[language] ?? {},
    judgement: kase.judgement,
    category: judgedAs(kase).category,
    complaint: kase.complaint,
    inventory: inventoryOf(config),
    checks: kase.hosts.flatMap((host) => {
      const check = host.checkId === null ? null : checkById(app.db, host.checkId);
      return check === null ? [] : [check];
    }),
    letters: kase.letters.filter((letter) => letter.status === 'queued' || letter.status === 'accepted'),
    now: app.now(),
  });
  return action.text === null ? rendered : { subject: rendered.subject, text: action.text };
}
