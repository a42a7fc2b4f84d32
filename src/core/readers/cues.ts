import type { Cue, Labels } from './labels.ts';
import { wordsOf } from './labels.ts';

/** The word that decides about an address: its cue, how many words lie between, and the words themselves. */
export type CueHit = {
  readonly cue: Cue;
  readonly distance: number;
  readonly words: string;
  /** A colon, sign or column stands behind it: a label, no word of a sentence. */
  readonly isLabel: boolean;
  /** An equals sign stands right behind it: a key of a log. */
  readonly isKey: boolean;
};

/** Labels with the languages that the text at hand is written in. */
export type Spoken = Labels & { readonly spoken: ReadonlySet<string> };

/** `broken`: a sentence or field ends before this word; `gap`: what stands behind it. */
type Token = { readonly word: string; readonly broken: boolean; gap: string };

const longestPhrase = 6;
const reach = 12;

/**
 * The nearest cue in the text before an address. A label that says only "address" gives way to one right before it
 * ("attacker's IP", "our address"). Looks at the last dozen words and never across the end of a sentence.
 */
export function cueBefore(labels: Spoken, text: string): CueHit | null {
  const near = text.length > 160 ? text.slice(-160) : text;
  const hit = spacedBefore(labels, tokensOf(near));
  const compact = endOf(near);
  if (compact === '') return hit;
  const unspaced = unspacedBefore(labels, compact);
  if (unspaced === null) return hit;
  return hit !== null && hit.distance <= unspaced.distance && hit.cue.role !== 'address' ? hit : unspaced;
}

/** The nearest cue behind an address, within its sentence. */
export function cueAfter(labels: Spoken, text: string): CueHit | null {
  const near = text.slice(0, 120);
  // What follows the end of a sentence speaks of something else.
  if (/^[\])}"'’]{0,3}[.!?;]\s/.test(near)) return null;
  const compact = near.replace(/^[\s\])}"'、）」:#\d]{0,12}/, '').toLowerCase();
  for (const [phrase, cue] of labels.unspacedAfter) {
    if (compact.startsWith(phrase)) return { cue, distance: 0, words: phrase, isLabel: false, isKey: false };
  }
  const tokens = tokensOf(near);
  const isApart = /^[\])}"'’]{0,3}, /.test(near);
  for (let start = 0; start < Math.min(tokens.length, 10); start++) {
    if (start > 0 && tokens[start]?.broken === true) return null;
    for (let length = Math.min(longestPhrase, tokens.length - start); length > 0; length--) {
      const words = phraseAt(tokens, start, length);
      const cue = words === null ? undefined : pick(labels.after.get(words), labels, words);
      // A bare verb counts only right behind its address; a remark like "our office" also a few words later.
      // "our server is 192.0.2.1, por si preguntan": behind a comma a preposition leads elsewhere.
      const leadsOn = start === 0 && isApart && cue?.form === 'prose' && cue.role === 'source' && !words?.includes(' ');
      if (cue !== undefined && words !== null && !leadsOn && (start <= 2 || cue.role === 'other')) {
        return { cue, distance: start, words, isLabel: false, isKey: false };
      }
    }
  }
  return null;
}

/** What a name (column, JSON key, XML tag) says of the addresses under it, or null. Names of two parts read from the right. */
export function cueOfName(labels: Spoken, name: string): Cue | null {
  const whole = labels.before.get(wordsOf(name).join(' '))?.find((cue) => cue.form === 'field');
  if (whole !== undefined) return whole;
  const bare = name.replace(/\([^()]*\)$/, '');
  const hit = cueBefore(labels, bare);
  return hit !== null && hit.cue.form === 'field' && hit.distance === 0 ? hit.cue : null;
}

/** Remarks of several words mean the same wherever they stand; short prepositions do not ("de la"). */
function pick(cues: readonly Cue[] | undefined, labels: Spoken, words: string): Cue | undefined {
  const isRemark = words.includes(' ');
  return cues?.find(
    (cue) => cue.form === 'field' || labels.spoken.has(cue.language) || (isRemark && cue.role === 'other'),
  );
}

/** The nearest cue; a word such as "genuine site" anywhere in the sentence outranks it. */
function spacedBefore(labels: Spoken, tokens: readonly Token[]): CueHit | null {
  const hit = nearestBefore(labels, tokens);
  if (hit === null || hit.cue.role === 'other' || hit.isLabel) return hit;
  for (let end = tokens.length - 1; end >= 0 && tokens.length - end < reach; end--) {
    const found = longestEndingAt(labels, tokens, end);
    if (found?.cue.id === 'genuine-before') {
      return { cue: found.cue, distance: 0, words: found.words, isLabel: false, isKey: false };
    }
    if (tokens[end]?.broken === true && !/^,\s?$/.test(tokens[end - 1]?.gap ?? '')) break;
  }
  return hit;
}

