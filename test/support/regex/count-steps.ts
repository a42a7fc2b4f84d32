import { parsePattern, type Pattern } from './parse-pattern.ts';

/**
 * The steps that a backtracking engine takes to replace all matches in a text: a small engine of its own (ECMA-262, section
 * 22.2.2), as the measure for what `costOfMatching` claims. Stops at `most` steps.
 * @param lazy all repetitions take as little as they can, instead of as much
 */
export function countSteps(source: string, text: string, { lazy, most }: { lazy: boolean; most: number }): number {
  const run: Run = { text, lazy, most, steps: 0 };
  const pattern = parsePattern(source, '');
  for (let start = 0; start <= text.length && run.steps < most;) {
    const ends = matches(run, pattern, start, (at) => at);
    start = ends === null || ends === start ? start + 1 : ends;
  }
  return run.steps;
}

type Run = { readonly text: string; readonly lazy: boolean; readonly most: number; steps: number };

/** What follows a place in the pattern: the end of the whole match, or null. */
type Next = (at: number) => number | null;

function matches(run: Run, pattern: Pattern, at: number, next: Next): number | null {
  if (run.steps++ > run.most) return null;
  switch (pattern.type) {
    case 'character':
      return at < run.text.length && isMatched(pattern.source, run.text[at] ?? '') ? next(at + 1) : null;
    case 'sequence':
      return pattern.items.reduceRight<Next>((after, item) => (from) => matches(run, item, from, after), next)(at);
    case 'choice':
      for (const item of pattern.items) {
        const ends = matches(run, item, at, next);
        if (ends !== null) return ends;
      }
      return null;
    case 'repeat':
      return repeated(run, pattern, { at, round: 0 }, next);
    case 'edge':
      return isEdge(run.text, pattern.kind, at) ? next(at) : null;
    case 'look': {
      const from = pattern.ahead ? at : at - 1;
      const seen = from >= 0 && matches(run, pattern.item, from, (to) => (pattern.ahead || to === at ? to : null)) !== null;
      return seen === pattern.negated ? null : next(at);
    }
  } // prettier-ignore
}

function repeated(
  run: Run,
  pattern: Pattern & { readonly type: 'repeat' },
  { at, round }: { readonly at: number; readonly round: number },
  next: Next,
): number | null {
  if (run.steps++ > run.most) return null;
  const { item, min, max } = pattern;
  const again = () =>
    round === max
      ? null
      : matches(run, item, at, (to) =>
          to === at && round >= min ? null : repeated(run, pattern, { at: to, round: round + 1 }, next),
        );
  if (round < min) return again();
  return run.lazy ? (next(at) ?? again()) : (again() ?? next(at));
}

function isMatched(source: string, character: string): boolean {
  return new RegExp(`^(?:${source})$`, 's').test(character);
}

function isEdge(text: string, kind: '^' | '$' | 'b' | 'B', at: number): boolean {
  if (kind === '^') return at === 0;
  if (kind === '$') return at === text.length;
  const isWord = (index: number) => /\w/.test(text[index] ?? '');
  return (isWord(at - 1) !== isWord(at)) === (kind === 'b');
}
