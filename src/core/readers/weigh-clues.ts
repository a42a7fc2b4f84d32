import { isSpecial } from '../addresses/ip.ts';
import type { Clue } from './clues.ts';

export type RoleOf = { readonly ip: string; readonly role: 'reported' | 'mentioned'; readonly because: string };

export type Weighing = {
  readonly clues: readonly Clue[];
  /** Addresses that a structured report names as its source; where there are any, others need a reason of their own. */
  readonly structured: ReadonlyMap<string, string>;
  readonly isOurs: (ip: string) => boolean;
  /** Does the mail's own transport header show the address: one of the reporter's relays? */
  readonly isRelay: (ip: string) => boolean;
  /** The mail answers one of our letters: what stands in the old subject and in our words is not accused anew. */
  readonly isAnswer: boolean;
  /** A node of ours is named by its host name: then a lone foreign address is the other side. */
  readonly namesNode: boolean;
};

type Sum = {
  readonly ip: string;
  readonly ours: boolean;
  best: number;
  worst: number;
  bestClue: Clue;
  worstClue: Clue;
  count: number;
  inSubject: boolean;
  clears: boolean;
  readonly lists: Set<number>;
};

/**
 * Decides for every address whether the mail accuses it, in the order of field.md §4: a structured report's own field, then the
 * inventory (an address of ours is almost surely the subject), then labels, positions and prose; with nothing else the
 * plainest address. Order of the result: first seen first.
 */
export function weighClues(w: Weighing): readonly RoleOf[] {
  const sums = sumsOf(w);
  const reported = new Map<string, string>();
  for (const [ip, because] of w.structured) reported.set(ip, because);
  for (const sum of sums.values()) if (sum.ours && !isCleared(sum)) reported.set(sum.ip, reasonFor(sum));
  for (const sum of foreignAccused([...sums.values()], reported, w)) reported.set(sum.ip, reasonFor(sum));
  const only = reported.size === 0 && !w.namesNode && !w.isAnswer ? onlyOne(sums) : null;
  if (only !== null) reported.set(only.ip, 'the only address in the mail');
  const known = w.isAnswer ? oldIn(w.clues) : new Set<string>();
  const ips = new Set([...sums.keys(), ...reported.keys()]);
  return [...ips].map((ip) => {
    const because = reported.get(ip);
    if (known.has(ip)) return { ip, role: 'mentioned', because: 'stands in our own letter or the old subject' };
    if (because !== undefined) return { ip, role: 'reported', because };
    return { ip, role: 'mentioned', because: sums.get(ip)?.worstClue.because ?? '' };
  });
}

/** Whatever word stands beside it: a report that names a single address accuses that one, unless it says that it does not. */
function onlyOne(sums: ReadonlyMap<string, Sum>): Sum | null {
  const open = [...sums.values()].filter((s) => !isSpecial(s.ip));
  const only = open[0];
  if (only === undefined || open.length > 1) return null;
  const because = only.worstClue.because;
  return only.clears || aside.test(because) ? null : only;
}

/** Addresses of the letter that is answered: in its quoted text, or in the subject that came back. */
function oldIn(clues: readonly Clue[]): Set<string> {
  return new Set(clues.filter((c) => c.unit.isOurLetter || c.unit.place === 'subject').map((c) => c.ip));
}

function sumsOf(w: Weighing): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const clue of balanced(w.clues, w.isOurs)) {
    const sum = sums.get(clue.ip);
    if (sum === undefined) {
      const inSubject = clue.unit.place === 'subject';
      sums.set(clue.ip, {
        ip: clue.ip,
        ours: w.isOurs(clue.ip),
        best: clue.weight,
        worst: clue.weight,
        bestClue: clue,
        worstClue: clue,
        count: 1,
        inSubject,
        clears: clue.clears,
        lists: new Set([clue.list]),
      });
      continue;
    }
    sum.count++;
    sum.inSubject ||= clue.unit.place === 'subject';
    sum.clears ||= clue.clears;
    sum.lists.add(clue.list);
    if (clue.weight > sum.best) [sum.best, sum.bestClue] = [clue.weight, clue];
    if (clue.weight < sum.worst) [sum.worst, sum.worstClue] = [clue.weight, clue];
  }
  return sums;
}

