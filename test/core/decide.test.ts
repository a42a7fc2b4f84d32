import { describe, expect, it } from 'vitest';
import type { Case, CaseEvent, CheckId, MailId } from '../../src/core/case.ts';
import {
  aCase,
  aHost,
  aJudgement,
  aLetter,
  anAddress,
  aPolicy,
  dayMs,
  given,
  hourMs,
  inEachState,
  inShort,
  minuteMs,
  t0,
  weekMs,
} from '../support/a-case.ts';

const received: CaseEvent = { type: 'complaint-received' };
const checked = (verdict: 'clean' | 'suspicious' | 'could-not-check', node = 'helium'): CaseEvent => ({
  type: 'host-checked',
  node,
  checkId: 7 as CheckId,
  verdict,
  hostKeyTrouble: false,
  retryable: true,
});
const accepted = (slot: 'first' | 'provider' | 'follow-up', acceptedAt: number): CaseEvent => ({
  type: 'letter-accepted',
  slot,
  attempt: 1,
  acceptedAt,
  proof: '250 ok',
});
const due = (timer: 'follow-up' | 'close' | 'check-retry' | 'provider-deadline', dueAt: number): CaseEvent => ({
  type: 'timer-due',
  timer,
  dueAt,
});
const answered: CaseEvent = { type: 'human-answered', mailId: 2 as MailId, handlerOnDuty: 'ada', alarms: [] };

