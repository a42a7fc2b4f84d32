import type { AnswerTo } from '../answer-to.ts';
import { assertNever } from '../../errors.ts';
import type { AccusedAddress, Category, FirstLetter, Handling, Kind, Reason } from '../judgement.ts';
import { isRuledOut } from '../passage.ts';
import type { Risk } from './risk.ts';

export type HandlingEvidence = {
  readonly kind: Kind;
  readonly risk: Risk;
  readonly automated: boolean | null;
  readonly to: AnswerTo;
  readonly reported: readonly AccusedAddress[];
  readonly isProviderForward: boolean;
  readonly encrypted: boolean;
  readonly truncated: boolean;
  /** DMARC fails under an enforced policy, or there is no usable sender. */
  readonly forged: Reason | null;
  readonly steering: readonly Reason[];
  /** The sender's address or name is that of police, a court, a prosecutor. */
  readonly authority: readonly Reason[];
  readonly overrides: Partial<Record<Category, Handling>>;
};

export type HandlingVerdict = {
  readonly handling: Handling;
  readonly template: FirstLetter | null;
  readonly because: readonly Reason[];
};

/** Whether the letter may leave by itself, waits for a person, or must not be (procedure.md §3), and which letter it is. */
export function decideHandling(evidence: HandlingEvidence): HandlingVerdict {
  switch (evidence.kind) {
    case 'complaint':
      return forComplaint(evidence);
    case 'reply':
      return {
        handling: 'person',
        template: 'non-threatening',
        because: [{ rule: 'handling/answer-by-a-human', text: '' }],
      };
    case 'unreadable':
      return { handling: 'person', template: null, because: [{ rule: 'handling/unreadable', text: '' }] };
    case 'auto-reply':
    case 'ticket-ack':
    case 'bounce':
    case 'notice':
    case 'unrelated':
      return { handling: 'none', template: null, because: [{ rule: `handling/${evidence.kind}`, text: '' }] };
    default:
      return assertNever(evidence.kind);
  }
}

function forComplaint(evidence: HandlingEvidence): HandlingVerdict {
  const template = templateFor(evidence);
  const grounds = personGrounds(evidence);
  if (grounds.length > 0) return { handling: 'person', template, because: grounds };
  const none = noLetter(evidence);
  if (none !== null) return { handling: 'none', template: null, because: [none] };
  const { category } = evidence.risk;
  const wished = category === null ? undefined : evidence.overrides[category];
  if (wished === undefined || wished === 'letter') return { handling: 'letter', template, because: [] };
  const because = [{ rule: 'handling/operator', text: `${category}: ${wished}` }];
  return wished === 'none' ? { handling: 'none', template: null, because } : { handling: 'person', template, because };
}

/** Everything that procedure.md keeps from machines. All grounds are told, not only the first. */
function personGrounds(evidence: HandlingEvidence): Reason[] {
  const { risk, reported, to, automated } = evidence;
  const grounds: Reason[] = [...risk.personGrounds, ...evidence.authority, ...evidence.steering];
  const ours = reported.filter((a) => a.standing !== 'not-ours');
  if (evidence.forged !== null) grounds.push(evidence.forged);
  if (evidence.encrypted) grounds.push({ rule: 'handling/encrypted', text: '' });
  if (evidence.truncated) grounds.push({ rule: 'handling/over-the-limit', text: '' });
  if (risk.level === 'unsure') grounds.push({ rule: 'handling/risk-unsure', text: '' });
  if (risk.level === 'threatening' && automated === true)
    grounds.push({ rule: 'handling/danger-told-by-a-machine', text: '' });
  if (risk.level === 'threatening' && to.address === null)
    grounds.push({ rule: 'handling/danger-and-nowhere-to-answer', text: '' });
  if (risk.level === 'threatening' && evidence.isProviderForward)
    grounds.push({ rule: 'handling/danger-in-a-forward', text: '' });
  if (risk.level === 'threatening' && reported.some((a) => isRuledOut(a)))
    grounds.push({ rule: 'handling/danger-not-through-tor', text: '' });
  if (risk.level === 'threatening' && ours.length === 0 && reported.length > 0) {
    grounds.push({ rule: 'handling/danger-but-not-ours', text: '' });
  }
  for (const a of reported) if (a.standing === 'not-exit') grounds.push({ rule: 'handling/no-exit-then', text: a.ip });
  if (reported.length === 0) grounds.push({ rule: 'handling/no-address', text: '' });
  if (to.address === null && to.doubtful) grounds.push(...to.because);
  return grounds;
}

function noLetter({ automated, reported, to }: HandlingEvidence): Reason | null {
  if (to.address === null) return { rule: 'handling/sender-not-read', text: to.because[0]?.text ?? '' };
  const isOurs = reported.some((a) => a.standing !== 'not-ours');
  return !isOurs && automated === true ? { rule: 'handling/not-ours-and-a-machine', text: '' } : null;
}

function templateFor({
  risk,
  automated,
  reported,
  isProviderForward,
  encrypted,
}: HandlingEvidence): FirstLetter | null {
  const isOurs = reported.some((a) => a.standing !== 'not-ours');
  if (encrypted) return 'ask-for-human';
  if (risk.level === 'threatening' && automated === true) return 'ask-for-human';
  if (risk.level === 'threatening') return isProviderForward && isOurs ? 'provider' : 'threatening';
  if (reported.length === 0) return 'details';
  if (!isOurs) return automated === true ? null : 'not-ours';
  if (isProviderForward) return 'provider';
  return automated === true ? 'ask-for-human' : 'non-threatening';
}
