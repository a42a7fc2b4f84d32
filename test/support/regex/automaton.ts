import { alphabetOf, lineEndSource, wordSource, type Alphabet } from './alphabet.ts';
import type { Pattern } from './parse-pattern.ts';

/**
 * The backtracking matcher as an automaton over kinds of characters. A state is a character just taken, and every way from
 * one to the next is an edge of its own, so that two ways over the same text are two runs: runs are what matching costs.
 * State 0 stands before the match: it takes any character, as a search does that tries every start.
 */
export type Automaton = {
  readonly kinds: number;
  readonly examples: readonly string[];
  readonly edges: ReadonlyArray<readonly Edge[]>;
};

/** `to` is a state, or `accepted`. */
export type Edge = {
  readonly to: number;
  /** The kinds of the character that `to` takes; for `accepted` none. */
  readonly takes: readonly boolean[];
  /** May this edge be gone between these two characters? `begin` and `end` stand for no character. */
  readonly allows: (before: number, after: number) => boolean;
  /** Whether `allows` depends on the character before. */
  readonly looksBack: boolean;
  /** False where something else may forbid the edge that is not worked out here: a longer look ahead or behind. */
  readonly sure: boolean;
};

export const accepted = -1;
export const begin = -2;
export const end = -3;

const mostStates = 60_000;
const mostEdges = 400_000;

/** @throws Error where the pattern grows over all bounds, or looks behind without a bound */
export function automatonOf(pattern: Pattern, flags: string): Automaton {
  const alphabet = alphabetOf(pattern, flags);
  const net: Net = { alphabet, flags, nodes: [], loops: 0 };
  const any = alphabet.examples.map(() => true);
  const first = build(net, pattern, node(net, { type: 'accepted' }));
  const characters: Array<{ takes: readonly boolean[]; next: number }> = [{ takes: any, next: first }];
  const stateOf = new Map<number, number>();
  net.nodes.forEach((item, index) => {
    if (item.type !== 'character') return;
    stateOf.set(index, characters.length);
    characters.push({ takes: item.takes, next: item.next });
  });
  if (characters.length > mostStates) throw new Error(`has ${characters.length} states`);
  let left = mostEdges;
  const edges = characters.map(({ next }, state) => {
    const found: Edge[] = state === 0 ? [{ to: 0, takes: any, allows: () => true, looksBack: false, sure: true }] : [];
    walk(net, next, { conditions: [], sure: true, opened: new Set() }, (target, way) => {
      if (left-- === 0) throw new Error('has too many ways');
      const { conditions } = way;
      found.push({
        to: target === null ? accepted : (stateOf.get(target) ?? 0),
        takes: target === null ? [] : takesOf(net, target),
        allows: (before, after) => conditions.every((condition) => condition.holds(before, after)),
        looksBack: conditions.some((condition) => condition.looksBack),
        sure: way.sure,
      });
    });
    return found;
  });
  return { kinds: alphabet.examples.length, examples: alphabet.examples, edges };
}

type Condition = { readonly holds: (before: number, after: number) => boolean; readonly looksBack: boolean };
type Node =
  | { readonly type: 'accepted' | 'nothing' }
  | { readonly type: 'character'; readonly takes: readonly boolean[]; readonly next: number }
  | { readonly type: 'split'; readonly next: readonly number[] }
  /** A way on, with what must hold for it; null where that is not worked out. */
  | { readonly type: 'condition'; readonly condition: Condition | null; readonly next: number }
  | { readonly type: 'open' | 'close'; readonly loop: number; readonly next: number }
  | { type: 'loop'; readonly loop: number; body: number; readonly next: number };
type Net = { readonly alphabet: Alphabet; readonly flags: string; readonly nodes: Node[]; loops: number };

function node(net: Net, item: Node): number {
  return net.nodes.push(item) - 1;
}

function takesOf(net: Net, index: number): readonly boolean[] {
  const item = net.nodes[index];
  return item?.type === 'character' ? item.takes : [];
}

/** The node at which `pattern` begins, where `next` follows it. */
function build(net: Net, pattern: Pattern, next: number): number {
  if (net.nodes.length > 4 * mostStates) throw new Error('has too many nodes');
  switch (pattern.type) {
    case 'character':
      return node(net, { type: 'character', takes: net.alphabet.kindsOf(pattern.source), next });
    case 'sequence':
      return pattern.items.reduceRight((after, item) => build(net, item, after), next);
    case 'choice':
      return node(net, { type: 'split', next: pattern.items.map((item) => build(net, item, next)) });
    case 'repeat':
      return repeat(net, pattern, next);
    case 'edge':
      return node(net, { type: 'condition', condition: edgeCondition(net, pattern.kind), next });
    case 'look':
      return look(net, pattern, next);
  }
}

function repeat(net: Net, pattern: Pattern & { readonly type: 'repeat' }, next: number): number {
  const { item, min, max } = pattern;
  let start = next;
  if (max === Infinity) start = loop(net, item, next, min > 0);
  // Optional copies stand one in the other, so that each number of copies is one way and not many.
  else for (let i = min; i < max; i++) start = node(net, { type: 'split', next: [build(net, item, start), next] });
  for (let i = max === Infinity ? 1 : 0; i < min; i++) start = build(net, item, start);
  return start;
}