describe('a new complaint', () => {
  it('checks the accused host before any letter', () => {
    const decision = given(aCase()).when(received).at(t0);
    expect(decision.next.state).toBe('checking');
    expect(inShort(decision.actions)).toEqual(['check-host helium']);
  });

  it('checks each accused host once, however many of its addresses are named', () => {
    const judgement = aJudgement({
      addresses: [anAddress(), anAddress({ ip: '2001:db8::10' }), anAddress({ ip: '198.51.100.11', node: 'neon' })],
    });
    const decision = given(aCase(undefined, { judgement })).when(received).at(t0);
    expect(inShort(decision.actions)).toEqual(['check-host helium', 'check-host neon']);
  });

  it('alerts a handler at once when somebody is threatened, and still answers', () => {
    const judgement = aJudgement({
      risk: { level: 'threatening', category: 'stalking' },
      letter: { template: 'threatening', to: 'jane@site.example', language: 'en' },
    });
    const decision = given(aCase(undefined, { judgement })).when(received).at(t0);
    expect(decision.next.state).toBe('checking');
    expect(inShort(decision.actions)).toEqual(['alert danger', 'check-host helium']);
  });

  it.each(['law-enforcement', 'legal-demand', 'child-abuse', 'self-harm', 'terrorism'] as const)(
    'about %s waits for a person whatever the policy says, and the host is checked all the same',
    (category) => {
      const judgement = aJudgement({ risk: { category, handling: 'letter' } });
      const decision = given(aCase(undefined, { judgement }), aPolicy({ handling: { [category]: 'letter' } }))
        .when(received)
        .at(t0);
      expect(decision.next).toMatchObject({ state: 'needs-person', reasons: ['danger-or-authority'] });
      expect(inShort(decision.actions)).toContain('check-host helium');
      expect(inShort(decision.actions)).not.toContainEqual(expect.stringContaining('send-letter'));
    },
  );

  it('whose risk is unsure waits for a person', () => {
    const judgement = aJudgement({ risk: { level: 'unsure', handling: 'person' }, letter: null });
    const decision = given(aCase(undefined, { judgement })).when(received).at(t0);
    expect(decision.next).toMatchObject({ state: 'needs-person', reasons: ['judgement-unsure'] });
  });

  it('about an address that was no exit then goes to a person with an alert, and the host is checked', () => {
    const judgement = aJudgement({
      addresses: [anAddress({ standing: 'not-exit', node: 'xenon' })],
      risk: { handling: 'person' },
    });
    const decision = given(aCase(undefined, { judgement })).when(received).at(t0);
    expect(decision.next).toMatchObject({ state: 'needs-person', reasons: ['not-exit-then'] });
    expect(inShort(decision.actions)).toEqual(['alert not-exit-then', 'check-host xenon']);
  });

  it('about an exit that is ours no more is answered without looking at the machine', () => {
    const judgement = aJudgement({ addresses: [anAddress({ standing: 'exit-then', node: 'krypton' })] });
    const decision = given(aCase(undefined, { judgement })).when(received).at(t0);
    expect(decision.next.state).toBe('answering');
    expect(inShort(decision.actions)).toEqual(['send-letter first non-threatening']);
  });

  it('of a robot about an address that is not ours is closed in silence', () => {
    const judgement = aJudgement({
      addresses: [anAddress({ standing: 'not-ours', node: null })],
      sender: { automated: true },
      risk: { handling: 'none' },
      letter: null,
    });
    const decision = given(aCase(undefined, { judgement })).when(received).at(t0);
    expect(decision.next).toMatchObject({ state: 'closed', outcome: 'not-ours', label: 'Successfully Solved' });
    expect(decision.actions).toEqual([]);
  });

  it('of a person about an address that is not ours waits for approval of the letter not-ours', () => {
    const judgement = aJudgement({
      addresses: [anAddress({ standing: 'not-ours', node: null })],
      letter: { template: 'not-ours', to: 'jane@site.example', language: 'en' },
    });
    const policy = aPolicy({ modes: [{ letter: 'not-ours', mode: 'approve' }] });
    const decision = given(aCase(undefined, { judgement }), policy).when(received).at(t0);
    expect(decision.next).toMatchObject({ state: 'needs-person', reasons: ['approval'] });
  });

  it('that our provider passed on is answered to the provider and to the complainant', () => {
    const judgement = aJudgement({
      sender: { automated: true },
      letter: { template: 'provider', to: 'ticket@hoster.example', language: 'en' },
      provider: { token: '[AB-1]', deadline: 'PT24H', form: null, complainant: 'noc@uni.example' },
    });
    const kase = aCase({ state: 'checking' }, { judgement, hosts: [aHost({ status: 'pending' })] });
    const decision = given(kase)
      .when(checked('clean'))
      .at(t0 + minuteMs);
    expect(inShort(decision.actions)).toEqual(['send-letter provider provider', 'send-letter first non-threatening']);
  });

  it('over the size limit waits for a person', () => {
    const { complaint } = aCase();
    const decision = given(aCase(undefined, { complaint: { ...complaint, truncated: true } }))
      .when(received)
      .at(t0);
    expect(decision.next).toMatchObject({ state: 'needs-person', reasons: ['too-large'] });
  });

  it('without a sure address for the letter waits for a person', () => {
    const judgement = aJudgement({ letter: { template: 'non-threatening', to: null, language: 'en' } });
    const decision = given(aCase(undefined, { judgement })).when(received).at(t0);
    expect(decision.next).toMatchObject({ state: 'needs-person', reasons: ['no-recipient'] });
  });

  it('of a robot gets no letter where the operator does not answer robots', () => {
    const judgement = aJudgement({
      sender: { automated: true },
      letter: { template: 'ask-for-human', to: 'robot@site.example', language: 'en' },
    });
    const kase = aCase({ state: 'checking' }, { judgement, hosts: [aHost({ status: 'pending' })] });
    const decision = given(kase, aPolicy({ answerRobots: false }))
      .when(checked('clean'))
      .at(t0);
    expect(decision.next).toMatchObject({ state: 'closed', outcome: 'never-answered' });
    expect(decision.actions).toEqual([]);
  });
});

