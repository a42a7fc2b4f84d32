import { describe, expect, it } from 'vitest';
import type { CaseEvent, CheckId, EventType, MailId, StateName } from '../../src/core/case.ts';
import { aPolicy, given, inEachState, inShort, t0, weekMs } from '../support/a-case.ts';

/** One event of each type, as it would come to each state. */
const events: { readonly [T in EventType]: Extract<CaseEvent, { type: T }> } = {
  'complaint-received': { type: 'complaint-received' },
  'host-checked': {
    type: 'host-checked',
    node: 'helium',
    checkId: 2 as CheckId,
    verdict: 'clean',
    hostKeyTrouble: false,
    retryable: true,
  },
  'node-cleared': { type: 'node-cleared', node: 'helium', by: 'ada', note: 'looked' },
  'timer-due': { type: 'timer-due', timer: 'follow-up', dueAt: t0 + weekMs },
  'letter-accepted': { type: 'letter-accepted', slot: 'first', attempt: 1, acceptedAt: t0, proof: '250' },
  'letter-would-send': { type: 'letter-would-send', slot: 'first', attempt: 1 },
  'letter-withheld': { type: 'letter-withheld', slot: 'first', attempt: 1, ceiling: 'address' },
  'letter-needs-handler': { type: 'letter-needs-handler', slot: 'first', attempt: 1, reason: 'over-ceiling' },
  'letter-failed': { type: 'letter-failed', slot: 'first', attempt: 1, response: '550' },
  'letter-unknown': { type: 'letter-unknown', slot: 'first', attempt: 1, response: 'cut off' },
  'human-answered': { type: 'human-answered', mailId: 2 as MailId, handlerOnDuty: null, alarms: [] },
  'machine-answered': { type: 'machine-answered', mailId: 2 as MailId, kind: 'auto-reply' },
  bounced: { type: 'bounced', mailId: 2 as MailId },
  'handler-wrote': { type: 'handler-wrote', mailId: 2 as MailId, by: 'ada' },
  approved: { type: 'approved', by: 'ada', text: null },
  held: { type: 'held', by: 'ada', note: null },
  released: { type: 'released', by: 'ada' },
  taken: { type: 'taken', by: 'ada' },
  'closed-by-handler': { type: 'closed-by-handler', by: 'ada', outcome: null },
  'reopened-by-handler': { type: 'reopened-by-handler', by: 'ada' },
  noted: { type: 'noted', by: 'ada', text: 'hm' },
  'judged-as': {
    type: 'judged-as',
    correction: { risk: 'threatening', category: null, automated: null, by: 'ada', at: t0 },
  },
};

type Row = readonly [StateName, EventType, string];

/**
 * The whole table, state by event: the next state, what is done, or why a command is refused. Read it beside the header of
 * src/core/case.ts; a change of any cell is a change of the procedure.
 */
describe('every state and event', () => {
  const rows = (Object.keys(inEachState) as StateName[]).flatMap((state) =>
    (Object.keys(events) as EventType[]).map((type): Row => {
      const decision = given(inEachState[state], aPolicy())
        .when(events[type])
        .at(t0 + weekMs);
      const did = inShort(decision.actions).join(', ');
      const result = decision.refused === null ? `${decision.next.state}${did === '' ? '' : ` + ${did}`}` : 'refused';
      return [state, type, result];
    }),
  );

  it.each(Object.keys(inEachState) as StateName[])('in state %s', (name) => {
    const table = rows.filter(([state]) => state === name).map(([, type, result]) => `${type.padEnd(21)} ${result}`);
    expect(table.join('\n')).toMatchSnapshot();
  });
});
