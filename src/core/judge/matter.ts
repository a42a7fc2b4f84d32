import type { Category, Reason } from '../judgement.ts';
import { overlapping, wordsOf, type MailWords, type Passage } from './mail-words.ts';
import type { Hit } from './phrase-index.ts';

/** What technical abuse a mail reports, by its words: "tech-scan", "tech-spam" ... are concepts of the language data. */
export type Matter = {
  readonly category: Category | null;
  /** 0 nothing .. 3 plenty. */
  readonly strength: number;
  readonly because: readonly Reason[];
  /** How much of the story is about computers, trade and offices, whether or not a phrase names the abuse. */
  readonly workaday: 'much' | 'some' | 'hardly';
};

/** Words below a subject that tell no story: an address, a time, a greeting. */
const longestCaption = 20;

type Tally = { points: number; first: Reason; texts: Set<string> };

/** Subject words count three times; logs and tables count, too, but less than the sender's words. */
export function findMatter(words: MailWords, hint: Category | null): Matter {
  const tallies = new Map<string, Tally>();
  count(tallies, words.narrative, (start) => (start < words.ownFrom ? 3 : 1.5));
  count(tallies, words.evidence, () => 0.7);
  const ranked = [...tallies].sort(([, a], [, b]) => b.points - a.points);
  const [top] = ranked;
  // Advertisements in a forum are called spam, too.
  const category =
    top?.[0] === 'spam' && tallies.has('comment-spam') ? 'comment-spam' : (top?.[0] as Category | undefined);
  const points = ranked.reduce((sum, [, t]) => sum + t.points, 0) / 1.5 + (hint === null ? 0 : 2);
  const strength = Math.min(3, hint === null && isLoosely(tallies) && isOnlyNamed(words) ? points / 8 : points);
  const because = ranked.slice(0, 3).map(([, tally]) => tally.first);
  const workaday = workadayOf(words);
  if (hint !== null)
    return { category: hint, strength, because: [{ rule: 'matter/report-type', text: hint }, ...because], workaday };
  return { category: category ?? null, strength, because, workaday };
}

/** "Spam" and "fraud" are what people call anything that should not have come; "fake bookings" says what came. */
function isLoosely(tallies: ReadonlyMap<string, Tally>): boolean {
  return [...tallies].every(
    ([category, { texts }]) =>
      category === 'spam' || (category === 'fraud' && [...texts].every((text) => !/\s|\p{Script=Han}{3}/u.test(text))),
  );
}

/** A subject such as "Scam" or "Spam" over a story that has no technical word: the story is about something else. */
function isOnlyNamed({ narrative, evidence, ownFrom }: MailWords): boolean {
  const isTechnical = (hit: Hit) => hit.entry.concept.startsWith('tech-');
  if (evidence.hits.some(isTechnical) || narrative.hits.some((hit) => hit.start >= ownFrom && isTechnical(hit)))
    return false;
  return narrative.tokens.filter((token) => token.start >= ownFrom).length > longestCaption;
}

const explains = /^(?:tech-|workaday$|misuse$|harmless$)/;
const misused = /^(?:tech-|misuse$)/;
const muchShare = 0.2;
const muchWords = 6;
const hardlyShare = 0.08;

/**
 * A story of which a fifth is about computers, trade and offices, in six words at least, tells of such a matter also where no
 * phrase names it: beehives whose scales show less than nothing. Whoever tells of a person in trouble speaks of other things.
 */
function workadayOf({ narrative, ownFrom }: MailWords): Matter['workaday'] {
  const { tokens, hits } = narrative;
  const explaining = hits.filter(({ start, entry }) => start >= ownFrom && explains.test(entry.concept));
  const isExplained = overlapping(explaining);
  let [all, explained] = [0, 0];
  for (const token of tokens) {
    if (token.start < ownFrom || /\d/.test(token.word)) continue;
    all += token.word.length;
    if (isExplained(token)) explained += token.word.length;
  }
  if (explained < all * hardlyShare) return 'hardly';
  // What is only sold or lent may be anything: somebody has to attack, fake or steal.
  if (!hits.some(({ entry }) => misused.test(entry.concept))) return 'some';
  const different = new Set(explaining.map(({ from }) => tokens[from]?.word)).size;
  return explained >= all * muchShare && different >= muchWords ? 'much' : 'some';
}

function count(tallies: Map<string, Tally>, passage: Passage, weigh: (start: number) => number): void {
  for (const hit of passage.hits) {
    const { concept } = hit.entry;
    if (!concept.startsWith('tech-') || concept === 'tech-other') continue;
    const category = concept.slice(5);
    const text = wordsOf(passage, hit);
    const tally = tallies.get(category) ?? { points: 0, first: { rule: hit.entry.id, text }, texts: new Set<string>() };
    const key = text.toLowerCase();
    if (tally.texts.size < 6 && !tally.texts.has(key)) tally.points += weigh(hit.start);
    tally.texts.add(key);
    tallies.set(category, tally);
  }
}
