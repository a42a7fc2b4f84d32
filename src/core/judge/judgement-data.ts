import type { Category } from '../judgement.ts';
import type { Heads } from '../reading/heads.ts';
import type { Labels } from '../readers/labels.ts';
import type { PhraseIndex, PhraseSource } from './phrase-index.ts';

/** What the phrases of one idea have in common, in every language: config/judgement/concepts.yaml. */
export type Concept = {
  readonly id: string;
  readonly reason: string;
  /** A negation before the phrase ("nobody threatened us") takes it back. */
  readonly negatable: boolean;
  /** Counts in mails of other languages, too (a threat quoted in its own), where the phrase has two words or more. */
  readonly foreign: boolean;
};

/** One file of config/judgement/languages/, or of an operator's own folder. */
export type LanguageFile = {
  /** Where it lies, for whoever has to mend it. */
  readonly path: string;
  /** ISO 639-1, or "any" for words that are the same everywhere. */
  readonly language: string;
  /** Enough to see that a person may be in danger, not enough to be sure that nobody is: doubt brings a person in. */
  readonly partial: boolean;
  readonly negators: readonly string[];
  readonly sets: Readonly<Record<string, readonly string[]>>;
  /** By concept; a second entry of one concept has a suffix ("violence/arson"). */
  readonly concepts: Readonly<
    Record<string, { readonly phrases: readonly string[]; readonly examples: readonly string[] }>
  >;
  /** Sentences that must stay without any sign of danger. */
  readonly harmless: readonly string[];
};

/** config/judgement/rules.yaml: what concepts mean together. */
export type RiskRule = {
  readonly id: string;
  readonly reason: string;
  readonly category: Category;
  /** danger: threatens a person; person: a ground of procedure.md's "never by a machine"; both may hold. */
  readonly grounds: ReadonlyArray<'danger' | 'person'>;
  /** Each group must be there by one of its concepts. */
  readonly all: ReadonlyArray<readonly string[]>;
  /** All of them within so many words; null = anywhere in the mail. */
  readonly within: number | null;
  /**
   * Where the concepts count: the whole narrative, only its sentences that tell of people and of nothing that explains why,
   * only what the sender passes on, or only who the sender says to be.
   */
  readonly where: 'narrative' | 'open' | 'forwarded' | 'identity';
  /** 0..1: how sure this alone makes us. */
  readonly weight: number;
  readonly sealed: boolean;
  readonly examples: readonly string[];
};

/** config/judgement/senders.yaml: a mark of a machine (or of a person), matched literally and without letter case. */
export type SenderMark = {
  readonly id: string;
  readonly reason: string;
  readonly part:
    'header' | 'from-address' | 'from-local' | 'from-domain' | 'from-name' | 'subject' | 'attachment-name' | 'link';
  /** For `header`: its name, which may end in "*". */
  readonly header: string | null;
  readonly match: 'is' | 'starts' | 'ends' | 'contains' | 'word' | 'exists';
  readonly values: readonly string[];
  /** Above zero speaks for a machine, below for a person; 1 is strong, 3 beyond doubt. */
  readonly weight: number;
  /** What such a mail is, where the mark tells that too. */
  readonly says: ReadonlyArray<
    | 'robot'
    | 'auto-reply'
    | 'ticket'
    | 'bounce'
    | 'notice'
    | 'bulk'
    | 'unread'
    | 'list'
    | 'forward'
    | 'answer'
    | 'authority'
    | 'lawyer'
  >;
  readonly examples: readonly string[];
};

/** config/judgement/names.yaml, folded. A role may be known by its beginning ("университет*") or its end ("*部"). */
export type NameWords = {
  readonly roles: ReadonlySet<string>;
  readonly roleBeginnings: readonly string[];
  readonly roleEnds: readonly string[];
  readonly titles: ReadonlySet<string>;
};

/** Everything that judging knows as data, compiled once at start. */
export type JudgementData = {
  readonly concepts: ReadonlyMap<string, Concept>;
  readonly index: PhraseIndex;
  /** Languages with a file of their own. */
  readonly languages: ReadonlySet<string>;
  /** Those of them that are known only in part. */
  readonly partial: ReadonlySet<string>;
  /** Folded words that negate, by language. */
  readonly negators: ReadonlyMap<string, ReadonlySet<string>>;
  readonly heads: Heads;
  readonly labels: Labels;
  readonly rules: readonly RiskRule[];
  readonly marks: readonly SenderMark[];
  readonly names: NameWords;
};

/** A language file's entries, ready for the index. */
export function phraseSources(file: LanguageFile, concepts: ReadonlyMap<string, Concept>): PhraseSource[] {
  return Object.entries(file.concepts).map(([key, { phrases }]) => {
    const concept = conceptOf(key);
    const foreign = concepts.get(concept)?.foreign ?? true;
    return {
      entry: { id: `${file.language}.${key}`, concept, language: file.language, foreign },
      path: file.path,
      lines: phrases,
      sets: file.sets,
    };
  });
}

function conceptOf(key: string): string {
  return key.split('/')[0] ?? key;
}