describe('the host check', () => {
  it('that is clean lets the letter go', () => {
    const decision = given(inEachState.checking)
      .when(checked('clean'))
      .at(t0 + minuteMs);
    expect(decision.next.state).toBe('answering');
    expect(inShort(decision.actions)).toEqual(['send-letter first non-threatening']);
  });

  it('waits for the last of several hosts', () => {
    const hosts = [aHost({ status: 'pending' }), aHost({ node: 'neon', status: 'pending' })];
    const one = given(aCase({ state: 'checking' }, { hosts }))
      .when(checked('clean'))
      .at(t0);
    expect(one.next.state).toBe('checking');
    const both = given(one.next).when(checked('clean', 'neon')).at(t0);
    expect(both.next.state).toBe('answering');
  });

  it('that is suspicious stops the letter and alerts', () => {
    const decision = given(inEachState.checking).when(checked('suspicious')).at(t0);
    expect(decision.next).toMatchObject({ state: 'needs-person', reasons: ['host-suspicious'] });
    expect(inShort(decision.actions)).toEqual(['alert host-suspicious']);
  });

  it('that is suspicious withdraws a letter that is still in the outbox', () => {
    const decision = given(inEachState.answering).when(checked('suspicious')).at(t0);
    expect(decision.next.letters.map((letter) => letter.status)).toEqual(['withdrawn']);
  });

  it('that could not be done is tried again every quarter of an hour', () => {
    const decision = given(inEachState.checking).when(checked('could-not-check')).at(t0);
    expect(decision.next.state).toBe('checking');
    expect(decision.timers).toEqual([{ kind: 'check-retry', dueAt: t0 + 15 * minuteMs }]);
    const again = given(decision.next)
      .when(due('check-retry', t0 + 15 * minuteMs))
      .at(t0 + 15 * minuteMs);
    expect(again.actions).toEqual([{ type: 'check-host', node: 'helium', attempt: 2 }]);
    expect(again.timers).toEqual([]);
  });

  it('that could not be done for a day calls a person', () => {
    const decision = given(inEachState.checking)
      .when(checked('could-not-check'))
      .at(t0 + dayMs);
    expect(decision.next).toMatchObject({ state: 'needs-person', reasons: ['host-not-checkable'] });
  });

  it('that met an unknown host key alerts at once', () => {
    const event = { ...checked('could-not-check'), hostKeyTrouble: true } as CaseEvent;
    expect(inShort(given(inEachState.checking).when(event).at(t0).actions)).toEqual(['alert host-key']);
  });

  it('lets the letters go on once a handler has cleared the node', () => {
    const stopped = given(inEachState.checking).when(checked('suspicious')).at(t0).next;
    const cleared = given(stopped)
      .when({ type: 'node-cleared', node: 'helium', by: 'ada', note: 'our own backup' })
      .at(t0 + hourMs);
    expect(cleared.next.state).toBe('answering');
    expect(inShort(cleared.actions)).toEqual(['send-letter first non-threatening']);
  });

  it('that comes out clean later does not answer what a person must decide', () => {
    const kase = aCase(
      { state: 'needs-person', reasons: ['danger-or-authority'], drafts: [] },
      { hosts: [aHost({ status: 'pending' })] },
    );
    const decision = given(kase).when(checked('clean')).at(t0);
    expect(decision.next.state).toBe('needs-person');
    expect(decision.actions).toEqual([]);
  });
});

describe('the clock', () => {
  it('starts when SMTP accepted the first letter, a week being seven times 24 hours', () => {
    const decision = given(inEachState.answering)
      .when(accepted('first', t0 + hourMs))
      .at(t0 + 2 * hourMs);
    expect(decision.timers).toEqual([{ kind: 'follow-up', dueAt: t0 + hourMs + weekMs }]);
  });

  it('sends the follow-up after a week and closes after another', () => {
    const asked = given(inEachState['awaiting-answer'])
      .when(due('follow-up', t0 + weekMs))
      .at(t0 + weekMs);
    expect(inShort(asked.actions)).toEqual(['send-letter follow-up follow-up']);
    expect(asked.timers).toEqual([]);
    const sent = given(asked.next)
      .when(accepted('follow-up', t0 + weekMs + hourMs))
      .at(t0 + weekMs + hourMs);
    expect(sent.timers).toEqual([{ kind: 'close', dueAt: t0 + 2 * weekMs + hourMs }]);
    const closed = given(sent.next)
      .when(due('close', t0 + 2 * weekMs + hourMs))
      .at(t0 + 2 * weekMs + hourMs);
    expect(closed.next).toMatchObject({
      state: 'closed',
      outcome: 'never-answered',
      label: 'Successfully Solved',
    });
  });

  it('follows a threatening case up with words of its own', () => {
    const kase = aCase(
      { state: 'awaiting-answer', since: t0, followUpAt: t0 + weekMs, closeAt: null },
      { judgement: aJudgement({ risk: { level: 'threatening' } }), letters: [aLetter({ letter: 'threatening' })] },
    );
    const decision = given(kase)
      .when(due('follow-up', t0 + weekMs))
      .at(t0 + weekMs);
    expect(inShort(decision.actions)).toEqual(['send-letter follow-up follow-up-threatening']);
  });

  it('never follows up a letter that said the address is not ours', () => {
    const kase = aCase({ state: 'answering' }, { letters: [aLetter({ letter: 'not-ours', status: 'queued' })] });
    const decision = given(kase).when(accepted('first', t0)).at(t0);
    expect(decision.timers).toEqual([{ kind: 'close', dueAt: t0 + 2 * weekMs }]);
    const closed = given(decision.next)
      .when(due('close', t0 + 2 * weekMs))
      .at(t0 + 2 * weekMs);
    expect(closed.next).toMatchObject({ state: 'closed', outcome: 'not-ours' });
  });

  it("keeps running for a robot's letter that was withheld, and closes the case as over budget", () => {
    const withheld = given(inEachState.answering)
      .when({ type: 'letter-withheld', slot: 'first', attempt: 1, ceiling: 'address' })
      .at(t0);
    expect(withheld.timers).toEqual([{ kind: 'follow-up', dueAt: t0 + weekMs }]);
    const week = given(withheld.next)
      .when(due('follow-up', t0 + weekMs))
      .at(t0 + weekMs);
    expect(week.actions).toEqual([]);
    const closed = given(week.next)
      .when(due('close', t0 + 2 * weekMs))
      .at(t0 + 2 * weekMs);
    expect(closed.next).toMatchObject({ state: 'closed', outcome: 'over-budget' });
  });

  it('stands still on hold and goes on, overdue, with the release', () => {
    const held = given(inEachState['awaiting-answer']).when({ type: 'held', by: 'ada', note: null }).at(t0);
    expect(held.timers).toEqual([]);
    const released = given(held.next)
      .when({ type: 'released', by: 'ada' })
      .at(t0 + 3 * weekMs);
    expect(released.timers).toEqual([{ kind: 'follow-up', dueAt: t0 + weekMs }]);
  });

  it.each(['auto-reply', 'ticket-ack', 'bounce'] as const)('is not moved by a %s', (kind) => {
    for (const kase of Object.values(inEachState)) {
      const before = given(kase).when({ type: 'noted', by: 'ada', text: '' }).at(t0).timers;
      const decision = given(kase)
        .when({ type: 'machine-answered', mailId: 3 as MailId, kind })
        .at(t0 + hourMs);
      expect(decision.next).toEqual(kase);
      expect(decision.timers).toEqual(before);
      expect(decision.actions).toEqual([]);
    }
  });
});