/** Between "open" and "close" lies one round; a round that took no character is refused (RepeatMatcher, step 2.b). */
function loop(net: Net, item: Pattern, next: number, atLeastOnce: boolean): number {
  const loop = net.loops++;
  const again: Node & { type: 'loop' } = { type: 'loop', loop, body: -1, next };
  const back = node(net, again);
  again.body = build(net, item, node(net, { type: 'close', loop, next: back }));
  if (!atLeastOnce) return node(net, { type: 'open', loop, next: back });
  // The obligatory first round may be empty.
  return node(net, { type: 'open', loop, next: again.body });
}

function edgeCondition(net: Net, kind: '^' | '$' | 'b' | 'B'): Condition {
  const word = net.alphabet.kindsOf(wordSource);
  const lineEnd = net.alphabet.kindsOf(lineEndSource);
  const lines = net.flags.includes('m');
  const isWord = (character: number) => character >= 0 && word[character] === true;
  const isLineEnd = (character: number) => lines && character >= 0 && lineEnd[character] === true;
  switch (kind) {
    case '^':
      return { holds: (before) => before === begin || isLineEnd(before), looksBack: true };
    case '$':
      return { holds: (_, after) => after === end || isLineEnd(after), looksBack: false };
    case 'b':
      return { holds: (before, after) => isWord(before) !== isWord(after), looksBack: true };
    case 'B':
      return { holds: (before, after) => isWord(before) === isWord(after), looksBack: true };
  }
}

/**
 * A look at one character is a condition. A longer look ahead is gone as a side way that ends in nothing, because it costs
 * what it reads; a longer look behind must be bounded. Both may forbid the edge.
 */
function look(net: Net, pattern: Pattern & { readonly type: 'look' }, next: number): number {
  const { ahead, negated, item } = pattern;
  const characters = oneCharacter(item, ahead ? '$' : '^');
  if (characters !== null && !(characters.edge && net.flags.includes('m'))) {
    const sets = characters.sources.map((source) => net.alphabet.kindsOf(source));
    const within = (character: number) =>
      character < 0 ? characters.edge : sets.some((set) => set[character] === true);
    const holds = (before: number, after: number) => within(ahead ? after : before) !== negated;
    return node(net, { type: 'condition', condition: { holds, looksBack: !ahead }, next });
  }
  const on = node(net, { type: 'condition', condition: null, next });
  if (!ahead) {
    if (!isBounded(item)) throw new Error('looks behind without a bound');
    return on;
  }
  const aside = build(net, item, node(net, { type: 'nothing' }));
  return node(net, { type: 'split', next: [node(net, { type: 'condition', condition: null, next: aside }), on] });
}

/** The characters of a look that is at one of them, or at the edge of the text; null for a longer look. */
function oneCharacter(pattern: Pattern, edge: '^' | '$'): { sources: string[]; edge: boolean } | null {
  switch (pattern.type) {
    case 'character':
      return { sources: [pattern.source], edge: false };
    case 'edge':
      return pattern.kind === edge ? { sources: [], edge: true } : null;
    case 'sequence': {
      const [only, ...more] = pattern.items;
      return only === undefined || more.length > 0 ? null : oneCharacter(only, edge);
    }
    case 'choice': {
      const all = pattern.items.map((item) => oneCharacter(item, edge));
      if (!all.every((one) => one !== null)) return null;
      return { sources: all.flatMap((one) => one.sources), edge: all.some((one) => one.edge) };
    }
    case 'repeat':
    case 'look':
      return null;
  }
}

function isBounded(pattern: Pattern): boolean {
  switch (pattern.type) {
    case 'character':
    case 'edge':
      return true;
    case 'sequence':
    case 'choice':
      return pattern.items.every(isBounded);
    case 'repeat':
      return pattern.max < Infinity && isBounded(pattern.item);
    case 'look':
      return isBounded(pattern.item);
  }
}

type Way = {
  readonly conditions: readonly Condition[];
  readonly sure: boolean;
  /** Loops with a round that was begun and has taken no character yet. */
  readonly opened: ReadonlySet<number>;
};

/** Every way from a node to the next characters, or to acceptance (null), without taking a character. */
function walk(net: Net, from: number, way: Way, found: (character: number | null, way: Way) => void): void {
  const item = net.nodes[from];
  if (item === undefined) return;
  switch (item.type) {
    case 'nothing':
      return;
    case 'accepted':
      return found(null, way);
    case 'character':
      return found(from, way);
    case 'split':
      for (const next of item.next) walk(net, next, way, found);
      return;
    case 'condition': {
      const { condition } = item;
      const conditions = condition === null ? way.conditions : [...way.conditions, condition];
      return walk(net, item.next, { ...way, conditions, sure: way.sure && condition !== null }, found);
    }
    case 'open': {
      const opened = new Set(way.opened);
      opened.delete(item.loop);
      return walk(net, item.next, { ...way, opened }, found);
    }
    case 'close':
      if (!way.opened.has(item.loop)) walk(net, item.next, way, found);
      return;
    case 'loop':
      walk(net, item.body, { ...way, opened: new Set([...way.opened, item.loop]) }, found);
      return walk(net, item.next, way, found);
  }
}
