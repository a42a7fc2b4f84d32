import { wordsOf, type Passage } from './mail-words.ts';

const leastWords = 6;
const tells = /^(?:told|besides)$/;
/** What a sentence is about that needs nobody's eyes: attacks, spam, orders, the machinery of mail. */
const explains = /^(?:tech-|receipt$|bounce$|vacation$|marketing$|notice$|authority-|lawyer-)/;

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