describe('an answer by a human', () => {
  it.each(['checking', 'needs-person', 'answering', 'awaiting-answer', 'followed-up'] as const)(
    'in state %s makes the case a handler’s and stops all automation',
    (state) => {
      const decision = given(inEachState[state])
        .when(answered)
        .at(t0 + dayMs);
      expect(decision.next).toMatchObject({ state: 'in-discussion', handler: 'ada', humanAnswered: true });
      expect(decision.timers).toEqual([]);
      expect(decision.next.letters.some((letter) => letter.status === 'queued')).toBe(false);
    },
  );

  it('after closing reopens the case', () => {
    expect(given(inEachState.closed).when(answered).at(t0).next.state).toBe('reopened');
  });

  it('finds a draft about the exit list, but never for somebody in danger', () => {
    const plain = given(inEachState['awaiting-answer']).when(answered).at(t0);
    expect(plain.next).toMatchObject({ drafts: [{ letter: 'exit-list', to: 'jane@site.example' }] });
    const judgement = aJudgement({ risk: { level: 'threatening' } });
    const danger = given(aCase({ state: 'awaiting-answer', since: t0, followUpAt: null, closeAt: t0 }, { judgement }))
      .when(answered)
      .at(t0);
    expect(danger.next).toMatchObject({ drafts: [] });
  });

  it('by a handler from the mail client stops the automation too', () => {
    const event: CaseEvent = { type: 'handler-wrote', mailId: 4 as MailId, by: 'grace' };
    expect(given(inEachState['awaiting-answer']).when(event).at(t0).next).toMatchObject({
      state: 'in-discussion',
      handler: 'grace',
    });
  });
});

