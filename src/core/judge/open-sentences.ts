import { overlapping, wordsOf, type MailWords, type Passage } from './mail-words.ts';
import type { Hit } from './phrase-index.ts';

/** A sentence that speaks of people more than of anything that would explain why a complaint speaks of them. */
export type OpenSentence = {
  /** Characters [start, end) of the passage. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** By how much what speaks of people outweighs what explains it; above zero. */
  readonly excess: number;
};

/** What needs nobody's eyes: attacks, trade, offices, the machinery of mail, requests, figures of speech. */
const explains =
  /^(?:tech-|workaday$|misuse$|receipt$|bounce$|vacation$|marketing$|no(?:tice|-answer)$|authority-|lawyer-|courtesy$|contact$|harmless$)/;
const speaksOfPeople =
  /^(?:he-or-she|victim|family|private-life|your-people|watched|home-known|personal-data|fear|ex-partner|intimate|weapon)$/;
/** That a person was told something is much, and that somebody's child is spoken of: a quiet threat has little else. */
const telling = /^(?:told|besides|kin)$/;
const tellingWeight = 2;

/** "He was heartbroken" stands in many a mail about a shop; what tells of a person in trouble says more than that. */
const storyFrom = 2;

/**
 * What a mail tells of people beside everything else, by the sentence that tells most of it; null where it tells next to
 * nothing. A quiet threat has no key word: that somebody is spoken of, and nothing explains why, is all there is to see.
 */
export function personalStory({ narrative, ownFrom, evidence }: MailWords): string | null {
  const open = [...openSentences(narrative, ownFrom), ...openSentences(evidence, 0, true)];
  if (open.reduce((sum, { excess }) => sum + excess, 0) < storyFrom) return null;
  return open.reduce((most, one) => (one.excess > most.excess ? one : most)).text;
}

/** Whether a word of a text says that it is about attacks, trade, offices or the machinery of mail. */
export function isExplained({ hits }: Passage): boolean {
  return hits.some(({ entry }) => explains.test(entry.concept));
}

/**
 * The sentences from `ownFrom` on in which words about people outnumber the technical and workaday ones: "She cycles home
 * alone", beside whatever attack. A firm needs "he" and "my husband" to tell who did what to which machine; a story of a
 * person in trouble has sentences that tell of nothing else. In order of the text.
 * @param byLine each line is a sentence of its own, as in tables and exports
 */
export function openSentences(passage: Passage, ownFrom: number, byLine = false): OpenSentence[] {
  const sentences = new Map<number, { readonly about: Hit[]; readonly explaining: Hit[] }>();
  const numbered = byLine ? numberedByLine(passage) : (hit: Hit) => passage.tokens[hit.from]?.sentence ?? -1;
  // "My husband says that I should report it": what a helper says is nothing that was told to anybody.
  const isHarmless = overlapping(passage.hits.filter((hit) => hit.entry.concept === 'harmless'));
  for (const hit of passage.hits) {
    if (hit.start < ownFrom) continue;
    const { concept } = hit.entry;
    const isExplaining = explains.test(concept);
    if (!isExplaining && !speaksOfPeople.test(concept) && !telling.test(concept)) continue;
    if (!isExplaining && isHarmless(hit)) continue;
    const number = numbered(hit);
    let sentence = sentences.get(number);
    if (sentence === undefined) sentences.set(number, (sentence = { about: [], explaining: [] }));
    (isExplaining ? sentence.explaining : sentence.about).push(hit);
  }
  return [...sentences.values()].flatMap(({ about, explaining }) => {
    const [first] = about;
    const excess = weigh(about) - weigh(explaining);
    if (first === undefined || excess <= 0) return [];
    const { start, end } = byLine ? lineOf(passage, first) : sentenceOf(passage, first);
    return [{ start, end, text: wordsOf(passage, { start, end }), excess }];
  });
}

/** How many stretches of words these are: phrases that share a word are one. */
function weigh(hits: readonly Hit[]): number {
  let [weight, here, end] = [0, 0, -1];
  for (const hit of hits) {
    const own = telling.test(hit.entry.concept) ? tellingWeight : 1;
    if (hit.from > end) [weight, here] = [weight + own, own];
    else if (own > here) [weight, here] = [weight + own - here, own];
    end = Math.max(end, hit.to);
  }
  return weight;
}

function numberedByLine({ text }: Passage): (hit: Hit) => number {
  let [at, line] = [0, 0];
  // Hits come in the order of the text.
  return ({ start }) => {
    for (let next = text.indexOf('\n', at); next >= 0 && next < start; next = text.indexOf('\n', at)) {
      at = next + 1;
      line++;
    }
    return line;
  };
}

type Span = { readonly start: number; readonly end: number };

function lineOf({ text }: Passage, { start }: Hit): Span {
  const end = text.indexOf('\n', start);
  return { start: text.lastIndexOf('\n', start) + 1, end: end < 0 ? text.length : end };
}

function sentenceOf({ tokens }: Passage, { from }: Hit): Span {
  const sentence = tokens[from]?.sentence;
  let [first, last] = [from, from];
  while (tokens[first - 1] !== undefined && tokens[first - 1]?.sentence === sentence) first--;
  while (tokens[last + 1] !== undefined && tokens[last + 1]?.sentence === sentence) last++;
  return { start: tokens[first]?.start ?? 0, end: tokens[last]?.end ?? 0 };
}
