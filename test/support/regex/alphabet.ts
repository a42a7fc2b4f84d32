import type { Pattern } from './parse-pattern.ts';

/** The characters of a pattern, put into as few kinds as it can tell apart: two of a kind are alike to all of its classes. */
export type Alphabet = {
  /** One character of each kind, to show. */
  readonly examples: readonly string[];
  /** Which kinds a character pattern ("[^<>]", "\d") takes. */
  readonly kindsOf: (source: string) => readonly boolean[];
};

export const wordSource = '\\w';
export const lineEndSource = '[\\n\\r\\u2028\\u2029]';

export function alphabetOf(pattern: Pattern, flags: string): Alphabet {
  const sources = [...new Set([...sourcesOf(pattern), wordSource, lineEndSource])];
  const ranges = sources.map((source) => rangesOf(source, flags));
  const limits = [...new Set([0, ...ranges.flat()])].sort((a, b) => a - b).filter((limit) => limit < universe.length);
  const kinds = new Map<string, number>();
  const examples: string[] = [];
  const members = sources.map((): boolean[] => []);
  const positions = sources.map(() => 0);
  for (const limit of limits) {
    const inside = ranges.map((range, index) => {
      let at = positions[index] ?? 0;
      while (at < range.length && (range[at] ?? 0) <= limit) at++;
      positions[index] = at;
      return at % 2 === 1;
    });
    const signature = inside.map(Number).join('');
    if (kinds.has(signature)) continue;
    kinds.set(signature, kinds.size);
    examples.push(String.fromCodePoint(universe.codePointAt(limit) ?? 0));
    inside.forEach((is, index) => members[index]?.push(is));
  }
  const bySource = new Map(sources.map((source, index) => [source, members[index] ?? []]));
  return { examples, kindsOf: (source) => bySource.get(source) ?? [] };
}

function sourcesOf(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'character':
      return [pattern.source];
    case 'sequence':
    case 'choice':
      return pattern.items.flatMap(sourcesOf);
    case 'repeat':
    case 'look':
      return sourcesOf(pattern.item);
    case 'edge':
      return [];
  }
}

/** All of the first plane, low surrogates before high ones so that they stay apart, and a sample of what lies above. */
const universe = [
  units(0, 0xd7ff), units(0xdc00, 0xdfff), units(0xd800, 0xdbff), units(0xe000, 0xffff),
  ...Array.from({ length: (0x110000 - 0x10000) / 64 }, (_, index) => String.fromCodePoint(0x10000 + index * 64)),
  ...Array.from({ length: 0xb00 }, (_, index) => String.fromCodePoint(0x1f000 + index)),
].join(''); // prettier-ignore

function units(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, index) => String.fromCharCode(from + index)).join('');
}

const known = new Map<string, readonly number[]>();

/** Where in the universe a character pattern begins and ceases to match, in turn; the engine itself is asked. */
function rangesOf(source: string, flags: string): readonly number[] {
  const own = `g${flags.replace(/[^ius]/g, '')}`;
  const key = `${own}/${source}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const ranges = [...universe.matchAll(new RegExp(`(?:${source})+`, own))].flatMap((run) => [
    run.index,
    run.index + run[0].length,
  ]);
  known.set(key, ranges);
  return ranges;
}
