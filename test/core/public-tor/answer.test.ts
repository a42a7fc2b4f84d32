import { describe, expect, it } from 'vitest';
import { answerFrom, type SourceFacts } from '../../../src/core/public-tor/answer.ts';
import { hourMs } from '../../support/public-tor.ts';

const noon = Date.UTC(2026, 10, 22, 12);
const at = { from: noon, to: noon };
/** Collected every hour for a week, up to six hours after the window. */
const facts = (more: Partial<SourceFacts> = {}): SourceFacts => ({
  source: 'bulk',
  configured: true,
  complete: true,
  gapMs: 2 * hourMs,
  asOfMs: noon + 6 * hourMs,
  trouble: null,
  firstMs: noon - 100 * hourMs,
  beforeMs: noon - hourMs / 2,
  after: { atMs: noon + hourMs / 2, coveredFromMs: noon - 100 * hourMs, showsFamily: true },
  spans: [],
  ...more,
});
const span = (from: number, to: number | null) => ({ firstMs: noon + from * hourMs, lastMs: to === null ? null : noon + to * hourMs, fingerprint: null }); // prettier-ignore

describe('one source', () => {
  it.each<[string, Partial<SourceFacts>, string]>([
    ['shown then', { spans: [span(-1, 1)] }, 'exit'],
    ['shown from then on', { spans: [span(0, null)] }, 'exit'],
    ['shown to the last, which was shortly before', { spans: [span(-9, null)], asOfMs: noon - hourMs, after: null }, 'exit'],
    ['shown to the last, which was long before', { spans: [span(-9, null)], asOfMs: noon - 3 * hourMs, after: null }, 'unknown'],
    ['shown until shortly before', { spans: [span(-9, -1)] }, 'unknown'],
    ['shown shortly after', { spans: [span(1, 9)] }, 'unknown'],
    ['shown until long before', { spans: [span(-9, -3)] }, 'not-seen'],
    ['never shown', {}, 'not-seen'],
    ['never shown, and nothing collected since', { after: null }, 'unknown'],
    ['never shown, in a gap', { after: { atMs: noon + hourMs, coveredFromMs: noon + hourMs / 2, showsFamily: true } }, 'unknown'],
    ['never shown, before the first collection', { beforeMs: null }, 'unknown'],
    ['never shown by a source of some relays', { complete: false }, 'unknown'],
    ['never shown by a source without such addresses', { after: { atMs: noon, coveredFromMs: 0, showsFamily: false } }, 'unknown'],
    ['a source that has brought nothing yet', { asOfMs: null }, 'unknown'],
  ])('%s', (_, more, kind) => {
    expect(answerFrom([facts(more)], at).kind).toBe(kind);
  }); // prettier-ignore
});

describe('several sources', () => {
  const near = facts({ source: 'near', spans: [span(-9, -1)] });

  it('one that saw the exit shortly before casts a doubt on those that did not see it', () => {
    const answer = answerFrom([facts(), near, facts({ source: 'down', asOfMs: null })], at);
    expect(answer).toEqual({
      kind: 'unknown',
      because: 'near: last seen as an exit shortly before, at 2026-11-22 11:00 UTC',
    });
    expect(answerFrom([facts(), { ...near, configured: false }], at)).toEqual(answer);
  });

  it('one that saw it then outweighs all doubts', () => {
    expect(answerFrom([facts(), near, facts({ source: 'sure', spans: [span(-1, 1)] })], at)).toMatchObject({ kind: 'exit', source: 'sure' }); // prettier-ignore
  });

  it('one that was given up has nothing to say but what it saw', () => {
    expect(answerFrom([facts({ configured: false, after: null })], at)).toEqual({ kind: 'unknown', because: 'no public Tor data are collected' }); // prettier-ignore
    expect(answerFrom([facts({ configured: false })], at).kind).toBe('not-seen');
  });
});
