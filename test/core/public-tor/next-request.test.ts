import { describe, expect, it } from 'vitest';
import { isDue, pauseAfter, politeMs } from '../../../src/core/public-tor/next-request.ts';

const hourMs = 3_600_000;
const now = Date.UTC(2026, 9, 5);

describe('when a source is asked', () => {
  it.each([
    ['when its time has come', now, true],
    ['not before', now + 1, false],
    ['not before a long pause is over', now + 24 * hourMs, false],
    ['at once where a clock that ran ahead wrote the time', now + 49 * hourMs, true],
  ])('%s', (_, nextAt, due) => {
    expect(isDue(nextAt, hourMs, now)).toBe(due);
  });
});

describe('the pause after a request', () => {
  const asked = { isWell: false, failures: 0, everyMs: hourMs, retryAfterMs: 0 };
  it.each([
    ['is as configured after a good one', { isWell: true }, hourMs],
    ['is polite after the first failure', {}, politeMs],
    ['doubles with each failure', { failures: 2 }, 4 * politeMs],
    ['grows no longer than six hours', { failures: 40 }, 6 * hourMs],
    ['is what the server asks for, where that is longer', { retryAfterMs: 9 * hourMs }, 9 * hourMs],
  ])('%s', (_, change, expected) => {
    expect(pauseAfter({ ...asked, ...change }, 0)).toBe(expected);
  });

  it('is a little longer by chance, so that not all desks ask at once', () => {
    expect(pauseAfter({ ...asked, isWell: true }, 1)).toBe(hourMs * 1.05);
    expect(pauseAfter(asked, 1)).toBe(politeMs * 1.25);
  });
});