describe('a letter that does not arrive', () => {
  it('for good goes to a person with the letter as draft', () => {
    const decision = given(inEachState.answering)
      .when({ type: 'letter-failed', slot: 'first', attempt: 1, response: '550 no such user' })
      .at(t0);
    expect(decision.next).toMatchObject({
      state: 'needs-person',
      reasons: ['letter-failed'],
      drafts: [{ letter: 'non-threatening' }],
    });
  });

  it('whose fate is unknown goes to a person, and a proof that comes later sets the clock going', () => {
    const unknown = given(inEachState.answering)
      .when({ type: 'letter-unknown', slot: 'first', attempt: 1, response: 'cut off' })
      .at(t0);
    expect(unknown.next).toMatchObject({ state: 'needs-person', reasons: ['letter-unknown'] });
    expect(inShort(unknown.actions)).toEqual(['alert letter-unknown']);
    const proved = given(unknown.next)
      .when(accepted('first', t0))
      .at(t0 + hourMs);
    expect(proved.next).toMatchObject({ state: 'awaiting-answer', followUpAt: t0 + weekMs });
  });

  it('because it bounced stops the clock and goes to a person', () => {
    const decision = given(inEachState['awaiting-answer'])
      .when({ type: 'bounced', mailId: 5 as MailId })
      .at(t0 + hourMs);
    expect(decision.next).toMatchObject({ state: 'needs-person', reasons: ['bounced'] });
    expect(decision.timers).toEqual([]);
  });
});

describe('the modes', () => {
  it('observe: the letter settles as would-send, no clock starts, a person can look', () => {
    const decision = given(inEachState.answering).when({ type: 'letter-would-send', slot: 'first', attempt: 1 }).at(t0);
    expect(decision.next).toMatchObject({ state: 'needs-person', reasons: ['observed'] });
    expect(decision.timers).toEqual([]);
  });

  it('the action keeps the mode in which it was decided', () => {
    const decision = given(inEachState.checking, aPolicy({ mode: 'observe' }))
      .when(checked('clean'))
      .at(t0);
    expect(decision.actions).toMatchObject([{ type: 'send-letter', mode: 'observe' }]);
  });

  it('approve: every letter waits for a handler, the follow-up too', () => {
    const policy = aPolicy({ mode: 'approve' });
    const first = given(inEachState.checking, policy).when(checked('clean')).at(t0);
    expect(first.next).toMatchObject({ state: 'needs-person', reasons: ['approval'] });
    const second = given(inEachState['awaiting-answer'], policy)
      .when(due('follow-up', t0 + weekMs))
      .at(t0 + weekMs);
    expect(second.next).toMatchObject({ state: 'needs-person', drafts: [{ letter: 'follow-up' }] });
    const approved = given(second.next, policy)
      .when({ type: 'approved', by: 'ada', text: null })
      .at(t0 + weekMs);
    expect(approved.next).toMatchObject({ state: 'followed-up', closeAt: null });
    expect(approved.actions).toMatchObject([{ letter: 'follow-up', by: 'ada' }]);
  });

  it('a rule for one category goes before the mode of the desk', () => {
    const policy = aPolicy({ mode: 'observe', modes: [{ category: 'scan', mode: 'auto' }] });
    const decision = given(inEachState.checking, policy).when(checked('clean')).at(t0);
    expect(decision.actions).toMatchObject([{ mode: 'auto' }]);
  });
});

