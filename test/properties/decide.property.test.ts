import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action, Case, CaseEvent, CheckId, LetterSlot, MailId, Timer } from '../../src/core/case.ts';
import { waitsForPerson } from '../../src/core/case.ts';
import { decide } from '../../src/core/decide.ts';
import { automaticLetters } from '../../src/core/deciding/letters.ts';
import type { Judgement, Passage } from '../../src/core/judgement.ts';
import { categories, firstLetters, handlings, riskLevels } from '../../src/core/judgement.ts';
import { raisesSuspicion } from '../../src/core/passage.ts';
import type { Policy } from '../../src/core/policy.ts';
import { aCase, aJudgement, anAddress, aPolicy, hourMs, t0 } from '../support/a-case.ts';

/**
 * A case's whole life, played against the pure decision: an outbox that reports back, timers that come due, and a world
 * that writes, bounces and gives commands in any order.
 */
type World = {
  readonly policy: Policy;
  now: number;
  kase: Case;
  timers: readonly Timer[];
  /** Actions that were asked for and have not reported back. */
  pending: Action[];
  readonly sent: Extract<Action, { type: 'send-letter' }>[];
  /** What each event led to. */
  readonly steps: { readonly event: CaseEvent; readonly actions: readonly Action[]; readonly refused: boolean }[];
};

const passages: fc.Arbitrary<Passage | undefined> = fc.constantFrom<(Passage | undefined)[]>(
  undefined,
  { verdict: 'possible', because: [] },
  { verdict: 'impossible', because: [{ why: 'not-tcp', protocol: 'udp', port: 27015 }] },
  { verdict: 'doubtful', because: [{ why: 'syn-only' }] },
);

const judgements: fc.Arbitrary<Judgement> = fc
  .record({
    level: fc.option(fc.constantFrom(...riskLevels), { nil: null }),
    category: fc.option(fc.constantFrom(...categories), { nil: null }),
    handling: fc.constantFrom(...handlings),
    automated: fc.constantFrom(true, false, null),
    template: fc.option(fc.constantFrom(...firstLetters), { nil: null }),
    to: fc.constantFrom('jane@site.example', null),
    standings: fc.array(fc.constantFrom('exit', 'exit-then', 'not-exit', 'not-ours'), { maxLength: 3 }),
    passage: passages,
    provider: fc.boolean(),
  })
  .map(({ level, category, handling, automated, template, to, standings, passage, provider }) =>
    aJudgement({
      risk: { level, category, handling },
      sender: { automated },
      letter: template === null ? null : { template, to, language: 'en' },
      addresses: standings.map((standing, i) =>
        anAddress({
          standing: standing as 'exit',
          node: standing === 'not-ours' ? null : `node-${i}`,
          ...(passage === undefined ? {} : { passage }),
        }),
      ),
      provider: provider ? { token: '[AB-1]', deadline: 'PT24H', form: null, complainant: 'noc@uni.example' } : null,
    }),
  );

const policies: fc.Arbitrary<Policy> = fc
  .record({ mode: fc.constantFrom('observe', 'approve', 'auto'), answerRobots: fc.boolean() })
  .map((change) => aPolicy(change as Partial<Policy>));

/** What the world may do next: a number picks among what is possible at that moment. */
type Move = { readonly kind: number; readonly pick: number; readonly wait: number };
const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.record({ kind: fc.nat(9), pick: fc.nat(1000), wait: fc.nat(240) }),
  { maxLength: 40 },
);

const mail = 9 as MailId;
const commands: readonly CaseEvent[] = [
  { type: 'approved', by: 'ada', text: null },
  { type: 'held', by: 'ada', note: null },
  { type: 'released', by: 'ada' },
  { type: 'taken', by: 'ada' },
  { type: 'closed-by-handler', by: 'ada', outcome: null },
  { type: 'reopened-by-handler', by: 'ada' },
  { type: 'noted', by: 'ada', text: 'x' },
  {
    type: 'judged-as',
    correction: { risk: 'threatening', category: null, automated: null, by: 'ada', at: t0 },
  },
  {
    type: 'judged-as',
    correction: { risk: 'non-threatening', category: 'scan', automated: true, by: 'ada', at: t0 },
  },
  { type: 'judged-as', correction: { risk: null, category: 'stalking', automated: null, by: 'ada', at: t0 } },
  { type: 'judged-as', correction: { risk: null, category: null, automated: false, by: 'ada', at: t0 } },
  { type: 'node-cleared', node: 'node-0', by: 'ada', note: 'looked' },
];
const machineMail: readonly CaseEvent[] = [
  { type: 'machine-answered', mailId: mail, kind: 'auto-reply' },
  { type: 'machine-answered', mailId: mail, kind: 'ticket-ack' },
  { type: 'machine-answered', mailId: mail, kind: 'bounce' },
];
const humanMail: readonly CaseEvent[] = [
  { type: 'human-answered', mailId: mail, handlerOnDuty: 'ada', alarms: [] },
  { type: 'human-answered', mailId: mail, handlerOnDuty: 'ada', alarms: ['risk/threat-to-life'] },
  { type: 'handler-wrote', mailId: mail, by: 'ada' },
  { type: 'bounced', mailId: mail },
];

