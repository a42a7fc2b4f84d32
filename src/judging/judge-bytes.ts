import { judge, judgeUnreadable } from '../core/judge/judge.ts';
import type { JudgingContext } from '../core/judge/judging-context.ts';
import type { Judgement } from '../core/judgement.ts';
import type { Mail } from '../core/mail.ts';
import { parseMail } from '../mail/parse.ts';
import type { ParseLimits } from '../mail/parse-limits.ts';

/** What reading a mail came to: `mail` is null, and `problem` says why, where it cannot be read. */
export type ReadingResult = {
  readonly mail: Mail | null;
  readonly judgement: Judgement;
  readonly problem: string | null;
};

/** Raw bytes to mail and judgement. Never throws on content: what cannot be read is judged `unreadable`. */
export async function judgeBytes(
  raw: Buffer,
  meta: { readonly truncated: boolean },
  context: JudgingContext,
  limits: ParseLimits,
): Promise<ReadingResult> {
  const parsed = await parseMail(raw, limits, meta);
  if (!parsed.ok) return unreadable(parsed.reason);
  return { mail: parsed.mail, judgement: judge(parsed.mail, context), problem: null };
}

/** The mail is kept and a person looks. */
export function unreadable(reason: string): ReadingResult {
  return { mail: null, judgement: judgeUnreadable(reason), problem: reason };
}
