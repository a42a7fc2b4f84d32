import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { segment } from '../../src/core/segments.ts';
import { loadHeads } from '../../src/judging/load-heads.ts';
import { parseMail } from '../../src/mail/parse.ts';
import { pieces } from '../support/mutants.ts';

const heads = loadHeads();

/** Reading and telling apart must end in a result, whatever the bytes. */
async function readWhole(raw: Buffer): Promise<void> {
  const result = await parseMail(raw);
  if (result.ok) expect(segment(result.mail, heads).all).toBeInstanceOf(Array);
  else expect(result.reason).not.toMatch(/^reading failed/);
}

const piece = fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 40 }));

describe('reading never fails', () => {
  test('on arbitrary bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), (bytes) => readWhole(Buffer.from(bytes))),
      { numRuns: 300 },
    );
  });

  test('on any order of what mails are made of', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 60 }), (pieces) =>
        readWhole(Buffer.from(pieces.join(''), 'latin1')),
      ),
      { numRuns: 1500 },
    );
  });
});
