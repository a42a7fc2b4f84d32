import { describe, expect, it } from 'vitest';
import type { Action, Case } from '../../src/core/case.ts';
import type { LetterCounts } from '../../src/core/may-leave.ts';
import { mayLeave } from '../../src/core/may-leave.ts';
import { aCase, aHost, aJudgement, aLetter, aPolicy, hourMs, t0 } from '../support/a-case.ts';

type Letter = Extract<Action, { type: 'send-letter' }>;

const none: LetterCounts = {
  toAddressInDay: 0,
  toDomainInDay: 0,
  inHour: 0,
  oldestInHourAt: null,
  toAddressEver: 0,
  suspectNodes: [],
  deadAddress: false,
};

const first: Letter = {
  type: 'send-letter',
  slot: 'first',
  letter: 'non-threatening',
  to: 'jane@site.example',
  attempt: 1,
  mode: 'auto',
  by: null,
  text: null,
};
const followUp: Letter = { ...first, slot: 'follow-up', letter: 'follow-up' };

function waiting(letter: Letter, automated: boolean | null = false): Case {
  const { slot, letter: name, to, attempt, by } = letter;
  return aCase(
    { state: 'answering' },
    {
      judgement: aJudgement({ sender: { automated } }),
      hosts: [aHost()],
      letters: [aLetter({ slot, letter: name, to, attempt, by, status: 'queued', acceptedAt: null })],
    },
  );
}

const ask = (kase: Case, letter: Letter, counts: Partial<LetterCounts> = {}, policy = aPolicy()) =>
  mayLeave({ kase, letter }, { ...none, ...counts }, policy, t0);

describe('a letter at the door', () => {
  it('leaves when nothing speaks against it', () => {
    expect(ask(waiting(first), first)).toEqual({ may: 'leave' });
  });

  it('does not leave once the case has withdrawn it', () => {
    const kase = { ...waiting(first), letters: [aLetter({ status: 'withdrawn' })] } as Case;
    expect(ask(kase, first)).toEqual({ may: 'withdraw' });
  });

  it.each([
    ['decided in observe mode', { ...first, mode: 'observe' as const }, aPolicy()],
    ['while the desk is in observe mode now', first, aPolicy({ mode: 'observe' })],
  ])('only would be sent when %s', (_, letter, policy) => {
    expect(ask(waiting(letter), letter, {}, policy)).toEqual({ may: 'would-send' });
  });

  it('waits while its node is under suspicion, even when a handler approved it', () => {
    const approved = { ...first, by: 'ada' };
    expect(ask(waiting(approved), approved, { suspectNodes: ['helium'] })).toEqual({
      may: 'wait-for-handler',
      node: 'helium',
    });
    expect(ask(waiting(first), first, { suspectNodes: ['neon'] })).toEqual({ may: 'leave' });
  });

  it('waits while the case is on hold', () => {
    const kase = { ...waiting(first), hold: { by: 'ada', at: t0 } } as Case;
    expect(ask(kase, first)).toEqual({ may: 'wait-for-handler', node: null });
  });

  it('goes to a handler when a hard bounce came from its address', () => {
    expect(ask(waiting(first), first, { deadAddress: true })).toMatchObject({ may: 'ask', reason: 'dead-address' });
  });

  const ceilings: readonly (readonly [string, boolean | null, Partial<LetterCounts>, object])[] = [
    ['the fifth to a person in a day', false, { toAddressInDay: 4 }, { may: 'leave' }],
    ['the sixth to a person in a day', false, { toAddressInDay: 5 }, { may: 'ask', ceiling: 'address' }],
    ['the first to a robot in a day', true, { toAddressInDay: 0 }, { may: 'leave' }],
    ['the second to a robot in a day', true, { toAddressInDay: 1 }, { may: 'withhold', ceiling: 'address' }],
    ['the second to one of whom we are unsure', null, { toAddressInDay: 1 }, { may: 'withhold', ceiling: 'address' }],
    ['the eleventh to a person’s domain', false, { toDomainInDay: 10 }, { may: 'ask', ceiling: 'domain' }],
    ['the eleventh to a robot’s domain', true, { toDomainInDay: 10 }, { may: 'withhold', ceiling: 'domain' }],
    ['the 61st in an hour, to a person', false, { inHour: 60 }, { may: 'ask', ceiling: 'hour' }],
    ['the 61st in an hour, to a robot', true, { inHour: 60 }, { may: 'withhold', ceiling: 'hour' }],
  ];
  it.each(ceilings)('%s', (_, automated, counts, answer) => {
    expect(ask(waiting(first, automated), first, counts)).toMatchObject(answer);
  });

  it('that a handler approved knows no ceiling', () => {
    const approved = { ...first, by: 'ada' };
    const over = { toAddressInDay: 99, toDomainInDay: 99, inHour: 99 };
    expect(ask(waiting(approved), approved, over)).toEqual({ may: 'leave' });
  });

  it('to a provider is never withheld in silence: over a ceiling a handler is asked', () => {
    const provider = { ...first, slot: 'provider' as const, letter: 'provider' as const };
    expect(ask(waiting(provider, true), provider, { toAddressInDay: 1 })).toMatchObject({ may: 'ask' });
  });

  it('waits for a node that is under suspicion again after it was cleared', () => {
    const kase = { ...waiting(followUp), hosts: [aHost({ status: 'cleared' })] } as Case;
    expect(ask(kase, followUp, { suspectNodes: ['helium'] })).toMatchObject({ may: 'wait-for-handler' });
  });

  it('goes to a handler where the mode has become approve since it was queued', () => {
    expect(ask(waiting(first), first, {}, aPolicy({ mode: 'approve' }))).toMatchObject({
      may: 'ask',
      reason: 'approval',
    });
  });

  it('for low risk does not leave once the risk is not low any more', () => {
    for (const level of ['threatening', 'unsure'] as const) {
      const kase = { ...waiting(first), judgement: aJudgement({ risk: { level } }) } as Case;
      expect(ask(kase, first)).toMatchObject({ may: 'ask', reason: 'judgement-unsure' });
    }
  });

  it('that follows up waits for the next hour instead of making a burst', () => {
    const answer = ask(waiting(followUp), followUp, { inHour: 60, oldestInHourAt: t0 - 1000 });
    expect(answer).toEqual({ may: 'later', at: t0 - 1000 + hourMs });
  });

  it('to a sender whose DMARC fails leaves once, ever', () => {
    const kase = { ...waiting(first), judgement: aJudgement({ oneLetterOnly: true }) } as Case;
    expect(ask(kase, first, { toAddressEver: 0 })).toEqual({ may: 'leave' });
    expect(ask(kase, first, { toAddressEver: 1 })).toMatchObject({ may: 'ask', ceiling: 'forged-sender' });
  });
});