function letterReport(world: World, { slot, attempt }: { slot: LetterSlot; attempt: number }, pick: number): CaseEvent {
  const reports: readonly CaseEvent[] = [
    { type: 'letter-accepted', slot, attempt, acceptedAt: world.now, proof: '250' },
    { type: 'letter-accepted', slot, attempt, acceptedAt: world.now, proof: '250' },
    { type: 'letter-would-send', slot, attempt },
    { type: 'letter-withheld', slot, attempt, ceiling: 'address' },
    { type: 'letter-needs-handler', slot, attempt, reason: 'over-ceiling' },
    { type: 'letter-failed', slot, attempt, response: '550' },
    { type: 'letter-unknown', slot, attempt, response: 'cut off' },
  ];
  return reports[pick % reports.length] as CaseEvent;
}

/** The outbox does one pending action and reports; a letter that the case withdrew ends without a report. */
function report(world: World, pick: number): CaseEvent | null {
  const action = world.pending[pick % world.pending.length] as Action;
  world.pending = world.pending.filter((other) => other !== action);
  switch (action.type) {
    case 'alert':
      return null;
    case 'check-host': {
      const verdicts = ['clean', 'clean', 'suspicious', 'could-not-check'] as const;
      const verdict = verdicts[pick % 4] ?? 'clean';
      const common = { type: 'host-checked', node: action.node, checkId: pick as CheckId, verdict } as const;
      const saw = { notices: pick % 3, ...(pick % 11 === 0 ? ({ torWasDown: true } as const) : {}) };
      return { ...common, ...saw, hostKeyTrouble: pick % 7 === 0, retryable: pick % 5 !== 0 };
    }
    case 'send-letter': {
      const letter = world.kase.letters.find((l) => l.slot === action.slot && l.attempt === action.attempt);
      if (letter?.status !== 'queued') return null;
      if (world.kase.hold !== null) {
        world.pending.push(action);
        return null;
      }
      return letterReport(world, action, pick);
    }
  }
}

function nextEvent(world: World, { kind, pick }: Move): CaseEvent | null {
  if (kind <= 3 && world.pending.length > 0) return report(world, pick);
  if (kind <= 5) {
    const timer = world.timers[pick % Math.max(1, world.timers.length)];
    if (timer === undefined) return null;
    world.now = Math.max(world.now, timer.dueAt);
    return { type: 'timer-due', timer: timer.kind, dueAt: timer.dueAt };
  }
  if (kind === 6) return machineMail[pick % machineMail.length] ?? null;
  if (kind === 7) return humanMail[pick % humanMail.length] ?? null;
  return commands[pick % commands.length] ?? null;
}

function apply(world: World, event: CaseEvent): void {
  const decision = decide(world.kase, event, world.policy, world.now);
  world.steps.push({ event, actions: decision.actions, refused: decision.refused !== null });
  if (decision.refused !== null) return;
  world.kase = decision.next;
  world.timers = decision.timers;
  world.pending.push(...decision.actions);
  for (const action of decision.actions) if (action.type === 'send-letter') world.sent.push(action);
}

function play(judgement: Judgement, policy: Policy, history: readonly Move[], check: (world: World) => void): World {
  const world: World = {
    policy,
    now: t0,
    kase: aCase(undefined, {
      judgement,
      providerDeadline: judgement.provider === null ? null : t0 + 24 * hourMs,
    }),
    timers: [],
    pending: [],
    sent: [],
    steps: [],
  };
  apply(world, { type: 'complaint-received' });
  check(world);
  for (const move of history) {
    world.now += move.wait * hourMs;
    const event = nextEvent(world, move);
    if (event !== null) apply(world, event);
    check(world);
  }
  return world;
}

const runs = { numRuns: Number(process.env['EXITDESK_PROPERTY_RUNS'] ?? 3000) };

