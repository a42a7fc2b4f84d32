import type { JudgementData } from './judgement-data.ts';
import { tokenize, type Token } from './fold-text.ts';
import { findPhrases, type Hit } from './phrase-index.ts';
import type { ReadText } from './read-text.ts';

/** A stretch of text with its words and the phrases found in it. */
export type Passage = { readonly text: string; readonly tokens: readonly Token[]; readonly hits: readonly Hit[] };

/** The mail's texts, searched once for everything that the language data knows. */
export type MailWords = {
  readonly language: string | null;
  /** Subject, the sender's own words and what they pass on, in this order: what danger is judged on. */
  readonly narrative: Passage;
  /** Where the parts of the narrative begin. */
  readonly ownFrom: number;
  readonly forwardedFrom: number;
  /** Logs, tables, reports: good for the technical matter only. */
  readonly evidence: Passage;
  /** Signatures, disclaimers, footers: good for saying that nobody reads an address. */
  readonly boilerplate: Passage;
  /** The display name in From. */
  readonly shown: Passage;
  /** Who the sender says to be: the name in From, the beginning and the end of the own words, the signature. */
  readonly identity: readonly Passage[];
};

const evidenceLimit = 800;

/**
 * Finds all phrases in a mail. Phrases of other languages than the mail's (and English) need two words to count.
 * @param fromName the display name in From, '' for none
 */
export function findMailWords(
  text: ReadText,
  fromName: string,
  data: JudgementData,
  language: string | null,
): MailWords {
  const head = `${text.subject}\n\n`;
  const own = `${text.own}\n\n${text.fields}\n\n`;
  const narrative = passage(head + own + text.forwarded, data, language, 60_000);
  const boilerplate = passage(text.boilerplate, data, language, evidenceLimit);
  const shown = passage(fromName, data, language, 60);
  const [from, to] = [head.length, head.length + text.own.length];
  const ends = [
    [from, Math.min(to, from + 400)],
    [Math.max(from + 400, to - 300), to],
  ] as const;
  return {
    language,
    narrative,
    ownFrom: head.length,
    forwardedFrom: head.length + own.length,
    evidence: passage(text.evidence, data, language, evidenceLimit),
    boilerplate,
    shown,
    identity: [
      shown,
      { ...narrative, hits: hitsWithin(narrative, ends) },
      { ...boilerplate, hits: hitsWithin(boilerplate, [[0, 500]]) },
    ],
  };
}

/** A text with its words and the phrases in it. @param limit of words */
export function passage(text: string, data: JudgementData, language: string | null, limit: number): Passage {
  const tokens = tokenize(text, limit);
  const known = language !== null && data.languages.has(language) ? language : null;
  const found = findPhrases(data.index, tokens, known);
  return { text, tokens, hits: withoutNegated(found, tokens, data) };
}

function withoutNegated(hits: readonly Hit[], tokens: readonly Token[], data: JudgementData): Hit[] {
  return hits.filter((hit) => {
    if (hit.quoted || data.concepts.get(hit.entry.concept)?.negatable !== true) return true;
    const negators = data.negators.get(hit.entry.language);
    if (negators === undefined) return true;
    const sentence = tokens[hit.from]?.sentence;
    for (let at = hit.from - 1; at >= Math.max(0, hit.from - 3); at--) {
      const token = tokens[at];
      if (token?.sentence !== sentence) return true;
      if (token !== undefined && negators.has(token.word)) return false;
    }
    return true;
  });
}

type Span = { readonly start: number; readonly end: number };

/** Whether a span touches one of these: made once for a text, asked for each of its phrases. */
export function overlapping(spans: readonly Span[]): (span: Span) => boolean {
  const merged: Array<{ start: number; end: number }> = [];
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return (span) => {
    let low = 0;
    let high = merged.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((merged[middle]?.end ?? 0) <= span.start) low = middle + 1;
      else high = middle;
    }
    const next = merged[low];
    return next !== undefined && next.start < span.end;
  };
}

/** The phrases of a passage that stand within one of these stretches of its text. */
function hitsWithin(
  { hits }: Passage,
  stretches: ReadonlyArray<readonly [start: number, end: number]>,
): readonly Hit[] {
  return hits.filter((hit) => stretches.some(([start, end]) => start <= hit.start && hit.end <= end));
}

/** The text of a hit, as written, on one line. */
export function wordsOf(passage: Passage, hit: Pick<Hit, 'start' | 'end'>): string {
  return passage.text.slice(hit.start, hit.end).replace(/\s+/g, ' ').slice(0, 200);
}

export function hitsOf(passage: Passage, ...concepts: readonly string[]): Hit[] {
  return passage.hits.filter((hit) => concepts.includes(hit.entry.concept));
}
