import { z } from 'zod';
import { canonicalFingerprint } from '../core/tor-files/fingerprint.ts';

/** A relay's fingerprint: 40 hexadecimal digits, upper case in the result; a "$" before and blanks within do not matter. */
export function fingerprint(): z.ZodType<string, string> {
  const hint = 'not a fingerprint: write its 40 hexadecimal digits, in quotes';
  return z
    .string({ error: hint })
    .transform((text, ctx) => {
      const digits = canonicalFingerprint(text);
      if (digits !== null) return digits;
      ctx.addIssue(hint);
      return z.NEVER;
    })
    .meta({ description: 'A relay’s fingerprint, 40 hexadecimal digits' });
}
