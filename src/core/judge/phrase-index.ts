import type { Token } from './fold-text.ts';
import type { Phrase, WordElement } from './phrase.ts';

/** One entry of the language data: phrases that show one concept in one language ("any" = in every language). */
export type PhraseEntry = {
  /** For example "de.violence". */
  readonly id: string;
  readonly concept: string;
  readonly language: string;
  /** Looked for in mails of other languages, too. */
  readonly foreign: boolean;
  /** Each line of the data with all phrases that it stands for. */
  readonly lines: ReadonlyArray<readonly Phrase[]>;
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

/** A line's phrases that end at a place of the tree. `isLong`: they have more than one element. */
type Ending = { readonly entry: PhraseEntry; readonly isLong: boolean };

/**
 * A place in the net of all phrases, reached by the words so far. Equal beginnings and equal ends are one path, so a text is
 * compared with all phrases at once. `next` by the number of a word element; `gaps`: where up to `max` words may stand between.
 */
type Place = {
  readonly next: Map<number, Place>;
  readonly gaps: Array<{ readonly max: number; readonly place: Place }>;
  readonly endings: Ending[];
};

/**
 * What the index knows of a word: the numbers of the elements that it fits, and the place that it leads to from the root,
 * which is all places of its elements in one.
 */
type KnownWord = { readonly elements: ReadonlySet<number>; readonly start: Start | null };
type Start = {
  readonly next: ReadonlyMap<number, readonly Place[]>;
  readonly gaps: Place['gaps'];
  readonly endings: readonly Ending[];
};

export type PhraseIndex = {
  readonly root: Place;
  /** Numbers of the elements by the words they take: exactly, by beginning (under its first two letters), by end. */
  readonly exact: ReadonlyMap<string, readonly number[]>;
  readonly beginnings: ReadonlyMap<string, ReadonlyArray<readonly [beginning: string, element: number]>>;
  readonly ends: ReadonlyArray<readonly [end: string, element: number]>;
  /** Words repeat from mail to mail. A cache only; bounded. */
  readonly known: Map<string, KnownWord>;
};

/** Makes one net of all phrases of all languages: finding costs per word of the text, not per phrase. */
export function indexPhrases(entries: readonly PhraseEntry[]): PhraseIndex {
  const numbers = new Map<string, number>();
  const exact = new Map<string, number[]>();
  const beginnings = new Map<string, Array<readonly [string, number]>>();
  const ends: Array<readonly [string, number]> = [];
  const numberOf = (element: WordElement): number => {
    const key = JSON.stringify([[...element.exact].sort(), element.beginnings, element.ends]);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const number = numbers.size;
    numbers.set(key, number);
    for (const word of element.exact) push(exact, word, number);
    for (const beginning of element.beginnings) push(beginnings, beginning.slice(0, 2), [beginning, number] as const);
    for (const end of element.ends) ends.push([end, number]);
    return number;
  };
  const root = newPlace();
  for (const entry of entries) {
    for (const phrases of entry.lines) {
      const [short, long] = [
        { entry, isLong: false },
        { entry, isLong: true },
      ];
      for (const phrase of phrases) grow(root, phrase, phrase.length > 1 ? long : short, numberOf);
    }
  }
  shareEnds(root);
  return { root, exact, beginnings, ends, known: new Map() };
}

function newPlace(): Place {
  return { next: new Map(), gaps: [], endings: [] };
}

function push<K, T>(map: Map<K, T[]>, key: K, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** Adds the rest of a phrase below a place; a choice becomes one path an option. */
function grow(place: Place, rest: Phrase, ending: Ending, numberOf: (element: WordElement) => number): void {
  const [element, ...others] = rest;
  if (element === undefined) {
    if (!place.endings.includes(ending)) place.endings.push(ending);
  } else if (element.type === 'choice') {
    for (const option of element.options) grow(place, [...option, ...others], ending, numberOf);
  } else if (element.type === 'gap') {
    let gap = place.gaps.find((g) => g.max === element.max);
    if (gap === undefined) place.gaps.push((gap = { max: element.max, place: newPlace() }));
    grow(gap.place, others, ending, numberOf);
  } else {
    const number = numberOf(element);
    let next = place.next.get(number);
    if (next === undefined) place.next.set(number, (next = newPlace()));
    grow(next, others, ending, numberOf);
  }
}

/** Makes places one from which the same phrases go on: choices and sets repeat their ends thousands of times. */
function shareEnds(root: Place): void {
  const places = new Map<string, Place>();
  const numbers = new Map<Place | Ending, number>();
  const numberOf = (one: Place | Ending): number => {
    const known = numbers.get(one) ?? numbers.size;
    numbers.set(one, known);
    return known;
  };
  const shared = (place: Place): Place => {
    for (const [number, behind] of place.next) place.next.set(number, shared(behind));
    for (const [at, gap] of place.gaps.entries()) place.gaps[at] = { max: gap.max, place: shared(gap.place) };
    const next = [...place.next].map(([number, behind]) => `${number}:${numberOf(behind)}`).sort();
    const gaps = place.gaps.map((gap) => `${gap.max}:${numberOf(gap.place)}`).sort();
    const key = `${place.endings
      .map((ending) => `${numberOf(ending)}`)
      .sort()
      .join()}|${next.join()}|${gaps.join()}`;
    const known = places.get(key);
    if (known === undefined) places.set(key, place);
    return known ?? place;
  };
  shared(root);
}

/**
 * All phrases found, in the order of the text; the same entry at the same start only once, at its longest. Gaps are bounded
 * and a phrase stays within its sentence, so the work per start is bounded by the data, never by the text.
 * @param language of the text: phrases of others need two words to count, and those that are not `foreign` none
 * suffice; null looks for all
 */
export function findPhrases(index: PhraseIndex, tokens: readonly Token[], language: string | null): Hit[] {
  const words = tokens.map((token) => knownWord(index, token));
  const hits: Hit[] = [];
  for (let from = 0; from < tokens.length; from++) {
    const start = words[from]?.start ?? null;
    const token = tokens[from];
    if (start === null || token === undefined) continue;
    const found = phrasesAt(start, from, { tokens, words, sentence: token.sentence, found: null });
    if (found === null) continue;
    for (const [entry, to] of longestByEntry(found, language, token.word)) {
      hits.push({ entry, from, to, start: token.start, end: tokens[to]?.end ?? token.end, quoted: token.quoted });
    }
  }
  return hits;
}

type Found = { readonly ending: Ending; readonly to: number; readonly skipped: number };
type Walk = {
  readonly tokens: readonly Token[];
  readonly words: readonly KnownWord[];
  readonly sentence: number;
  /** Null until something is found: most words begin nothing. */
  found: Found[] | null;
};

function phrasesAt({ next, gaps, endings }: Start, from: number, walk: Walk): Found[] | null {
  if (endings.length > 0) walk.found = endings.map((ending) => ({ ending, to: from, skipped: 0 }));
  const at = from + 1;
  if (walk.tokens[at]?.sentence !== walk.sentence) return walk.found;
  const elements = walk.words[at]?.elements ?? noElements;
  if (next.size <= elements.size) {
    for (const [number, places] of next) {
      if (elements.has(number)) for (const place of places) follow(place, at + 1, 0, walk);
    }
  } else {
    for (const number of elements) for (const place of next.get(number) ?? []) follow(place, at + 1, 0, walk);
  }
  skip(gaps, at, 0, walk);
  return walk.found;
}

const noElements: ReadonlySet<number> = new Set();

/** Notes the phrases that end before tokens[at] at this place, and goes on with what follows. */
function follow(place: Place, at: number, skipped: number, walk: Walk): void {
  for (const ending of place.endings) (walk.found ??= []).push({ ending, to: at - 1, skipped });
  step(place, at, skipped, walk);
  skip(place.gaps, at, skipped, walk);
}

function skip(gaps: Place['gaps'], at: number, skipped: number, walk: Walk): void {
  for (const { max, place: behind } of gaps) {
    for (let gap = 0; gap <= max; gap++) {
      if (walk.tokens[at + gap]?.sentence !== walk.sentence) break;
      step(behind, at + gap, skipped + gap, walk);
    }
  }
}

function step(place: Place, at: number, skipped: number, walk: Walk): void {
  const { next } = place;
  if (next.size === 0 || walk.tokens[at]?.sentence !== walk.sentence) return;
  const elements = walk.words[at]?.elements;
  if (elements === undefined || elements.size === 0) return;
  if (next.size <= elements.size) {
    for (const [number, behind] of next) if (elements.has(number)) follow(behind, at + 1, skipped, walk);
    return;
  }
  for (const number of elements) {
    const behind = next.get(number);
    if (behind !== undefined) follow(behind, at + 1, skipped, walk);
  }
}

/** Of one line the reading with the fewest words skipped, then the longest; of an entry's lines the longest. Longest first. */
function longestByEntry(
  found: readonly Found[],
  language: string | null,
  word: string,
): ReadonlyArray<readonly [PhraseEntry, number]> {
  const best = new Map<Ending, Found>();
  for (const one of found) {
    if (!mayCount(one.ending, language, word)) continue;
    const known = best.get(one.ending);
    const isBetter =
      known === undefined || one.skipped < known.skipped || (one.skipped === known.skipped && one.to > known.to);
    if (isBetter) best.set(one.ending, one);
  }
  const longest = new Map<PhraseEntry, number>();
  for (const { ending, to } of best.values()) longest.set(ending.entry, Math.max(to, longest.get(ending.entry) ?? to));
  return longest.size < 2 ? [...longest] : [...longest].sort((a, b) => b[1] - a[1]);
}

function mayCount({ entry, isLong }: Ending, language: string | null, word: string): boolean {
  const own = entry.language;
  if (own === 'any' || own === language || isAloneInItsScript(own, word)) return true;
  // English stands in every mail, but "posts" is also a German word: what counts at home only needs two words of it.
  // A short English word of danger is another language's everyday word ("gun" a Turkish day, "die" a German article).
  if (own === 'en') return language === null || isLong || (entry.foreign && word.length > 5);
  return isLong && (entry.foreign || language === null);
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

const knownAtMost = 50_000;

function knownWord(index: PhraseIndex, token: Token): KnownWord {
  const known = index.known.get(token.word);
  if (known !== undefined) return known;
  const elements = elementsOf(index, token);
  const word = { elements, start: startOf(index.root, elements) };
  if (index.known.size >= knownAtMost) index.known.clear();
  index.known.set(token.word, word);
  return word;
}

/** Merged once a word, so that a text pays for what follows the word, not for how many phrases begin with it. */
function startOf(root: Place, elements: ReadonlySet<number>): Start | null {
  const places = [...elements].flatMap((number) => root.next.get(number) ?? []);
  if (places.length === 0) return null;
  const next = new Map<number, Place[]>();
  for (const place of places) for (const [number, behind] of place.next) push(next, number, behind);
  return { next, gaps: places.flatMap((p) => p.gaps), endings: places.flatMap((p) => p.endings) };
}

/** The elements that a word fits, in any of its forms. */
function elementsOf(index: PhraseIndex, token: Token): ReadonlySet<number> {
  const elements = new Set<number>();
  for (const form of [token.word, ...token.bare]) {
    for (const number of index.exact.get(form) ?? []) elements.add(number);
    for (const key of [form.slice(0, 2), form.slice(0, 1)]) {
      for (const [beginning, number] of index.beginnings.get(key) ?? []) {
        if (form.startsWith(beginning)) elements.add(number);
      }
      if (form.length < 2) break;
    }
    for (const [end, number] of index.ends) if (form.endsWith(end)) elements.add(number);
  }
  return elements;
}
