import type { Token } from './fold-text.ts';
import { matchAfterFirst, type Phrase } from './phrase.ts';

/** One entry of the language data: phrases that show one concept in one language ("any" = in every language). */
export type PhraseEntry = {
  /** For example "de.violence". */
  readonly id: string;
  readonly concept: string;
  readonly language: string;
  /** Looked for in mails of other languages, too. */
  readonly foreign: boolean;
  readonly phrases: readonly Phrase[];
};

/** A phrase found in a text: the tokens [from, to] and the characters [start, end). */
export type Hit = {
  readonly entry: PhraseEntry;
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
};

type Candidate = { readonly entry: PhraseEntry; readonly phrase: Phrase };

export type PhraseIndex = {
  readonly exact: ReadonlyMap<string, readonly Candidate[]>;
  /** By the first two letters of the beginning. */
  readonly beginnings: ReadonlyMap<string, ReadonlyArray<Candidate & { readonly beginning: string }>>;
  readonly ends: ReadonlyArray<Candidate & { readonly end: string }>;
  /** Candidates by language of the mail and word: words repeat from mail to mail. A cache only; bounded. */
  readonly remembered: Map<string, Map<string, readonly Candidate[]>>;
};

/** Indexes all phrases of all languages by their first word: finding costs per word of the text, not per phrase. */
export function indexPhrases(entries: readonly PhraseEntry[]): PhraseIndex {
  const exact = new Map<string, Candidate[]>();
  const beginnings = new Map<string, Array<Candidate & { beginning: string }>>();
  const ends: Array<Candidate & { end: string }> = [];
  for (const entry of entries) {
    for (const phrase of entry.phrases) {
      const first = phrase[0];
      if (first?.type !== 'word') continue;
      for (const word of first.exact) push(exact, word, { entry, phrase });
      for (const beginning of first.beginnings) push(beginnings, beginning.slice(0, 2), { entry, phrase, beginning });
      for (const end of first.ends) ends.push({ entry, phrase, end });
    }
  }
  return { exact, beginnings, ends, remembered: new Map() };
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/**
 * All phrases found, in the order of the text; the same entry at the same start only once, at its longest.
 * @param language of the text: phrases of others need two words to count, and those that are not `foreign` none
 * suffice; null looks for all
 */
export function findPhrases(index: PhraseIndex, tokens: readonly Token[], language: string | null): Hit[] {
  const hits: Hit[] = [];
  const key = language ?? '';
  const remembered = index.remembered.get(key) ?? new Map<string, readonly Candidate[]>();
  index.remembered.set(key, remembered);
  for (let from = 0; from < tokens.length; from++) {
    const token = tokens[from];
    if (token === undefined) break;
    let candidates = remembered.get(token.word);
    if (candidates === undefined) {
      candidates = candidatesFor(index, token).filter((c) => mayCount(c, language, token.word));
      if (remembered.size >= rememberAtMost) remembered.clear();
      remembered.set(token.word, candidates);
    }
    if (candidates.length === 0) continue;
    const best = new Map<PhraseEntry, number>();
    for (const { entry, phrase } of candidates) {
      const to = matchAfterFirst(phrase, tokens, from);
      if (to >= from && to > (best.get(entry) ?? -1)) best.set(entry, to);
    }
    for (const [entry, to] of best) {
      hits.push({ entry, from, to, start: token.start, end: tokens[to]?.end ?? token.end, quoted: token.quoted });
    }
  }
  return hits;
}

const rememberAtMost = 20_000;

function mayCount({ entry, phrase }: Candidate, language: string | null, word: string): boolean {
  const own = entry.language;
  if (own === 'any' || own === language || isAloneInItsScript(own, word)) return true;
  // English stands in every mail, but "posts" is also a German word: what counts at home only needs two words of it.
  if (own === 'en') return entry.foreign || language === null || phrase.length > 1;
  return phrase.length > 1 && (entry.foreign || language === null);
}

const scripts: ReadonlyArray<readonly [RegExp, string]> = [
  [/[\u0370-\u03ff]/, 'el'],
  [/[\u0590-\u05ff]/, 'he'],
  [/[\u1100-\u11ff\u3130-\u318f]/, 'ko'],
];

/** Greek, Hebrew and Korean words are what they are, whatever language the rest of the mail is in. */
function isAloneInItsScript(language: string, word: string): boolean {
  return scripts.some(([script, owner]) => owner === language && script.test(word));
}

function candidatesFor(index: PhraseIndex, token: Token): readonly Candidate[] {
  const found = new Set<Candidate>();
  for (const form of [token.word, ...token.bare]) {
    for (const candidate of index.exact.get(form) ?? []) found.add(candidate);
    for (const key of [form.slice(0, 2), form.slice(0, 1)]) {
      for (const candidate of index.beginnings.get(key) ?? []) {
        if (form.startsWith(candidate.beginning)) found.add(candidate);
      }
      if (form.length < 2) break;
    }
    for (const candidate of index.ends) if (form.endsWith(candidate.end)) found.add(candidate);
  }
  return [...found];
}
