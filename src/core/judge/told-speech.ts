import { wordsOf, type Passage } from './mail-words.ts';
import type { Hit } from './phrase-index.ts';

const leastWords = 6;
const tells = /^(?:told|besides)$/;
/** What a sentence is about that needs nobody's eyes: attacks, spam, orders, the machinery of mail. */
const explains = /^(?:tech-|receipt$|bounce$|vacation$|marketing$|notice$|authority-|lawyer-)/;
/** Nor do requests, contacts and figures of speech, where they speak of a person. */
const explainsPeople =
  /^(?:tech-|receipt$|bounce$|vacation$|marketing$|no(?:tice|-answer)$|authority-|lawyer-|courtesy$|contact$|harmless$)/;

/**
 * A sentence that tells what somebody wrote, or that something else came besides, without a word of anything technical:
 * "But yesterday they also wrote that her scarf is nice." Null where every such sentence speaks of spam, attacks, orders.
 * A quiet threat has no key word; that a person was told something is all there is to see.
 */
export function toldSpeech(passage: Passage, ownFrom: number): string | null {
  const { tokens, hits } = passage;
  const sentenceOf = (at: number) => tokens[at]?.sentence ?? -1;
  const explained = new Set(hits.filter((h) => explains.test(h.entry.concept)).map((h) => sentenceOf(h.from)));
  for (const hit of hits) {
    const sentence = sentenceOf(hit.from);
    if (hit.start < ownFrom || !tells.test(hit.entry.concept) || explained.has(sentence)) continue;
    let first = hit.from;
    let last = hit.to;
    while (first > 0 && sentenceOf(first - 1) === sentence) first--;
    while (sentenceOf(last + 1) === sentence) last++;
    const start = tokens[first]?.start ?? hit.start;
    const end = tokens[last]?.end ?? hit.end;
    if (last - first + 1 >= leastWords) return wordsOf(passage, { start, end });
    explained.add(sentence);
  }
  return null;
}

const leastPronouns = 2;

/**
 * A sentence that speaks of somebody as "he" or "she" where the mail does so at least twice in sentences without any technical
 * word. A firm that reports an attack has no need of such words; whoever tells of a person in trouble can hardly do without.
 */
export function aboutSomebody(passage: Passage, ownFrom: number): string | null {
  const { tokens, hits } = passage;
  const sentenceOf = (hit: Hit) => tokens[hit.from]?.sentence ?? -1;
  const explained = new Set(hits.filter((h) => explainsPeople.test(h.entry.concept)).map(sentenceOf));
  const spoken = hits.filter(
    (hit) => hit.entry.concept === 'he-or-she' && hit.start >= ownFrom && !explained.has(sentenceOf(hit)),
  );
  const [first] = spoken;
  if (first === undefined || spoken.length < leastPronouns) return null;
  const sentence = tokens.filter((token) => token.sentence === sentenceOf(first));
  return wordsOf(passage, { start: sentence[0]?.start ?? first.start, end: sentence.at(-1)?.end ?? first.end });
}
