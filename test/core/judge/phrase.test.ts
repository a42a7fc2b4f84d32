import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldWord, tokenize } from '../../../src/core/judge/fold-text.ts';
import { findPhrases, indexPhrases, type PhraseIndex } from '../../../src/core/judge/phrase-index.ts';
import { overlapping } from '../../../src/core/judge/mail-words.ts';
import { parsePhrase } from '../../../src/core/judge/phrase.ts';

function indexOf(pattern: string, sets: Record<string, string[]> = {}): PhraseIndex {
  const entry = { id: 'en.x', concept: 'x', language: 'en', foreign: true };
  const { index, problems } = indexPhrases([{ entry, path: 'en.yaml', lines: [pattern], sets }]);
  expect(problems).toEqual([]);
  return index;
}

/** What a pattern finds in a text, as written. */
function found(pattern: string, text: string, sets: Record<string, string[]> = {}): string[] {
  return findPhrases(indexOf(pattern, sets), tokenize(text), null).map((hit) => text.slice(hit.start, hit.end));
}

describe('phrases of the language data', () => {
  it.each([
    ['threat*', 'THREATENING letters', true],
    ['*drohung', 'eine Morddrohung', true],
    ['kill (you|him)', 'I will kill him', true],
    ['kill [the] server', 'kill server', true],
    ['kill .. you', 'kill every one of you', true],
    ['kill .. you', 'kill every single last one of you', false],
    ['site ... down', 'site has on 2026-10-05 14:31 by 198.51.100.7 and for hours gone down', true],
    ['my <kin>', 'my daughter', true],
    ['(a|b c) d', 'b c d', true],
    ['kill you', 'They kill. You laugh', false],
    ['杀了你', '他说要杀了你。', true],
    ['网站 .. (瘫痪|打不开)', '网站从昨天晚上起打不开', true],
    ['网站 .. 打不开', '网站上写着我们这里的门从昨天晚上起打不开', false],
    ['죽이*', '널 죽일 거야', true],
    ['بيت*', 'وبيتي', true],
    ['tehdit', 'TEHDİT', true],
    ['zabiju', 'ZABIJU', true],
    ["l'adresse", 'c’est l’adresse', true],
  ])('%s in "%s": %s', (pattern, text, expected) => {
    expect(found(pattern, text, { kin: ['son', 'daughter'] }).length > 0).toBe(expected);
  });

  it.each([
    ['the longest choice', 'kill you [all]', 'kill you all', ['kill you all']],
    ['the shortest gap', 'kill ... you', 'kill me or you and you', ['kill me or you']],
    ['each start of its own', 'kill you', 'kill you, kill you', ['kill you', 'kill you']],
    ['one reading of the same start', 'kill (you|y*)', 'kill you', ['kill you']],
  ])('take %s', (_, pattern, text, expected) => {
    expect(found(pattern, text)).toEqual(expected);
  });

  it.each(['(a|b', '<nothing> x', '.. a', 'a ..', ''])('refuse %s with a reason', (pattern) => {
    expect(typeof parsePhrase(pattern, {})).toBe('string');
  });

  it('compare words without case and diacritics', () => {
    expect(foldWord('MÖRDER')).toBe(foldWord('morder'));
    expect(foldWord('Straße')).toBe('strasse');
    expect([foldWord('٤٤٥'), foldWord('۳۳۸۹')]).toEqual(['445', '3389']);
  });

  it('keep the places of words in the original text, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        let last = 0;
        for (const token of tokenize(text)) {
          expect(token.start).toBeGreaterThanOrEqual(last);
          expect(token.end).toBeLessThanOrEqual(text.length);
          last = token.end;
        }
      }),
    );
  });

  it('take time in proportion to the text, also on a text made of their first words', () => {
    const index = indexOf('kill .. ... (you|him) ... now');
    const tokens = tokenize('kill '.repeat(40_000));
    const start = performance.now();
    expect(findPhrases(index, tokens, null)).toEqual([]);
    // Some 30 comparisons a start; a phrase whose work grew with the text would need minutes.
    expect(performance.now() - start).toBeLessThan(4000);
  });
});

describe('a phrase of another language', () => {
  it('counts by two words that stand in the text, not by two of its notation', () => {
    const index = indexOf('det [sgt]');
    expect(findPhrases(index, tokenize('Jag vet det inte'), 'sv')).toEqual([]);
    expect(findPhrases(index, tokenize('Det Sgt Miller'), 'sv')).toHaveLength(1);
    expect(findPhrases(index, tokenize('Det Miller'), null)).toHaveLength(1);
  });
});

describe('a sentence', () => {
  it.each([
    ['guess ... password', 'They guess from 198.51.100.7 since 5.10.2026 at 23:14 my password', true],
    ['guess ... password', 'They guess at shop.example.org the password', true],
    ['portal* ... tregt', 'Portalen er siden søndag kl. 10 så tregt', true],
    ['versucht ... passwort', 'versucht am 5. oktober das passwort', true],
    ['guess ... password', 'They guess. The password is long', false],
    ['guess ... password', 'They guess on port 22. My password is long', false],
    ['550 5*', '550 5.1.1 user unknown', true],
  ])('%s in "%s": %s, for a date, a time, an address and a host name end none', (pattern, text, isFound) => {
    expect(found(pattern, text).length > 0).toBe(isFound);
  });
});

describe('spans that touch', () => {
  it('are told as by looking at each of them', () => {
    const span = fc.tuple(fc.nat(60), fc.nat(12)).map(([start, length]) => ({ start, end: start + length + 1 }));
    fc.assert(
      fc.property(fc.array(span), span, (spans, one) => {
        expect(overlapping(spans)(one)).toBe(spans.some((s) => s.start < one.end && one.start < s.end));
      }),
    );
  });
});
