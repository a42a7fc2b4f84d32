import { z } from 'zod';

/** A relay's fingerprint: 40 hexadecimal digits, upper case in the result; a "$" before and blanks within do not matter. */
export function fingerprint(): z.ZodType<string, string> {
  const hint = 'not a fingerprint: write its 40 hexadecimal digits, in quotes';
  return z
    .string({ error: hint })
    .transform((text, ctx) => {
      const digits = text.replace(/^\$/, '').replaceAll(' ', '').toUpperCase();
      if (/^[0-9A-F]{40}$/.test(digits)) return digits;
      ctx.addIssue(hint);
      return z.NEVER;
    })
    .meta({ description: 'A relay’s fingerprint, 40 hexadecimal digits' });
}
