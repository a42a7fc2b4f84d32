import { describe, expect, it } from 'vitest';
import { digestOfDay, dueDigests } from '../../src/core/digest-day.ts';

const berlin = { dailyAt: 8 * 60, weeklyOn: 'monday', timeZone: 'Europe/Berlin' } as const;
const at = (iso: string): number => Date.parse(iso);

describe('the digest', () => {
  it('is due at its hour in its zone, not before', () => {
    const before = dueDigests(berlin, at('2026-11-03T06:59:00Z'));
    const after = dueDigests(berlin, at('2026-11-03T07:00:00Z'));
    expect(before[0]).toMatchObject({ period: 'daily', day: '2026-11-02' });
    expect(after[0]).toEqual({ period: 'daily', day: '2026-11-03', until: at('2026-11-03T07:00:00Z') });
  });

  it('keeps its hour when summer time ends', () => {
    expect(dueDigests(berlin, at('2026-10-24T07:00:00Z'))[0]?.until).toBe(at('2026-10-24T06:00:00Z'));
    expect(dueDigests(berlin, at('2026-10-26T08:00:00Z'))[0]?.until).toBe(at('2026-10-26T07:00:00Z'));
  });

  it('of the week is due once its day has come, whatever day it is now', () => {
    for (const now of ['2026-11-02T07:00:00Z', '2026-11-04T12:00:00Z', '2026-11-09T06:59:00Z']) {
      expect(dueDigests(berlin, at(now))[1]).toMatchObject({ period: 'weekly', day: '2026-11-02' });
    }
    expect(dueDigests(berlin, at('2026-11-09T07:00:00Z'))[1]).toMatchObject({ day: '2026-11-09' });
  });

  it('is not made where the operator wants none', () => {
    expect(dueDigests({ ...berlin, dailyAt: null, weeklyOn: null }, at('2026-11-03T07:00:00Z'))).toEqual([]);
    expect(dueDigests({ ...berlin, dailyAt: null }, at('2026-11-03T07:00:00Z')).map((due) => due.period)).toEqual([
      'weekly',
    ]);
  });

  it('of a day is found by the day, and no other text', () => {
    expect(digestOfDay(berlin, '2026-11-03')?.until).toBe(at('2026-11-03T07:00:00Z'));
    for (const text of ['2026-13-01', 'today', '2026-11-03T00:00']) expect(digestOfDay(berlin, text)).toBeNull();
  });
});
