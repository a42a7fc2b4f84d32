import { describe, expect, it } from 'vitest';
import { bestAnswer, publicWords, type PublicAnswer } from '../../src/core/public-tor.ts';

const exit = { kind: 'exit', firstSeenMs: 1000, lastSeenMs: 2000, fingerprint: null, source: 'bulk' } as const;
const notSeen = { kind: 'not-seen', coveredFromMs: 0, coveredUntilMs: 5000 } as const;
const unknown = { kind: 'unknown', because: 'bulk: nothing collected then' } as const;

describe('several sources about one address', () => {
  it.each<[string, readonly PublicAnswer[], PublicAnswer]>([
    ['one that saw the exit outweighs those that did not', [notSeen, unknown, exit], exit],
    ['the source that names the relay goes first', [exit, { ...exit, fingerprint: 'A'.repeat(40), lastSeenMs: 1500 }], { ...exit, fingerprint: 'A'.repeat(40), lastSeenMs: 1500 }], // prettier-ignore
    ['then the one that saw it longest', [{ ...exit, firstSeenMs: 1500 }, exit], exit],
    ['not seen outweighs unknown', [unknown, notSeen], notSeen],
    ['each reason for knowing nothing is said once', [unknown, unknown, { kind: 'unknown', because: 'other' }], { kind: 'unknown', because: 'bulk: nothing collected then; other' }], // prettier-ignore
    ['without a source nothing is known', [], { kind: 'unknown', because: 'no public Tor data are collected' }],
  ])('%s', (_, answers, expected) => {
    expect(bestAnswer(answers)).toEqual(expected);
  });
});

it.each<[PublicAnswer, string]>([
  [exit, 'seen as an exit from @1000 to @2000 (bulk)'],
  [notSeen, 'not seen as an exit between @0 and @5000'],
  [unknown, 'not known: bulk: nothing collected then'],
])('an answer is said in a few words: %j', (answer, words) => {
  expect(publicWords(answer, (at) => `@${at}`)).toBe(words);
});
