import { tokenize } from './fold-text.ts';

/**
 * One place of a phrase: a word out of several, each exact, or known by its beginning ("threat*") or its end ("*drohung");
 * a gap of at most `max` words; or a choice between sequences, of which one may be empty.
 */
export type Element = WordElement | GapElement | ChoiceElement;
/** `forms`: folded, "word", "beginning*" or "*end". */
export type WordElement = { readonly type: 'word'; readonly forms: readonly string[] };
type GapElement = { readonly type: 'gap'; readonly max: number };
type ChoiceElement = { readonly type: 'choice'; readonly options: readonly Phrase[] };

export type Phrase = readonly Element[];
export type Sets = Readonly<Record<string, readonly string[]>>;

/**
 * A phrase of the language data as sequences of elements. The notation: words; `word*` and `*word`; `(a|b c|d*)` one of;
 * `[a|b]` the same or nothing; `<set>` one of a named set of the file; `..` up to 3 words between, `...` up to 7
 * (in scripts that set no spaces, where each character is a word to us: up to 8 and 18).
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
    else if (piece === '..' || piece === '...') elements.push(gapAfter(elements.at(-1), piece));
    else elements.push(...elementsOf(piece));
  }
  return elements;
}

const spaceless = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** As wide as a few words (several for "...") are in the script of what stands before. */
function gapAfter(element: Element | undefined, piece: '..' | '...'): Element {
  const isFew = piece === '..';
  return { type: 'gap', max: isSpaceless(element) ? (isFew ? 8 : 18) : isFew ? 3 : 7 };
}

function isSpaceless(element: Element | undefined): boolean {
  if (element === undefined || element.type === 'gap') return false;
  if (element.type === 'choice') return element.options.some((option) => isSpaceless(option.at(-1)));
  return element.forms.some((form) => spaceless.test(form));
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

/** The single words among the options are one element: looked up in one set. */
function choice(options: readonly Phrase[]): Element {
  const forms: string[] = [];
  const others: Phrase[] = [];
  for (const option of options) {
    const [first] = option;
    if (option.length === 1 && first?.type === 'word') forms.push(...first.forms);
    else others.push(option);
  }
  if (forms.length === 0) return { type: 'choice', options };
  const word = { type: 'word', forms } as const;
  return others.length === 0 ? word : { type: 'choice', options: [[word], ...others] };
}

/** A word as written becomes one element, several where the script sets no spaces ("杀了你") or an apostrophe divides it. */
function elementsOf(piece: string): Element[] {
  const tokens = tokenize(piece);
  return tokens.map(({ word }, at) => {
    const isBeginning = piece.endsWith('*') && at === tokens.length - 1;
    const isEnd = piece.startsWith('*') && at === 0;
    return { type: 'word', forms: [isBeginning ? `${word}*` : isEnd ? `*${word}` : word] };
  });
}

/** The index needs a word to start from, so a choice at the start is multiplied out. */
function startingWithWord(phrase: Phrase): Phrase[] {
  const [first, ...rest] = phrase;
  if (first?.type !== 'choice') return [phrase];
  return first.options.flatMap((option) => startingWithWord([...option, ...rest]));
}
