import { z } from 'zod';
import { parseRules, type PolicyRule } from './rule.ts';

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
