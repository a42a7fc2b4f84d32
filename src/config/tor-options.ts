/** How the configuration writes what stands in a torrc: exit policies and fingerprints, each as a zod schema from text to a value. */
import { z } from 'zod';
import { parseRules, type PolicyRule } from '../core/tor-policy/rule.ts';

/** One ExitPolicy value, which may hold several rules parted by commas. */
export function policyLine(): z.ZodType<readonly PolicyRule[], string> {
  return z
    .string({ error: 'write an ExitPolicy line: "reject *:25"' })
    .transform((text, ctx) => {
      const parsed = parseRules(text);
      const wrong = parsed.flatMap((p) => (p.ok ? [] : [p.problem]));
      if (parsed.length === 0) wrong.push('is empty');
      for (const problem of wrong) ctx.addIssue(problem);
      return wrong.length > 0 ? z.NEVER : parsed.flatMap((p) => (p.ok ? [p.rule] : []));
    })
    .meta({ description: 'A line as in tor’s ExitPolicy: "reject *:25", "accept *:80,accept *:443"' });
}

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
