import { addingWord, cyclesOf, doublingWord, reachedFrom, type Graph, type Word } from './ambiguity.ts';
import { accepted, automatonOf, begin, end, type Automaton } from './automaton.ts';
import { parsePattern } from './parse-pattern.ts';

/**
 * What matching may cost at worst. `linear`: whatever the text and wherever the search starts, at most a fixed number of
 * attempts is alive at each character. `polynomial`: attempts pile up while `pump` is repeated. `exponential`: they double.
 */
export type Cost =
  | { readonly type: 'linear' }
  | { readonly type: 'polynomial' | 'exponential'; readonly pump: string }
  | { readonly type: 'undecided'; readonly why: string };

/**
 * Proves that a backtracking search with this pattern is linear, or says what stands against it.
 *
 * Counted are all runs of the automaton over all beginnings of the text, from every start, whether or not an earlier one
 * would have matched: so it holds for test, exec, replace, matchAll and split alike. Only what can no longer fail is not
 * counted, for a match that ends there is consumed. The number of runs is bounded if and only if no state has two ways back
 * to itself over one word (else exponential), and no word leads from p to p, from p to q and from q to q for two states
 * (else polynomial): Weber and Seidl, On the degree of ambiguity of finite automata, 1991.
 */
export function costOfMatching(source: string, flags: string): Cost {
  try {
    const automaton = automatonOf(parsePattern(source, flags), flags);
    const graph = graphOf(automaton);
    const components = cyclesOf(graph);
    const word = (kinds: Word) => kinds.map((kind) => automaton.examples[kind] ?? '').join('');
    for (const component of components) {
      const pump = doublingWord(graph, component);
      if (pump !== null) return { type: 'exponential', pump: word(pump) };
    }
    const reached = components.map((component) => reachedFrom(graph, component));
    for (const [index, from] of components.entries()) {
      for (const to of components) {
        if (from === to || !to.some((state) => reached[index]?.has(state))) continue;
        const pump = addingWord(graph, from, to);
        if (pump !== null) return { type: 'polynomial', pump: word(pump) };
      }
    }
    return { type: 'linear' };
  } catch (error) {
    return { type: 'undecided', why: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * States with the character before them. From some of them a match cannot fail any more whatever comes: those are passed at
 * most once at each character, since nothing goes back behind them and what they match is consumed. They stay only for
 * what can fail beside them, and are entered from state 0 alone, as though a match stood there at every such character.
 */
function graphOf(automaton: Automaton): Graph {
  const all = reachableOf(automaton);
  const certain = certainOf(all, automaton.kinds);
  const searching = [...all.keys()].filter((state) => all[state]?.searching);
  const graph = all.map(() => Array.from({ length: automaton.kinds }, (): number[] => []));
  const entries = Array.from({ length: automaton.kinds }, () => new Set<number>());
  for (const [state, { arrows }] of all.entries()) {
    for (const { kind, to } of arrows) {
      if (certain.has(to)) entries[kind]?.add(to);
      else graph[state]?.[kind]?.push(to);
    }
  }
  for (const state of searching) entries.forEach((states, kind) => graph[state]?.[kind]?.push(...states));
  return graph;
}

type Reachable = {
  /** State 0 of the automaton, after whatever character. */
  readonly searching: boolean;
  readonly arrows: ReadonlyArray<{ readonly kind: number; readonly to: number; readonly sure: boolean }>;
  /** Before which characters (or `end`) nothing can forbid to accept. */
  readonly accepts: ReadonlySet<number>;
};

function reachableOf(automaton: Automaton): readonly Reachable[] {
  const numbers = new Map<string, number>();
  const waiting: Array<{ readonly state: number; readonly before: number }> = [];
  const numberOf = (state: number, kind: number): number => {
    // Where nothing looks back, all characters before are as one.
    const before = automaton.edges[state]?.some((edge) => edge.looksBack) === true ? kind : 0;
    const key = `${state} ${before}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    if (numbers.size > mostStates) throw new Error('has too many states');
    numbers.set(key, numbers.size);
    waiting.push({ state, before });
    return numbers.size - 1;
  };
  numberOf(0, begin);
  const all: Reachable[] = [];
  for (let item = waiting[0]; item !== undefined; item = waiting[all.length]) {
    const { state, before } = item;
    const arrows: Array<Reachable['arrows'][number]> = [];
    const accepts = new Set<number>();
    for (const edge of automaton.edges[state] ?? []) {
      if (edge.to === accepted && edge.sure && edge.allows(before, end)) accepts.add(end);
      for (let kind = 0; kind < automaton.kinds; kind++) {
        if (edge.to === accepted) {
          if (edge.sure && edge.allows(before, kind)) accepts.add(kind);
        } else if (edge.takes[kind] === true && edge.allows(before, kind)) {
          arrows.push({ kind, to: numberOf(edge.to, kind), sure: edge.sure });
        }
      }
    }
    all.push({ searching: state === 0, arrows, accepts });
  }
  return all;
}

/** The greatest set of states that can, whatever comes next, accept or go on within the set. */
function certainOf(all: readonly Reachable[], kinds: number): ReadonlySet<number> {
  const certain = new Set([...all.keys()].filter((state) => all[state]?.searching === false));
  for (let before = 0; before !== certain.size;) {
    before = certain.size;
    for (const state of certain) {
      const goesOn = new Set(all[state]?.accepts);
      for (const { kind, to, sure } of all[state]?.arrows ?? []) if (sure && certain.has(to)) goesOn.add(kind);
      if (goesOn.size <= kinds) certain.delete(state);
    }
  }
  return certain;
}

const mostStates = 200_000;
