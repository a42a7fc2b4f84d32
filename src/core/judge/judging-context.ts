import type { Inventory } from '../exits.ts';
import type { Category, Handling } from '../judgement.ts';
import type { JudgementData } from './judgement-data.ts';

/** Everything that judging a mail needs beside the mail: judging is a function of both and of nothing else. */
export type JudgingContext = {
  readonly inventory: Inventory;
  readonly data: JudgementData;
  /** ISO 639-1 of a text, null where it cannot be told. */
  readonly detectLanguage: (text: string) => string | null;
  /** Languages that there are templates for; 'en' always is one. */
  readonly letterLanguages: readonly string[];
  /** The operator's own handling of a category; never laxer than procedure.md's "never by a machine". */
  readonly handling: Partial<Record<Category, Handling>>;
};