function nearestBefore(labels: Spoken, tokens: readonly Token[]): CueHit | null {
  let generic: CueHit | null = null;
  const last = tokens.length - 1;
  for (let end = last; end >= 0 && last - end < reach; end--) {
    const found = longestEndingAt(labels, tokens, end);
    if (found !== null) {
      const isLabel = /[:=\t({<|]|\.\.|「|：/.test(tokens[end]?.gap ?? '');
      const isKey = /^["']?=/.test(tokens[end]?.gap ?? '');
      const hit = { cue: found.cue, distance: last - end, words: found.words, isLabel, isKey };
      if (found.cue.role !== 'address') {
        if (generic === null) return hit;
        // "attacker's IP": the label in front makes the plain one its own, up to two words away; prose does not.
        const between = last - generic.distance - generic.words.split(' ').length - end;
        return between <= 2 && (found.cue.form === 'field' || found.cue.role !== 'source')
          ? { ...hit, distance: generic.distance, words: `${found.words} … ${generic.words}` }
          : generic;
      }
      generic ??= hit;
      end -= found.length - 1;
    }
    if (tokens[end]?.broken === true) break;
  }
  return generic;
}

function longestEndingAt(labels: Spoken, tokens: readonly Token[], end: number) {
  for (let length = Math.min(longestPhrase, end + 1); length > 0; length--) {
    const words = phraseAt(tokens, end - length + 1, length);
    const cue = words === null ? undefined : pick(labels.before.get(words), labels, words);
    if (cue !== undefined && words !== null) return { cue, words, length };
  }
  return null;
}

function phraseAt(tokens: readonly Token[], start: number, length: number): string | null {
  let phrase = '';
  for (let i = start; i < start + length; i++) {
    const token = tokens[i];
    if (token === undefined || (i > start && token.broken)) return null;
    phrase += i > start ? ` ${token.word}` : token.word;
  }
  return phrase;
}

/** Words with host names, addresses and paths as one word each; "broken" marks the end of a sentence or field before it. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const cased = text
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    // "client.ip:" is a label of two words, "client.example" a host name.
    .replace(/(?<=[a-z])(?<!\bhost)\.(?=(?:[a-z]{1,12}\.)?(?:ip|addr|address|host)["']?\s{0,2}[:=])/g, ' ');
  let end = 0;
  for (const m of cased.matchAll(/[\p{L}\p{M}\p{N}'’]+(?:[.@/][\p{L}\p{N}][\p{L}\p{M}\p{N}'’.@/-]*)?/gu)) {
    const gap = cased.slice(end, m.index);
    const before = tokens.at(-1);
    if (before !== undefined) before.gap = gap;
    const broken = end > 0 && /[.!?;|]\s|[。；！？\t]|\s-\s|,\s?$/.test(gap);
    tokens.push({ word: m[0].toLowerCase(), broken, gap: '' });
    end = m.index + m[0].length;
  }
  const final = tokens.at(-1);
  if (final !== undefined) final.gap = cased.slice(end);
  // A sentence that ended right before the address leaves nothing to look at.
  if (/[.!?]\s+$/.test(cased.slice(end)) && !/\.\.\s*$/.test(cased.slice(end))) return [];
  return tokens;
}

/** The last run of an unspaced script with the separators behind it, or ''. */
function endOf(text: string): string {
  return /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/.test(text) ? text.toLowerCase().replace(/[\s　]/g, '') : '';
}

function unspacedBefore(labels: Spoken, compact: string): CueHit | null {
  const bare = withoutTail(compact);
  for (const [phrase, cue] of labels.unspacedBefore) {
    if (!bare.endsWith(phrase)) continue;
    // 送信先IPアドレス: the plain word belongs to the one right in front of it.
    const owner = cue.role === 'address' ? phraseEnding(labels, bare.slice(0, -phrase.length)) : null;
    return { cue: owner ?? cue, distance: 0, words: phrase, isLabel: true, isKey: false };
  }
  let best: CueHit | null = null;
  const tail = bare.slice(-24);
  for (const [phrase, cue] of labels.unspacedBefore) {
    const at = phrase.length < 2 ? -1 : tail.lastIndexOf(phrase);
    if (at < 0 || /[。！？]/.test(tail.slice(at))) continue;
    const distance = Math.ceil((tail.length - at - phrase.length) / 3);
    if (best === null || distance < best.distance)
      best = { cue, distance, words: phrase, isLabel: false, isKey: false };
  }
  return best;
}

function phraseEnding(labels: Spoken, text: string): Cue | null {
  for (const [phrase, cue] of labels.unspacedBefore) {
    if (cue.role !== 'address' && cue.form === 'field' && text.endsWith(phrase)) return cue;
  }
  return null;
}

/** The text up to its last letter or digit. */
function withoutTail(text: string): string {
  let end = text.length;
  while (end > 0 && !/[\p{L}\p{N}]/u.test(text[end - 1] ?? '')) end--;
  return text.slice(0, end);
}
