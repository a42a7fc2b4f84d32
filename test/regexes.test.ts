import * as fc from 'fast-check';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { costOfMatching } from './support/regex/backtracking.ts';
import { countSteps } from './support/regex/count-steps.ts';
import { regexSites } from './support/regex/collect-regexes.ts';

/**
 * Patterns that are not linear, and why that does no harm: the bound of what they are given. Better none.
 * Example: 'src/mail/address.ts /a+$/': 'a header of at most 78 characters'.
 */
const harmless: Readonly<Record<string, string>> = {};

const sites = regexSites();
const literals = sites.flatMap(({ place, source, flags }) => (source === null ? [] : [{ place, source, flags }]));

describe('the time of every pattern grows no faster than the text', () => {
  test('of the literals in the sources', () => {
    const found = literals.flatMap(({ place, source, flags }) => {
      const cost = costOfMatching(source, flags);
      const key = `${place.replace(/:\d+$/, '')} /${source}/${flags}`;
      return cost.type === 'linear' ? [] : [{ key, place, cost }];
    });
    expect(found.filter(({ key }) => !(key in harmless))).toEqual([]);
    expect(Object.keys(harmless).filter((key) => !found.some((one) => one.key === key))).toEqual([]);
    expect(literals.length).toBeGreaterThan(500);
  });

  describe('of those that are built while the program loads its data, and none is built later', () => {
    const built: Array<{ readonly source: string; readonly flags: string; readonly place: string }> = [];
    beforeAll(async () => {
      vi.resetModules();
      vi.stubGlobal('RegExp', recorder(built));
      await import('../src/core/reading/line-shape.ts');
      const { loadJudgementData } = await import('../src/judging/load-judgement-data.ts');
      loadJudgementData();
      vi.unstubAllGlobals();
      vi.resetModules();
    }, 60_000);

    test.each(sites.filter((site) => site.source === null).map((site) => site.place))('%s', (place) => {
      const here = built.filter((one) => one.place === place);
      expect(here).not.toEqual([]);
      const costs = here.map(({ source, flags }) => ({ source, cost: costOfMatching(source, flags) }));
      expect(costs.filter(({ cost }) => cost.type !== 'linear')).toEqual([]);
    });
  });
});

describe('the proof', () => {
  test.each([
    [/\s+$/, 'polynomial'], [/a+b/, 'polynomial'], [/^a*a*$/, 'polynomial'], [/foo.*bar/, 'polynomial'], [/\[[^\]]*\]/, 'polynomial'],
    [/^\s*x?\s*$/, 'polynomial'], [/\d+\.\d+/, 'polynomial'], [/a(?=.*b)/, 'polynomial'], [/\w+@\w+/u, 'polynomial'],
    [/^(?:a*)*$/, 'exponential'], [/^(?:a|a)*$/, 'exponential'], [/^(?:a+)+b/, 'exponential'], [/^(?:\w+\s?)*$/, 'exponential'],
    [/(a)\1/, 'undecided'], [/(?<=a+)b/, 'undecided'],
  ] as const)('finds that %s is %s', (pattern, type) => {
    expect(costOfMatching(pattern.source, pattern.flags).type).toBe(type);
  }); // prettier-ignore

  test.each([
    /\s+/g, /(?<!\s)\s+$/, /^a+b/, /^\s*x/, /"[^"]*"/, /\[[^[\]]*\]/, /\ba+b/, /a{1,40}b/, /^.*$/gm, /^[ \t]+x/m, /foo[^]*/, /^(?:ab|c)*$/,
    /a+(?:\s*=)?/g, /\x1b\([BJ](?=\x1b)/g, /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/,
  ])('finds that %s is linear', (pattern) => {
    expect(costOfMatching(pattern.source, pattern.flags)).toEqual({ type: 'linear' });
  }); // prettier-ignore

  test('holds for the steps that a matcher counts, for any pattern over any repeated text', () => {
    const words = fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 3 });
    fc.assert(
      fc.property(anyPattern, fc.tuple(words, words, words), fc.boolean(), (source, [head, pump, tail], lazy) => {
        fc.pre(costOfMatching(source, '').type === 'linear');
        const steps = (times: number) => countSteps(source, head + pump.repeat(times) + tail, { lazy, most: 200_000 });
        // twice the text takes about twice the steps; with a square it would be four times
        expect(steps(120)).toBeLessThan(2.8 * steps(60) + 50);
      }),
      { numRuns: 2000 },
    );
  }, 120_000);
});

/** Patterns over "a", "b" and " ", with all that makes patterns slow. */
const { anyPattern } = fc.letrec<{ anyPattern: string; part: string }>((tie) => ({
  anyPattern: fc.array(tie('part'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
  part: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('a', 'b', ' ', '[ab]', '[^a]', '.', '\\w', '\\s', '^', '$', '\\b', '(?=a)', '(?!b)', '(?<!a)', '(?<=b)', '(?!a+b)', '(?=a* )'),
    fc.tuple(fc.constantFrom('a', 'b', '[ab]', '.', '\\s'), fc.constantFrom('*', '+', '?', '{0,3}', '{2}', '{2,}')).map(([one, count]) => one + count),
    fc.tuple(tie('anyPattern'), fc.constantFrom('', '*', '+', '?', '{0,2}')).map(([inner, count]) => `(?:${inner})${count}`),
    fc.tuple(tie('anyPattern'), tie('anyPattern')).map(([one, other]) => `(?:${one}|${other})`),
  ), // prettier-ignore
}));

/** The class of patterns, which notes what it makes and for which line of the sources. */
function recorder(built: Array<{ source: string; flags: string; place: string }>): RegExpConstructor {
  return new Proxy(RegExp, {
    construct: (target, [source, flags]: [string | RegExp, string?]) => {
      const pattern = new target(source, flags);
      const place = /src\/[\w/-]+\.ts:\d+/.exec(new Error('here').stack ?? '')?.[0] ?? '';
      built.push({ source: pattern.source, flags: pattern.flags, place });
      return pattern;
    },
  });
}
