import { describe, expect, it } from 'vitest';
import { torThen, torThenWords, type TorSighting } from '../../../src/core/hosts/tor-then.ts';
import { dayMs, hourMs, t0 } from '../../support/a-case.ts';

const saw = (at: number, since: number | null, running = since !== null): TorSighting => ({
  at,
  tor: { running, since, version: null, configChangedAt: null },
});
const at = { from: t0, to: t0 };

describe('did tor run at a time', () => {
  it.each([
    ['it ran on through both checks', saw(t0 - hourMs, t0 - dayMs), saw(t0 + hourMs, t0 - dayMs), 'running'],
    ['only the check after it tells', null, saw(t0 + hourMs, t0 - dayMs), 'running'],
    ['it was down before and started after', saw(t0 - hourMs, null), saw(t0 + hourMs, t0 + 1), 'not-running'],
    ['it was started after, and nobody looked before', null, saw(t0 + hourMs, t0 + 1), 'unknown'],
    ['it was down days before', saw(t0 - 2 * dayMs, null), saw(t0 + hourMs, t0 + 1), 'unknown'],
    ['it ran before and was started anew', saw(t0 - hourMs, t0 - dayMs), saw(t0 + hourMs, t0 + 1), 'unknown'],
    ['no check ever saw it', saw(t0 - hourMs, null), saw(t0 + hourMs, null), 'unknown'],
    ['the host does not tell since when', saw(t0 - hourMs, null), saw(t0 + hourMs, null, true), 'unknown'],
    ['nobody looked', null, null, 'unknown'],
  ] as const)('%s: %#', (...[, before, after, answer]) => {
    expect(torThen(before, after, at).answer).toBe(answer);
  });

  it('leaves it open where the window reaches over its start', () => {
    const window = { from: t0 - hourMs, to: t0 + hourMs };
    expect(torThen(saw(t0 - 2 * hourMs, null), saw(t0 + 2 * hourMs, t0), window).answer).toBe('unknown');
  });

  it('is said with its times', () => {
    const down = torThen(saw(t0 - hourMs, null), saw(t0 + 2 * hourMs, t0 + hourMs), at);
    expect(torThenWords('helium', down)).toBe(
      'Tor did not run on helium then, as far as the checks show: not at 2026-11-02 07:00 UTC, and it was started at 2026-11-02 09:00 UTC.',
    );
  });
});
