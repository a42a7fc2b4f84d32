import { foldWord, tokenize, type Token } from './fold-text.ts';

/**
 * One place of a phrase: a word out of several, each exact, or known by its beginning ("threat*") or its end ("*drohung");
 * a gap of at most `max` words; or a choice between sequences, of which one may be empty.
 */
export type Element = WordElement | GapElement | ChoiceElement;
export type WordElement = {
  readonly type: 'word';
  readonly exact: ReadonlySet<string>;
  readonly beginnings: readonly string[];
  readonly ends: readonly string[];
};
type GapElement = { readonly type: 'gap'; readonly max: number };
type ChoiceElement = { readonly type: 'choice'; readonly options: readonly Phrase[] };

export type Phrase = readonly Element[];
type Sets = Readonly<Record<string, readonly string[]>>;

/**
 * A phrase of the language data as sequences of elements. The notation: words; `word*` and `*word`; `(a|b c|d*)` one of;
 * `[a|b]` the same or nothing; `<set>` one of a named set of the file; `..` up to 3 words between, `...` up to 7.
 * @returns sequences that begin and end with a word, or an error text for whoever wrote the line
 */
export function parsePhrase(text: string, sets: Sets): Phrase[] | string {
  const pieces = text.match(/[()[\]|]|<[^<>]*>|[^\s()[\]|<>]+/g) ?? [];
  const reader: Reader = { pieces, at: 0, sets, problem: null };
  const options = readAlternatives(reader);
  const rest = pieces[reader.at];
  const problem = reader.problem ?? (rest === undefined ? null : `unexpected "${rest}"`);
  if (problem !== null) return `${problem} in "${text}"`;
  const phrases = options.flatMap(startingWithWord).filter((p) => p.length > 0);
  const bad = phrases.length === 0 || phrases.some((p) => p[0]?.type !== 'word' || p.at(-1)?.type === 'gap');
  return bad ? `a phrase begins and ends with a word, unlike "${text}"` : phrases;
}

type Reader = { readonly pieces: readonly string[]; at: number; readonly sets: Sets; problem: string | null };

function readAlternatives(reader: Reader): Phrase[] {
  const options: Phrase[] = [readSequence(reader)];
  while (reader.pieces[reader.at] === '|') {
    reader.at++;
    options.push(readSequence(reader));
  }
  return options;
}

function readSequence(reader: Reader): Phrase {
  const elements: Element[] = [];
  for (let piece = reader.pieces[reader.at]; piece !== undefined; piece = reader.pieces[reader.at]) {
    if (piece === ')' || piece === ']' || piece === '|') break;
    reader.at++;
    if (piece === '(' || piece === '[') elements.push(...readGroup(reader, piece));
    else if (piece.startsWith('<')) elements.push(...namedSet(reader, piece.slice(1, -1)));
    else elements.push(...elementsOf(piece));
  }
  return elements;
}

function readGroup(reader: Reader, open: '(' | '['): Element[] {
  const options = readAlternatives(reader);
  if (reader.pieces[reader.at] !== (open === '(' ? ')' : ']')) reader.problem ??= `"${open}" without its end`;
  reader.at++;
  return [choice(open === '[' ? [...options, []] : options)];
}

function namedSet(reader: Reader, name: string): Element[] {
  const set = reader.sets[name];
  if (set === undefined) {
    reader.problem ??= `no set <${name}>`;
    return [];
  }
  return [choice(set.map((words) => words.split(/\s+/).flatMap(elementsOf)))];
}

/** Several single words are one element: looked up in one set. */
function choice(options: readonly Phrase[]): Element {
  const words = options.map((o) => (o.length === 1 && o[0]?.type === 'word' ? o[0] : null));
  if (!words.every((w) => w !== null)) return { type: 'choice', options };
  return {
    type: 'word',
    exact: new Set(words.flatMap((w) => [...w.exact])),
    beginnings: words.flatMap((w) => w.beginnings),
    ends: words.flatMap((w) => w.ends),
  };
}

/** A word as written becomes one element, several where the script sets no spaces ("杀了你") or an apostrophe divides it. */
function elementsOf(piece: string): Element[] {
  if (piece === '..') return [{ type: 'gap', max: 3 }];
  if (piece === '...') return [{ type: 'gap', max: 7 }];
  const tokens = tokenize(piece);
  return tokens.map((token, at) => {
    const isBeginning = piece.endsWith('*') && at === tokens.length - 1;
    const isEnd = piece.startsWith('*') && at === 0;
    const word = foldWord(token.word);
    return {
      type: 'word',
      exact: new Set(isBeginning || isEnd ? [] : [word]),
      beginnings: isBeginning ? [word] : [],
      ends: isEnd && !isBeginning ? [word] : [],
    };
  });
}

/** The index needs a word to start from, so a choice at the start is multiplied out. */
function startingWithWord(phrase: Phrase): Phrase[] {
  const [first, ...rest] = phrase;
  if (first?.type !== 'choice') return [phrase];
  return first.options.flatMap((option) => startingWithWord([...option, ...rest]));
}

/**
 * Where the phrase ends if it begins at tokens[from] (index of the last token), or -1. Gaps are bounded and a phrase stays
 * within its sentence, so the work per start is bounded by the phrase, never by the text.
 */
export function matchAt(phrase: Phrase, tokens: readonly Token[], from: number): number {
  return matchFrom(phrase, tokens, from, tokens[from]?.sentence ?? -1);
}

/** As matchAt, where the index has already found the first word. */
export function matchAfterFirst(phrase: Phrase, tokens: readonly Token[], from: number): number {
  const { length } = phrase;
  if (length === 1) return from;
  const second = phrase[1];
  const next = tokens[from + 1];
  // Most candidates end here: the second word is another one.
  if (second?.type === 'word' && (next === undefined || !fits(second, next))) return -1;
  return matchFrom(phrase.slice(1), tokens, from + 1, tokens[from]?.sentence ?? -1);
}

function matchFrom(phrase: Phrase, tokens: readonly Token[], from: number, sentence: number): number {
  let at = from;
  for (let i = 0; i < phrase.length; i++) {
    const element = phrase[i];
    if (element === undefined) return -1;
    if (element.type === 'word') {
      const token = tokens[at];
      if (token === undefined || token.sentence !== sentence || !fits(element, token)) return -1;
      at++;
      continue;
    }
    const rest = phrase.slice(i + 1);
    const attempts = element.type === 'gap' ? element.max + 1 : element.options.length;
    let best = -1;
    for (let n = 0; n < attempts; n++) {
      const end =
        element.type === 'gap'
          ? matchFrom(rest, tokens, at + n, sentence)
          : matchFrom([...(element.options[n] ?? []), ...rest], tokens, at, sentence);
      if (element.type === 'gap' && end !== -1) return end;
      best = Math.max(best, end);
    }
    return best;
  }
  return at - 1;
}

function fits(element: WordElement, token: Token): boolean {
  return fitsWord(element, token.word) || token.bare.some((form) => fitsWord(element, form));
}

function fitsWord(element: WordElement, word: string): boolean {
  if (element.exact.has(word)) return true;
  for (const beginning of element.beginnings) if (word.startsWith(beginning)) return true;
  for (const end of element.ends) if (word.endsWith(end)) return true;
  return false;
}