describe('a handler', () => {
  it('approves the draft, and the letter bears the name', () => {
    const decision = given(inEachState['needs-person']).when({ type: 'approved', by: 'ada', text: null }).at(t0);
    expect(decision.next.state).toBe('answering');
    expect(decision.actions).toMatchObject([{ type: 'send-letter', by: 'ada', text: null }]);
  });

  it.each([
    ['without a draft', inEachState['awaiting-answer']],
    ['on hold', { ...inEachState['needs-person'], hold: { by: 'ada', at: t0 } }],
    ['of a host under suspicion', { ...inEachState['needs-person'], hosts: [aHost({ status: 'suspicious' })] }],
  ])('cannot approve a case %s', (_, kase) => {
    const decision = given(kase).when({ type: 'approved', by: 'ada', text: null }).at(t0);
    expect(decision.refused).toEqual(expect.any(String));
    expect(decision.next).toEqual(kase);
    expect(decision.actions).toEqual([]);
  });

  it('sends no standard letter to the police, only words of their own', () => {
    const kase = {
      ...inEachState['needs-person'],
      judgement: aJudgement({ risk: { category: 'law-enforcement' } }),
    } as Case;
    expect(given(kase).when({ type: 'approved', by: 'ada', text: null }).at(t0).refused).toContain('--text-file');
    const own = given(kase).when({ type: 'approved', by: 'ada', text: 'Dear officer, …' }).at(t0);
    expect(own.actions).toMatchObject([{ type: 'send-letter', text: 'Dear officer, …' }]);
  });

  it('cannot approve in observe mode', () => {
    const decision = given(inEachState['needs-person'], aPolicy({ mode: 'observe' }))
      .when({ type: 'approved', by: 'ada', text: null })
      .at(t0);
    expect(decision.refused).toContain('observe');
  });

  it('takes a case, and its automation stops', () => {
    const decision = given(inEachState.answering).when({ type: 'taken', by: 'grace' }).at(t0);
    expect(decision.next).toMatchObject({ state: 'in-discussion', handler: 'grace' });
    expect(decision.next.letters.map((l) => l.status)).toEqual(['withdrawn']);
  });

  it('closes a case with the true outcome, and reopens it', () => {
    const closed = given(inEachState['in-discussion'])
      .when({ type: 'closed-by-handler', by: 'ada', outcome: null })
      .at(t0);
    expect(closed.next).toMatchObject({ state: 'closed', outcome: 'answered', label: 'Successfully Solved' });
    const reopened = given(closed.next).when({ type: 'reopened-by-handler', by: 'ada' }).at(t0);
    expect(reopened.next.state).toBe('reopened');
  });

  it('cannot close a case on hold', () => {
    const kase = { ...inEachState['in-discussion'], hold: { by: 'ada', at: t0 } } as Case;
    expect(given(kase).when({ type: 'closed-by-handler', by: 'ada', outcome: null }).at(t0).refused).toContain('hold');
  });

  it('corrects an unsure judgement, and the case goes on as corrected', () => {
    const kase = aCase(
      { state: 'needs-person', reasons: ['judgement-unsure'], drafts: [] },
      { judgement: aJudgement({ risk: { level: 'unsure', handling: 'person' }, letter: null }), hosts: [aHost()] },
    );
    const correction = { risk: 'threatening', category: 'stalking', automated: null, by: 'ada', at: t0 } as const;
    const decision = given(kase).when({ type: 'judged-as', correction }).at(t0);
    expect(decision.next).toMatchObject({ state: 'answering', correction });
    expect(decision.next.judgement.risk.level).toBe('unsure');
    expect(inShort(decision.actions)).toEqual(['send-letter first threatening']);
  });

  it('who corrects after a letter has left changes the record only', () => {
    const correction = { risk: 'threatening', category: null, automated: null, by: 'ada', at: t0 } as const;
    const decision = given(inEachState['awaiting-answer']).when({ type: 'judged-as', correction }).at(t0);
    expect(decision.next.state).toBe('awaiting-answer');
    expect(decision.actions).toEqual([]);
  });
});