/**
 * Alternatives that disagree: where one body names addresses of ours and the other only strangers, the other is a left-over
 * from somebody else's report and says nothing, neither about roles nor about times.
 */
export function staleAlternative(clues: readonly Clue[], isOurs: (ip: string) => boolean): 'text' | 'html' | null {
  const own = (place: string) => clues.filter((c) => c.unit.depth === 0 && c.unit.place === place);
  const [text, html] = [own('text'), own('html')];
  if (text.length === 0 || html.length === 0) return null;
  const [inText, inHtml] = [text, html].map((part) => part.some((c) => isOurs(c.ip)));
  if (inText === inHtml) return null;
  return inHtml === true ? 'text' : 'html';
}

function balanced(clues: readonly Clue[], isOurs: (ip: string) => boolean): readonly Clue[] {
  const stale = staleAlternative(clues, isOurs);
  if (stale === null) return clues;
  const live = new Set(clues.filter((c) => c.unit.place !== stale).map((c) => c.ip));
  return clues.map((c) =>
    c.unit.place === stale && c.unit.depth === 0 && !live.has(c.ip)
      ? { ...c, weight: -3, because: 'stands only in the alternative that is about somebody else' }
      : c,
  );
}

/** An address of ours is cleared only by words that say so, never by standing on the attacked side. */
function isCleared(sum: Sum): boolean {
  return sum.clears && sum.best < 2;
}

function foreignAccused(sums: readonly Sum[], reported: ReadonlyMap<string, string>, w: Weighing): readonly Sum[] {
  const open = sums.filter((s) => !reported.has(s.ip) && !isSpecial(s.ip));
  const plausible = open.filter(
    (s) => s.best + s.worst / 2 > 0 && s.best >= -s.worst && (s.best >= 2 || !w.isRelay(s.ip)),
  );
  if (reported.size > 0) {
    const lists = new Set(sums.filter((s) => reported.has(s.ip)).flatMap((s) => [...s.lists]));
    // Beside an accused address others need words as strong as its own, or a place in the same list with a word that accuses.
    const isStructured = w.structured.size > 0;
    const strongest = Math.max(...sums.filter((s) => reported.has(s.ip)).map((s) => s.best));
    const needed = Math.max(2.5, Math.min(4, strongest));
    return open.filter(
      (s) =>
        s.worst > -2 &&
        !w.isRelay(s.ip) &&
        (shares(s, lists) ? s.best >= 0 && !isStructured : s.best >= needed && !isStructured),
    );
  }
  const strong = plausible.filter((s) => s.best >= 3);
  if (strong.length > 0) return strong;
  const likely = plausible.filter((s) => s.best >= 1.5);
  if (likely.length > 0) return likely;
  const neutral = open.filter((s) => s.worst >= 0 && !w.isRelay(s.ip));
  const named = neutral.filter((s) => s.inSubject);
  if (named.length > 0) return named;
  const first = neutral[0];
  return first === undefined ? leastUnlikely(open, w) : neutral.filter((s) => s === first || shares(s, first.lists));
}

/** Weak words speak against each ("my", "our"): the one that they speak least against, where the others stand clearly aside. */
function leastUnlikely(open: readonly Sum[], { isRelay, namesNode, isAnswer }: Weighing): readonly Sum[] {
  if (namesNode || isAnswer) return [];
  const left = open.filter((s) => !s.clears && !isRelay(s.ip) && !aside.test(s.worstClue.because));
  const [best, second] = left.toSorted((a, b) => b.best + b.worst - (a.best + a.worst));
  if (best === undefined || second === undefined || best.best + best.worst < -4) return [];
  return second.best + second.worst <= best.best + best.worst - 1 ? [best] : [];
}

const aside = /hidden|signature|Received/;

function shares(sum: Sum, lists: ReadonlySet<number>): boolean {
  for (const list of sum.lists) if (lists.has(list)) return true;
  return false;
}

function reasonFor(sum: Sum): string {
  if (sum.best > 0) return sum.bestClue.because;
  return sum.inSubject
    ? 'stands in the subject'
    : sum.ours
      ? 'an address of ours in the text'
      : 'the address that the text names';
}
