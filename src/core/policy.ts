import type { Category, FirstLetter, Handling, RiskLevel } from './judgement.ts';

/** observe: everything but sending; approve: every letter waits for a handler; auto: as procedure.md. */
export type Mode = 'observe' | 'approve' | 'auto';

/** Every letter of procedure.md §2. details and exit-list are drafts for a handler, never sent by a machine. */
export type LetterName = FirstLetter | 'follow-up' | 'follow-up-threatening' | 'exit-list';

/** The first rule of which every named property fits decides; without one, `mode` does. */
export type ModeRule = {
  readonly risk?: RiskLevel | undefined;
  readonly category?: Category | undefined;
  readonly letter?: LetterName | undefined;
  readonly mode: Mode;
};

export type Budgets = {
  readonly perCase: number;
  readonly robotAddressPerDay: number;
  readonly personAddressPerDay: number;
  readonly domainPerDay: number;
  readonly perHour: number;
};

/** The operator's policy, all durations in ms. Passed to every decision. */
export type Policy = {
  readonly mode: Mode;
  readonly modes: readonly ModeRule[];
  readonly answerRobots: boolean;
  readonly followUpAfterMs: number;
  readonly closeAfterMs: number;
  readonly closingLabel: string;
  readonly budgets: Budgets;
  readonly checkFreshnessMs: number;
  readonly checkRetryEveryMs: number;
  readonly checkRetryForMs: number;
  /** How long before a provider's deadline a handler is alerted. */
  readonly providerMarginMs: number;
  /** The operator's own handling for a category, where it differs from the judgement's; never laxer than procedure.md's "never by a machine". */
  readonly handling: Partial<Record<Category, Handling>>;
};

/** Categories that no operator's setting can hand to a machine (procedure.md §3, "never by a machine"). */
export const neverByMachine: ReadonlySet<Category> = new Set<Category>([
  'law-enforcement',
  'legal-demand',
  'child-abuse',
  'self-harm',
  'terrorism',
]);

/** The mode for one letter of one case. */
export function modeFor(
  policy: Policy,
  of: { risk: RiskLevel | null; category: Category | null; letter: LetterName },
): Mode {
  const rule = policy.modes.find(
    (r) =>
      (r.risk === undefined || r.risk === of.risk) &&
      (r.category === undefined || r.category === of.category) &&
      (r.letter === undefined || r.letter === of.letter),
  );
  return rule?.mode ?? policy.mode;
}