describe('whoever is in danger', () => {
  const danger = aJudgement({
    risk: { level: 'threatening', category: 'threat-of-violence', handling: 'none' },
    letter: null,
    sender: { address: 'noreply@form.example' },
    alarms: ['risk/threat-to-life'],
  });

  it('is never closed in silence, even where nothing can be sent', () => {
    const decision = given(aCase(undefined, { judgement: danger }))
      .when(received)
      .at(t0);
    expect(decision.next).toMatchObject({ state: 'needs-person', reasons: ['danger-or-authority'] });
    expect(inShort(decision.actions)).toContain('alert danger');
  });

  const correct = (change: object): CaseEvent => ({
    type: 'judged-as',
    correction: { risk: null, category: null, automated: null, by: 'ada', at: t0, ...change },
  });

  it('gets no low-risk letter because a handler named the category only', () => {
    const decision = given(inEachState['needs-person'])
      .when(correct({ category: 'threat-of-violence' }))
      .at(t0);
    expect(decision.next).toMatchObject({ state: 'needs-person' });
    expect(decision.actions.filter((action) => action.type === 'send-letter')).toEqual([]);
  });

  it('stays in danger when a later correction speaks of something else', () => {
    const first = given(inEachState.checking)
      .when(correct({ risk: 'threatening' }))
      .at(t0);
    const second = given(first.next)
      .when(correct({ category: 'stalking' }))
      .at(t0);
    expect(second.next.correction).toMatchObject({ risk: 'threatening', category: 'stalking' });
    const clean = given(second.next).when(checked('clean')).at(t0);
    expect(inShort(clean.actions)).toEqual(['send-letter first threatening']);
  });

  it('gets no follow-up that was queued under the old judgement', () => {
    const queued = given(inEachState['awaiting-answer'])
      .when(due('follow-up', t0 + weekMs))
      .at(t0 + weekMs);
    const corrected = given(queued.next)
      .when(correct({ risk: 'threatening' }))
      .at(t0 + weekMs);
    expect(corrected.next).toMatchObject({
      state: 'needs-person',
      drafts: [{ slot: 'follow-up', letter: 'follow-up-threatening' }],
    });
    expect(corrected.next.letters.at(-1)).toMatchObject({ letter: 'follow-up', status: 'withdrawn' });
  });

  it('gets the right draft where a letter had failed, and a handler cannot approve the wrong one', () => {
    const failed = given(inEachState.answering)
      .when({ type: 'letter-failed', slot: 'first', attempt: 1, response: '550' })
      .at(t0);
    const corrected = given(failed.next)
      .when(correct({ risk: 'threatening' }))
      .at(t0);
    expect(corrected.actions).toMatchObject([{ letter: 'threatening' }]);
    const unsure = { ...inEachState['needs-person'], judgement: aJudgement({ risk: { level: 'unsure' } }) } as Case;
    const approved = given(unsure).when({ type: 'approved', by: 'ada', text: null }).at(t0);
    expect(approved.refused).toContain('judge-as');
  });

  it('who tells of it in an answer alerts a handler at once, and no exit list lies ready', () => {
    const event = { ...answered, alarms: ['risk/threat-to-life'] } as CaseEvent;
    const decision = given(inEachState['awaiting-answer']).when(event).at(t0);
    expect(inShort(decision.actions)).toEqual(['alert danger']);
    expect(decision.next).toMatchObject({ state: 'in-discussion', drafts: [] });
  });

  it('and a provider passes it on: a person decides about both letters', () => {
    const judgement = aJudgement({
      risk: { level: 'threatening', category: 'stalking' },
      letter: { template: 'provider', to: 'ticket@hoster.example', language: 'en' },
      provider: { token: '[AB-1]', deadline: 'PT24H', form: null, complainant: 'anna@site.example' },
    });
    const decision = given(aCase(undefined, { judgement })).when(received).at(t0);
    expect(decision.next).toMatchObject({
      state: 'needs-person',
      drafts: [{ letter: 'provider' }, { letter: 'threatening', to: 'anna@site.example' }],
    });
  });
});

describe('a correction', () => {
  it('does not take away the other grounds for a person: the letter waits for approval', () => {
    const judgement = aJudgement({
      risk: { handling: 'person', because: [{ rule: 'handling/dmarc-fails', text: 'dmarc=fail' }] },
    });
    const kase = aCase(
      { state: 'needs-person', reasons: ['danger-or-authority'], drafts: [] },
      { judgement, hosts: [aHost()] },
    );
    const correction = { risk: null, category: 'spam', automated: null, by: 'ada', at: t0 } as const;
    const decision = given(kase).when({ type: 'judged-as', correction }).at(t0);
    expect(decision.next).toMatchObject({ state: 'needs-person', drafts: [{ letter: 'non-threatening' }] });
    expect(decision.actions).toEqual([]);
  });

  it('of a letter that is on the wire does not lead to a second one by itself', () => {
    const correction = { risk: 'threatening', category: null, automated: null, by: 'ada', at: t0 } as const;
    const corrected = given(inEachState.answering).when({ type: 'judged-as', correction }).at(t0);
    expect(corrected.actions).toMatchObject([{ letter: 'threatening', attempt: 2 }]);
    const first = given(corrected.next).when(accepted('first', t0)).at(t0);
    expect(first.next.letters).toMatchObject([
      { letter: 'non-threatening', status: 'accepted' },
      { letter: 'threatening', status: 'withdrawn' },
    ]);
    expect(first.next).toMatchObject({ state: 'needs-person', drafts: [{ letter: 'threatening' }] });
  });

  it('moves nothing while the case is on hold', () => {
    const held = { ...inEachState['needs-person'], hold: { by: 'ada', at: t0 } } as Case;
    const correction = { risk: null, category: null, automated: true, by: 'ada', at: t0 } as const;
    const decision = given(held, aPolicy({ answerRobots: false }))
      .when({ type: 'judged-as', correction })
      .at(t0);
    expect(decision.next.state).toBe('checking');
    expect(decision.actions).toEqual([]);
    const released = given(decision.next).when({ type: 'released', by: 'ada' }).at(t0);
    expect(inShort(released.actions)).toEqual(['send-letter first ask-for-human']);
  });
});

