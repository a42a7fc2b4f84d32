/** Arrows by state and kind of character: `graph[state][kind]` are the states that follow, one of them maybe twice. */
export type Graph = ReadonlyArray<ReadonlyArray<readonly number[] | undefined>>;

/** A word, as kinds of characters. */
export type Word = readonly number[];

const mostVisits = 2_000_000;

/**
 * A word on which the number of runs doubles: two ways from one state back to it. Null where there is none.
 * `component` is strongly connected.
 */
export function doublingWord(graph: Graph, component: readonly number[]): Word | null {
  const [home] = component;
  if (home === undefined) return null;
  const within = new Set(component);
  const size = graph.length;
  // A pair of states, and whether the two runs have parted since they left home.
  const start = (home * size + home) * 2;
  return shortestWord([start], start + 1, function* (key) {
    const parted = key % 2;
    const one = Math.floor(key / 2 / size);
    const other = Math.floor(key / 2) % size;
    for (const [kind, targets] of (graph[one] ?? []).entries()) {
      for (const [i, to] of (targets ?? []).entries()) {
        if (!within.has(to)) continue;
        for (const [j, otherTo] of (graph[other]?.[kind] ?? []).entries()) {
          if (!within.has(otherTo)) continue;
          const parts = one === other && i !== j ? 1 : parted;
          yield [kind, (to * size + otherTo) * 2 + parts];
        }
      }
    }
  });
}

/**
 * A word that adds a run each time it is read: it leads from a state p to itself and to a state q, and from q to itself.
 * Null where there is none. `from` and `to` are different strongly connected components, p of the one, q of the other.
 */
export function addingWord(graph: Graph, from: readonly number[], to: readonly number[]): Word | null {
  const size = graph.length;
  const [first] = from;
  if (first === undefined) return null;
  const between = reachedFrom(graph, [first]);
  const pairs = productOf(graph, from, to);
  for (const together of cyclesOf(pairs.graph)) {
    const loop = new Set(together.map((index) => pairs.keys[index] ?? -1));
    const [pair] = loop;
    if (pair === undefined) continue;
    const p = Math.floor(pair / size);
    const q = pair % size;
    // The first and the third run stay in a loop that both can go; the second passes from p to q.
    const word = shortestWord([(p * size + p) * size + q], (p * size + q) * size + q, function* (key) {
      const [x, y, z] = [Math.floor(key / size / size), Math.floor(key / size) % size, key % size];
      for (const [kind, xs] of (graph[x] ?? []).entries()) {
        for (const xTo of xs ?? []) {
          for (const zTo of graph[z]?.[kind] ?? []) {
            if (!loop.has(xTo * size + zTo)) continue;
            for (const yTo of graph[y]?.[kind] ?? []) {
              if (between.has(yTo)) yield [kind, (xTo * size + yTo) * size + zTo];
            }
          }
        }
      }
    });
    if (word !== null) return word;
  }
  return null;
}

/** Pairs of a state of each component, with the arrows that both go on one character. `keys` are first * size + second. */
function productOf(graph: Graph, from: readonly number[], to: readonly number[]): { graph: Graph; keys: number[] } {
  const size = graph.length;
  const numbers = new Map<number, number>();
  for (const x of from) for (const z of to) numbers.set(x * size + z, numbers.size);
  if (numbers.size > mostVisits) throw new Error('has too many pairs of states');
  const keys = [...numbers.keys()];
  const product = keys.map((key) => {
    const [x, z] = [Math.floor(key / size), key % size];
    return (graph[x] ?? []).map((targets, kind) =>
      (targets ?? []).flatMap((xTo) => (graph[z]?.[kind] ?? []).flatMap((zTo) => numbers.get(xTo * size + zTo) ?? [])),
    );
  });
  return { graph: product, keys };
}

/** Breadth first, from any of `starts` to `goal` by at least one step; the kinds on the way, or null. */
function shortestWord(
  starts: readonly number[],
  goal: number,
  steps: (key: number) => Iterable<readonly [kind: number, key: number]>,
): Word | null {
  const cameFrom = new Map<number, { readonly key: number; readonly kind: number } | null>();
  const waiting = [...starts];
  for (const start of starts) cameFrom.set(start, null);
  for (let index = 0; index < waiting.length; index++) {
    const key = waiting[index] ?? goal;
    for (const [kind, next] of steps(key)) {
      if (next === goal) {
        const word = [kind];
        for (let step = cameFrom.get(key); step; step = cameFrom.get(step.key)) word.push(step.kind);
        return word.toReversed();
      }
      if (cameFrom.has(next)) continue;
      if (cameFrom.size > mostVisits) throw new Error('takes too long to decide');
      cameFrom.set(next, { key, kind });
      waiting.push(next);
    }
  }
  return null;
}

export function reachedFrom(graph: Graph, states: readonly number[]): ReadonlySet<number> {
  const reached = new Set(states);
  for (const state of reached)
    for (const targets of graph[state] ?? []) for (const to of targets ?? []) reached.add(to);
  return reached;
}

/** The strongly connected components that have a cycle (Tarjan), without recursion. */
export function cyclesOf(graph: Graph): number[][] {
  const targets = graph.map((arrows) => [...new Set(arrows.flatMap((some) => some ?? []))]);
  const order = new Map<number, number>();
  const low = new Map<number, number>();
  const stack: number[] = [];
  const onStack = new Set<number>();
  const found: number[][] = [];
  const path: Array<{ readonly state: number; next: number }> = [];
  const lower = (state: number, to: number | undefined) => low.set(state, Math.min(low.get(state) ?? 0, to ?? 0));
  const enter = (state: number): void => {
    low.set(state, order.size);
    order.set(state, order.size);
    stack.push(state);
    onStack.add(state);
    path.push({ state, next: 0 });
  };
  for (const root of graph.keys()) {
    if (!order.has(root)) enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { state } = top;
      const to = targets[state]?.[top.next++];
      if (to !== undefined) {
        if (!order.has(to)) enter(to);
        else if (onStack.has(to)) lower(state, order.get(to));
        continue;
      }
      path.pop();
      const parent = path.at(-1)?.state;
      if (parent !== undefined) lower(parent, low.get(state));
      if (low.get(state) !== order.get(state)) continue;
      const component = stack.splice(stack.lastIndexOf(state));
      for (const member of component) onStack.delete(member);
      if (component.length > 1 || targets[state]?.includes(state)) found.push(component);
    }
  }
  return found;
}
