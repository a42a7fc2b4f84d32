import { describe, expect, it } from 'vitest';
import { passage } from '../../../src/core/judge/mail-words.ts';
import { findMatter } from '../../../src/core/judge/matter.ts';
import { loadJudgementData } from '../../../src/judging/load-judgement-data.ts';

const data = loadJudgementData();
const words = (text: string) => passage(text, data, 'en', 1000);
const none = words('');
const strength = (text: string) =>
  findMatter(
    {
      language: 'en',
      narrative: words(text),
      ownFrom: 0,
      forwardedFrom: text.length,
      evidence: none,
      boilerplate: none,
      shown: none,
      identity: [],
    },
    null,
  ).strength;

describe('a technical matter that no phrase names', () => {
  it('is one where a sentence tells of the misuse of something workaday', () => {
    expect(strength('A swarm of bots grabs the lessons of our booking page every midnight.')).toBe(0.6);
  });

  it.each([
    ['somebody is spoken of', 'A bot grabs the lessons of our booking page. My sister waits for it.'],
    ['nothing is misused', 'The booking page shows the lessons of every teacher.'],
    ['the words stand in different sentences', 'It is a bot. The booking page shows the lessons.'],
  ])('is none where %s', (_, text) => {
    expect(strength(text)).toBe(0);
  });
});
