import type { Category, Reason } from '../judgement.ts';
import type { JudgementData, RiskRule } from './judgement-data.ts';
import { overlapping, wordsOf, type MailWords, type Passage } from './mail-words.ts';
import { openSentences } from './open-sentences.ts';
import type { Hit } from './phrase-index.ts';

/** A rule of config/judgement/rules.yaml that holds for a mail, with the words that made it. */
export type FiredRule = { readonly rule: RiskRule; readonly reason: Reason; readonly hits: readonly Hit[] };

/** All risk rules that hold: on the narrative with harmless uses masked out, or on who the sender says to be. */
export function fireRules(words: MailWords, data: JudgementData): FiredRule[] {
  const narrative = maskHarmless(words.narrative);
  const forwarded = { ...narrative, hits: narrative.hits.filter((hit) => hit.start >= words.forwardedFrom) };
  const isOpen = overlapping(openSentences(narrative, 0));
  const open = { ...narrative, hits: narrative.hits.filter(isOpen) };
  return fire({ narrative: [narrative], open: [open], forwarded: [forwarded], identity: words.identity }, data);
}

/** The rules that hold in what a mail shows as logs, tables and exports: a chat may stand among them. */
export function fireRulesOnEvidence({ evidence }: MailWords, data: JudgementData): FiredRule[] {
  return evidence.hits.length === 0
    ? []
    : fire({ narrative: [withoutPasswords(maskHarmless(evidence))], open: [], forwarded: [], identity: [] }, data);
}

/** "root / killme" is what somebody typed at a login. */
const credentials = /^\s{0,12}[-*\u2022]?\s{0,2}[\w.@$!-]{1,32}\s?[/:|]\s?\S{1,40}\s*$/;

function withoutPasswords(passage: Passage): Passage {
  const lineOf = ({ start, end }: Hit) => {
    const from = passage.text.lastIndexOf('\n', start) + 1;
    const to = passage.text.indexOf('\n', end);
    return passage.text.slice(from, to < 0 ? undefined : to).slice(0, 120);
  };
  return { ...passage, hits: passage.hits.filter((hit) => hit.from !== hit.to || !credentials.test(lineOf(hit))) };
}

type Passages = Readonly<Record<RiskRule['where'], readonly Passage[]>>;

function fire(passages: Passages, data: JudgementData): FiredRule[] {
  const said = new Set(
    Object.values(passages).flatMap((all) => all.flatMap(({ hits }) => hits.map((hit) => hit.entry.concept))),
  );
  return data.rules.flatMap((rule) => {
    if (!mayHold(rule, said)) return [];
    for (const passage of passages[rule.where]) {
      const hits = meet(rule, passage);
      if (hits === null) continue;
      const texts = [...new Set(hits.map((hit) => wordsOf(passage, hit)))];
      return [{ rule, hits, reason: { rule: rule.id, text: rule.sealed ? '' : texts.join(' … ') } }];
    }
    return [];
  });
}

/** Noisy-or: independent grounds add up, and none alone reaches more than its own weight. */
export function certainty(fired: readonly FiredRule[]): number {
  return 1 - fired.reduce((doubt, { rule }) => doubt * (1 - rule.weight), 1);
}

/** The category of the surest rule; of equals the one that the rules together speak for most, then the first named. */
export function leadingCategory(fired: readonly FiredRule[]): Category | null {
  const byCategory = new Map<Category, FiredRule[]>();
  for (const one of fired) byCategory.set(one.rule.category, [...(byCategory.get(one.rule.category) ?? []), one]);
  let best: { category: Category; weight: number } | null = null;
  for (const [category, rules] of byCategory) {
    const weight = Math.max(...rules.map(({ rule }) => rule.weight)) + certainty(rules) / 1000;
    if (best === null || weight > best.weight) best = { category, weight };
  }
  return best?.category ?? null;
}

const hitsLookedAt = 400;

/** Most rules ask for something that the mail does not say at all. */
function mayHold(rule: RiskRule, concepts: ReadonlySet<string>): boolean {
  return rule.all.every((group) => group.some((concept) => concepts.has(concept)));
}

/** One hit per group, all within the rule's distance of the first group's hit; null where there is no such set. */
function meet(rule: RiskRule, passage: Passage): Hit[] | null {
  const all = passage.hits;
  // "Our client" twice is one formula, not two.
  const said = (hit: Hit) => passage.text.slice(hit.start, hit.end).toLowerCase();
  const isSame = (one: Hit, other: Hit) => rule.grounds.includes('person') && said(one) === said(other);
  const groups = rule.all.map((concepts) =>
    all.filter((hit) => concepts.includes(hit.entry.concept)).slice(0, hitsLookedAt),
  );
  if (groups.some((group) => group.length === 0)) return null;
  const [first, ...others] = groups;
  for (const hit of first ?? []) {
    const chosen = [hit];
    for (const group of others) {
      const next = nearest(
        group.filter((h) => !chosen.some((c) => overlap(c, h) || isSame(c, h))),
        hit,
        rule.within,
      );
      if (next !== null) chosen.push(next);
    }
    if (chosen.length === groups.length) return chosen;
  }
  return null;
}

/** The same words cannot be two things at once. */
function overlap(one: Hit, other: Hit): boolean {
  return one.from <= other.to && other.from <= one.to;
}

function nearest(group: readonly Hit[], to: Hit, within: number | null): Hit | null {
  let best: Hit | null = null;
  let bestDistance = within ?? Number.POSITIVE_INFINITY;
  for (const hit of group) {
    const distance = hit.from > to.to ? hit.from - to.to : hit.to < to.from ? to.from - hit.to : 0;
    if (distance <= bestDistance && (best === null || distance < bestDistance)) {
      best = hit;
      bestDistance = distance;
    }
  }
  return best;
}

const titlesLookedAt = 50;

/** Takes away the hits that overlap a harmless use ("kill -9", "fork bomb"), or stand in the title of a play or a game. */
export function maskHarmless(passage: Passage): Passage {
  const harmless = passage.hits.filter((hit) => hit.entry.concept === 'harmless');
  const titled = passage.hits.filter((hit) => hit.entry.concept === 'title').slice(0, titlesLookedAt);
  const titles = titled.flatMap((hit) => titleAfter(passage, hit));
  if (harmless.length === 0 && titles.length === 0) return passage;
  const titleTexts = titles.map((t) => passage.text.slice(t.start, t.end).toLowerCase());
  const isHarmless = overlapping(harmless);
  const hits = passage.hits.filter((hit) => {
    if (hit.entry.concept === 'harmless' || hit.entry.concept.startsWith('tech-')) return true;
    if (isHarmless(hit)) return false;
    if (titleTexts.length === 0) return true;
    const text = passage.text.slice(hit.start, hit.end).toLowerCase();
    return !titleTexts.some((title) => title.includes(text));
  });
  return { ...passage, hits };
}

/** The quoted text that follows directly after a word such as "called". */
function titleAfter(passage: Passage, hit: Hit): Array<{ readonly start: number; readonly end: number }> {
  const next = /^[\s,:(]{0,3}["“„«»「『](.{1,80}?)["”“»«」』]/su.exec(passage.text.slice(hit.end, hit.end + 100));
  return next === null ? [] : [{ start: hit.end, end: hit.end + next[0].length }];
}
