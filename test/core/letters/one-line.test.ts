import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { oneLine } from '../../../src/core/letters/one-line.ts';

test.each([
  ['a\r\nBcc: b@c.example', 'a Bcc: b@c.example'],
  ['a\u0000\u001b[31mb\u0085c\u2028d', 'a [31mb c d'],
  ['\u202egnp.exe\u202c \u2066x\u2069', 'gnp.exe x'],
  ['  much   room  ', 'much room'],
  ['half \ud83d of it', 'half of it'],
  ['می\u200cخواهم', 'می\u200cخواهم'], // Persian needs its joiner
])('%j becomes %j', (text, line) => {
  expect(oneLine(text, 200)).toBe(line);
});

test('a long text is cut between characters, with a sign that it was', () => {
  expect(oneLine('😀'.repeat(300), 10)).toBe(`${'😀'.repeat(9)}…`);
});

test('the result is always one well-formed line within its length, and making it twice changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.integer({ min: 1, max: 120 }), (text, max) => {
      const line = oneLine(text, max);
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
      expect(line.isWellFormed()).toBe(true);
      expect(Array.from(line).length).toBeLessThanOrEqual(max);
      expect(oneLine(line, max)).toBe(line);
    }),
  );
});
