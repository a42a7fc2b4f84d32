import type { Token } from './fold-text.ts';
import { parsePhrase, type Phrase, type Sets, type WordElement } from './phrase.ts';

/** One entry of the language data: what shows one concept in one language ("any" = in every language). */
export type PhraseEntry = {
  /** For example "de.violence". */
  readonly id: string;
  readonly concept: string;
  readonly language: string;
  /** Looked for in mails of other languages, too. */
  readonly foreign: boolean;
};

/** An entry with its lines as the file at `path` has them, and the named sets of that file. */
export type PhraseSource = {
  readonly entry: PhraseEntry;
  readonly path: string;
  readonly lines: readonly string[];
  readonly sets: Sets;
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

/** What may follow after some words of a phrase: a word element by its number, or any word after up to `max` others; or the end. */
type Place = {
  readonly next: ReadonlyArray<readonly [element: number, place: Place]>;
  readonly gaps: ReadonlyArray<{ readonly max: number; readonly place: Place }>;
  readonly endings: readonly Ending[];
};

/** The elements that a word fits, by number, and what may follow it at the beginning of all phrases: many, so by number, too. */
type KnownWord = { readonly elements: ReadonlySet<number>; readonly start: Start | null };
type Start = {
  readonly next: Followers;
  readonly gaps: ReadonlyArray<{ readonly max: number; readonly next: Followers }>;
  readonly endings: readonly Ending[];
};
type Followers = ReadonlyMap<number, readonly Place[]>;

export type PhraseIndex = {
  /** What follows the first element of each phrase, by that element's number. */
  readonly starts: Followers;
  /** Numbers of the elements by the words they take: exactly, by beginning (under its first two letters), by end. */
  readonly exact: ReadonlyMap<string, readonly number[]>;
  readonly beginnings: ReadonlyMap<string, ReadonlyArray<readonly [beginning: string, element: number]>>;
  readonly ends: ReadonlyMap<string, ReadonlyArray<readonly [end: string, element: number]>>;
  /** Words repeat from mail to mail, and what words fit from word to word (all figures fit the same). Caches only; bounded. */
  readonly known: Map<string, KnownWord>;
  readonly knownStarts: Map<string, Start | null>;
};

/**
 * Makes one index of all phrases of all languages: finding costs per word of the text, not per phrase. `problems` names every
 * line that cannot be read.
 */
export function indexPhrases(sources: Iterable<PhraseSource>): {
  readonly index: PhraseIndex;
  readonly problems: readonly string[];
} {
  const elements = newElements();
  const starts = new Map<number, Place[]>();
  const problems: string[] = [];
  for (const { entry, path, lines, sets } of sources) {
    for (const line of lines) {
      const phrases = parsePhrase(line, sets);
      if (typeof phrases === 'string') problems.push(`${path}: ${entry.id}: ${phrases}`);
      else addLine(starts, phrases, entry, elements.numberOf);
    }
  }
  const { exact, beginnings, ends } = elements;
  return { index: { starts, exact, beginnings, ends, known: new Map(), knownStarts: new Map() }, problems };
}

/** Equal elements have one number. */
function newElements() {
  const numbers = new Map<string, number>();
  const exact = new Map<string, number[]>();
  const beginnings = new Map<string, Array<readonly [string, number]>>();
  const ends = new Map<string, Array<readonly [string, number]>>();
  const numberOf = ({ forms }: WordElement): number => {
    const key = forms.join(' ');
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const number = numbers.size;
    numbers.set(key, number);
    for (const form of forms) {
      if (form.endsWith('*')) push(beginnings, form.slice(0, -1).slice(0, 2), [form.slice(0, -1), number] as const);
      else if (form.startsWith('*')) push(ends, form.slice(1).slice(-2), [form.slice(1), number] as const);
      else push(exact, form, number);
    }
    return number;
  };
  return { exact, beginnings, ends, numberOf };
}

function push<K, T>(map: Map<K, T[]>, key: K, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function addLine(
  starts: Map<number, Place[]>,
  phrases: readonly Phrase[],
  entry: PhraseEntry,
  numberOf: (element: WordElement) => number,
): void {
  const short: Place = { next: [], gaps: [], endings: [{ entry, isLong: false }] };
  const long: Place = { next: [], gaps: [], endings: [{ entry, isLong: true }] };
  for (const [first, ...rest] of phrases) {
    if (first?.type !== 'word') continue;
    push(starts, numberOf(first), rest.length === 0 ? short : placeBefore(rest, long, numberOf));
  }
}

/** The place from which these elements lead to `end`: the ways of a choice part here and meet again behind it. */
function placeBefore(elements: Phrase, end: Place, numberOf: (element: WordElement) => number): Place {
  return elements.reduceRight<Place>((behind, element) => {
    switch (element.type) {
      case 'word':
        return { next: [[numberOf(element), behind]], gaps: [], endings: [] };
      case 'gap':
        return { next: [], gaps: [{ max: element.max, place: behind }], endings: [] };
      case 'choice': {
        const ways = element.options.map((option) => placeBefore(option, behind, numberOf));
        return {
          next: ways.flatMap((way) => way.next),
          gaps: ways.flatMap((way) => way.gaps),
          endings: ways.flatMap((way) => way.endings),
        };
      }
    }
  }, end);
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
    for (const [entry, to] of longestByEntry(found, language, token.word, from)) {
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
  begin(next, from + 1, 0, walk);
  for (const { max, next: behind } of gaps) {
    const end = gapEnd(walk, from + 1, max);
    for (let at = from + 1; at <= end; at++) begin(behind, at, at - from - 1, walk);
  }
  return walk.found;
}

const mostFigures = 6;

/**
 * The last token that may follow a gap of at most `max` words from tokens[at] on. The date, the time and the address of an
 * event stand amid its sentence: figures are not counted, up to so many. Before `at` where nothing may follow.
 */
function gapEnd(walk: Walk, at: number, max: number): number {
  let to = at;
  for (let words = 0; words <= max && to <= at + max + mostFigures && isWithin(walk, to); to++) {
    if (!isFigure(walk.tokens[to]?.word ?? '')) words++;
  }
  return to - 1;
}

function isFigure(word: string): boolean {
  const first = word.charCodeAt(0);
  return first >= 0x30 && first <= 0x39;
}

function isWithin({ tokens, sentence }: Walk, at: number): boolean {
  return tokens[at]?.sentence === sentence;
}

/** The second words of phrases: what the first word allows is much, what this word fits is little, or the other way round. */
function begin(next: Followers, at: number, skipped: number, walk: Walk): void {
  const elements = walk.words[at]?.elements;
  if (elements === undefined || elements.size === 0 || !isWithin(walk, at)) return;
  if (next.size <= elements.size) {
    for (const [number, places] of next) {
      if (elements.has(number)) for (const place of places) follow(place, at + 1, skipped, walk);
    }
  } else {
    for (const number of elements) for (const place of next.get(number) ?? []) follow(place, at + 1, skipped, walk);
  }
}

/** Notes the phrases that end before tokens[at] at this place, and goes on with what follows. */
function follow({ endings, next, gaps }: Place, at: number, skipped: number, walk: Walk): void {
  for (const ending of endings) (walk.found ??= []).push({ ending, to: at - 1, skipped });
  if (!isWithin(walk, at)) return;
  step(next, at, skipped, walk);
  for (const { max, place } of gaps) {
    const end = gapEnd(walk, at, max);
    for (let to = at; to <= end; to++) step(place.next, to, skipped + to - at, walk);
  }
}

function step(next: Place['next'], at: number, skipped: number, walk: Walk): void {
  const elements = walk.words[at]?.elements;
  if (elements === undefined || elements.size === 0) return;
  for (const [number, place] of next) if (elements.has(number)) follow(place, at + 1, skipped, walk);
}

/** Of one line the reading with the fewest words skipped, then the longest; of an entry's lines the longest. Longest first. */
function longestByEntry(
  found: readonly Found[],
  language: string | null,
  word: string,
  from: number,
): ReadonlyArray<readonly [PhraseEntry, number]> {
  const best = new Map<Ending, Found>();
  for (const one of found) {
    if (!mayCount(one.ending.entry, language, word, one.ending.isLong && one.to > from)) continue;
    const known = best.get(one.ending);
    const isBetter =
      known === undefined || one.skipped < known.skipped || (one.skipped === known.skipped && one.to > known.to);
    if (isBetter) best.set(one.ending, one);
  }
  const longest = new Map<PhraseEntry, number>();
  for (const { ending, to } of best.values()) longest.set(ending.entry, Math.max(to, longest.get(ending.entry) ?? to));
  return longest.size < 2 ? [...longest] : [...longest].sort((a, b) => b[1] - a[1]);
}

/** @param isLong the phrase has several words, and more of them than the first stand in the text: "det [sgt]" is a Swede's "det" */
function mayCount(entry: PhraseEntry, language: string | null, word: string, isLong: boolean): boolean {
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
  const fits = [...elements].join();
  let start = index.knownStarts.get(fits);
  if (start === undefined) index.knownStarts.set(fits, (start = startOf(index.starts, elements)));
  const word = { elements, start };
  if (index.known.size >= knownAtMost) {
    index.known.clear();
    index.knownStarts.clear();
  }
  index.known.set(token.word, word);
  return word;
}

/** Put together once a word, so that a text pays for what follows the word, not for how many phrases begin with it. */
function startOf(starts: Followers, elements: ReadonlySet<number>): Start | null {
  const places = [...elements].flatMap((number) => starts.get(number) ?? []);
  if (places.length === 0) return null;
  const gaps = Map.groupBy(
    places.flatMap((place) => place.gaps),
    (gap) => gap.max,
  );
  return {
    next: followers(places),
    gaps: [...gaps].map(([max, all]) => ({ max, next: followers(all.map((gap) => gap.place)) })),
    endings: places.flatMap((place) => place.endings),
  };
}

function followers(places: readonly Place[]): Followers {
  const next = new Map<number, Place[]>();
  for (const place of places) for (const [number, behind] of place.next) push(next, number, behind);
  return next;
}

/** The elements that a word fits, in any of its forms. */
function elementsOf(index: PhraseIndex, token: Token): ReadonlySet<number> {
  const elements = new Set<number>();
  for (const form of [token.word, ...token.bare]) {
    for (const number of index.exact.get(form) ?? []) elements.add(number);
    for (const length of form.length < 2 ? [1] : [2, 1]) {
      for (const [beginning, number] of index.beginnings.get(form.slice(0, length)) ?? []) {
        if (form.startsWith(beginning)) elements.add(number);
      }
      for (const [end, number] of index.ends.get(form.slice(-length)) ?? []) {
        if (form.endsWith(end)) elements.add(number);
      }
    }
  }
  return elements;
}