describe("a hosting provider's deadline", () => {
  const kase = aCase(
    { state: 'needs-person', reasons: ['host-suspicious'], drafts: [] },
    { providerDeadline: t0 + dayMs },
  );

  it('is a second clock that alerts a handler in time, once', () => {
    const decision = given(kase)
      .when(due('provider-deadline', t0 + 20 * hourMs))
      .at(t0 + 20 * hourMs);
    expect(inShort(decision.actions)).toEqual(['alert provider-deadline']);
    expect(decision.timers).toEqual([]);
  });

  it('is over once the provider has our statement', () => {
    const answeredProvider = { ...kase, letters: [aLetter({ slot: 'provider', letter: 'provider' })] } as Case;
    const decision = given(answeredProvider).when({ type: 'noted', by: 'ada', text: '' }).at(t0);
    expect(decision.timers).toEqual([]);
  });
});

describe('traffic that Tor cannot have carried', () => {
  const passage = { verdict: 'impossible', because: [{ why: 'not-tcp', protocol: 'udp', port: 123 }] } as const;
  const judgement = aJudgement({ addresses: [anAddress({ passage })] });
  const checked = (notices: number): CaseEvent => ({
    type: 'host-checked',
    node: 'helium',
    checkId: 1 as CheckId,
    verdict: 'clean',
    hostKeyTrouble: false,
    notices,
    retryable: true,
  });
  const checking = aCase({ state: 'checking' }, { judgement, hosts: [aHost({ status: 'pending', checkId: null })] });

  it('asks for a check of its own, again and again', () => {
    const opened = given(aCase(undefined, { judgement })).when({ type: 'complaint-received' }).at(t0);
    expect(opened.actions).toEqual([{ type: 'check-host', node: 'helium', attempt: 1, raised: true }]);
    const failed = aCase(
      { state: 'checking' },
      { judgement, hosts: [aHost({ status: 'could-not-check', retryAt: t0 })] },
    );
    const again = given(failed).when({ type: 'timer-due', timer: 'check-retry', dueAt: t0 }).at(t0);
    expect(again.actions).toEqual([{ type: 'check-host', node: 'helium', attempt: 2, raised: true }]);
  });

  it('lets the letter go where the check saw nothing at all', () => {
    expect(given(checking).when(checked(0)).at(t0).next.state).toBe('answering');
  });

  it('goes to a person where the check saw anything, and stays there whatever the mail is judged as', () => {
    const { next } = given(checking).when(checked(1)).at(t0);
    expect(next).toMatchObject({ state: 'needs-person', reasons: ['not-through-tor'] });
    const correction = { risk: 'non-threatening', category: 'dos', automated: null, by: 'ada', at: t0 } as const;
    const judged = given(next).when({ type: 'judged-as', correction }).at(t0);
    expect(judged.next).toMatchObject({ state: 'needs-person', reasons: ['not-through-tor'] });
    expect(inShort(judged.actions)).toEqual([]);
  });

  it('stays a person’s also after a handler let a letter go that did not leave', () => {
    const { next } = given(checking).when(checked(1)).at(t0);
    const approved = given(next).when({ type: 'approved', by: 'ada', text: null }).at(t0);
    expect(approved.actions).toMatchObject([{ type: 'send-letter', by: 'ada' }]);
    const failed = given(approved.next).when({ type: 'letter-would-send', slot: 'first', attempt: 1 }).at(t0);
    const correction = { risk: 'non-threatening', category: 'scan', automated: true, by: 'ada', at: t0 } as const;
    const judged = given(failed.next).when({ type: 'judged-as', correction }).at(t0);
    expect(judged.next).toMatchObject({ state: 'needs-person', reasons: ['not-through-tor'] });
    expect(inShort(judged.actions)).toEqual([]);
  });

  it('leaves an ordinary complaint alone, whatever the check noticed', () => {
    const ordinary = { ...checking, judgement: aJudgement() };
    expect(given(ordinary).when(checked(3)).at(t0).next.state).toBe('answering');
  });

  it('is never what somebody in danger is told was Tor', () => {
    const threatened = aJudgement({
      addresses: [anAddress({ passage })],
      risk: { level: 'threatening', category: 'stalking' },
      letter: { template: 'threatening', to: 'jane@site.example', language: 'en' },
    });
    const opened = given(aCase(undefined, { judgement: threatened }))
      .when({ type: 'complaint-received' })
      .at(t0);
    expect(opened.next).toMatchObject({ state: 'needs-person', reasons: ['not-through-tor'] });
  });
});