describe('through any life of a case', () => {
  it('an open case has a timer, a pending action, or waits for a person', () => {
    fc.assert(
      fc.property(judgements, policies, moves, (judgement, policy, history) => {
        play(judgement, policy, history, ({ kase, timers, pending }) => {
          const moving = pending.some((action) => action.type !== 'alert');
          const alive = kase.state === 'closed' || timers.length > 0 || moving || waitsForPerson(kase);
          expect(alive, `nothing will ever happen to this case in state ${kase.state}`).toBe(true);
        });
      }),
      runs,
    );
  });

  it('a slot gets one letter, and a second only from the hand of a handler or after the first was withdrawn', () => {
    fc.assert(
      fc.property(judgements, policies, moves, (judgement, policy, history) => {
        const { sent, kase } = play(judgement, policy, history, () => undefined);
        for (const slot of ['first', 'provider', 'follow-up'] as const) {
          const acceptedByMachine = kase.letters.filter(
            (letter) => letter.slot === slot && letter.by === null && letter.status === 'accepted',
          );
          expect(acceptedByMachine.length).toBeLessThanOrEqual(1);
        }
        const keys = sent.map((action) => `${action.slot}:${action.attempt}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
      runs,
    );
  });

  it('no more automatic letters leave than the case may have', () => {
    fc.assert(
      fc.property(judgements, policies, moves, (judgement, policy, history) => {
        play(judgement, policy, history, ({ kase }) => {
          expect(automaticLetters(kase)).toBeLessThanOrEqual(policy.budgets.perCase);
        });
      }),
      runs,
    );
  });

  it('nothing that a machine wrote is ever answered, nor moves a clock', () => {
    fc.assert(
      fc.property(judgements, policies, moves, (judgement, policy, history) => {
        const { steps } = play(judgement, policy, history, () => undefined);
        for (const step of steps) if (step.event.type === 'machine-answered') expect(step.actions).toEqual([]);
      }),
      runs,
    );
  });

  it('only a handler lets a letter go that the judgement gave to a person, or that nobody may send', () => {
    fc.assert(
      fc.property(judgements, policies, moves, (judgement, policy, history) => {
        fc.pre(judgement.risk.handling !== 'letter');
        const { steps } = play(judgement, policy, history, () => undefined);
        const corrected = steps.findIndex((step) => step.event.type === 'judged-as' && !step.refused);
        const before = corrected === -1 ? steps : steps.slice(0, corrected);
        const automatic = before
          .flatMap((step) => step.actions)
          .filter((action) => action.type === 'send-letter' && action.by === null && action.slot !== 'follow-up');
        expect(automatic).toEqual([]);
      }),
      runs,
    );
  });

  it('once a check saw something where Tor cannot have carried what is reported, only a handler writes', () => {
    fc.assert(
      fc.property(judgements, policies, moves, (judgement, policy, history) => {
        const { steps } = play(judgement, policy, history, () => undefined);
        const raised = judgement.addresses.filter(raisesSuspicion).map((a) => a.node);
        const odd = steps.findIndex(
          ({ event: e }) =>
            e.type === 'host-checked' &&
            e.verdict === 'clean' &&
            (e.torWasDown === true || ((e.notices ?? 0) > 0 && raised.includes(e.node))),
        );
        const first = steps.findIndex((step) => step.actions.some((action) => action.type === 'send-letter'));
        fc.pre(odd !== -1 && (first === -1 || odd < first));
        const later = steps.slice(odd).flatMap((step) => step.actions);
        const automatic = later.filter((a) => a.type === 'send-letter' && a.by === null && a.slot !== 'follow-up');
        expect(automatic).toEqual([]);
      }),
      runs,
    );
  });

  it('while somebody may be in danger, nothing but the letter for it leaves by itself, and never on a machine’s report', () => {
    fc.assert(
      fc.property(judgements, policies, moves, (judgement, policy, history) => {
        fc.pre(judgement.risk.level !== 'non-threatening');
        const { steps } = play(judgement, policy, history, () => undefined);
        const corrected = steps.findIndex((step) => step.event.type === 'judged-as' && !step.refused);
        const before = corrected === -1 ? steps : steps.slice(0, corrected);
        for (const action of before.flatMap((step) => step.actions)) {
          if (action.type !== 'send-letter' || action.by !== null) continue;
          expect(['threatening', 'follow-up-threatening']).toContain(action.letter);
          if (action.slot === 'follow-up') continue;
          expect(judgement.risk.level).toBe('threatening');
          expect(judgement.sender.automated).not.toBe(true);
        }
      }),
      runs,
    );
  });

  it('a case on hold is never closed and asks for no letter', () => {
    fc.assert(
      fc.property(judgements, policies, moves, (judgement, policy, history) => {
        let before: Case | null = null;
        play(judgement, policy, history, ({ kase, steps }) => {
          if (before !== null && before.hold !== null && kase.hold !== null && before.state !== 'closed') {
            expect(kase.state).not.toBe('closed');
            expect(steps.at(-1)?.actions.filter((action) => action.type === 'send-letter')).toEqual([]);
          }
          before = kase;
        });
      }),
      runs,
    );
  });

  it('the same history gives the same case', () => {
    fc.assert(
      fc.property(judgements, policies, moves, (judgement, policy, history) => {
        const once = play(judgement, policy, history, () => undefined);
        const twice = play(judgement, policy, history, () => undefined);
        expect(twice.kase).toEqual(once.kase);
      }),
      { numRuns: 300 },
    );
  });
});
