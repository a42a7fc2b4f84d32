import type { ParseResult } from '../core/mail.ts';
import { defaultParseLimits, type ParseLimits } from './parse-limits.ts';
import { readMessage } from './read-message.ts';

/**
 * Reads raw bytes (RFC 5322, MIME) into our own picture of a mail. Never throws or rejects on any bytes: the worst
 * outcome is { ok: false } with a reason for the handler. `meta.truncated` says that `raw` is already cut.
 */
export async function parseMail(
  raw: Buffer,
  limits: ParseLimits = defaultParseLimits,
  meta: { truncated?: boolean } = {},
): Promise<ParseResult> {
  const oversize = raw.length > limits.bytes;
  const bytes = oversize ? raw.subarray(0, limits.truncatedBytes) : raw;
  const budget = { limits, bytesLeft: limits.unpackedBytes, partsLeft: limits.parts };
  try {
    const result = await readMessage(bytes, budget, 0);
    if (!result.ok) return result;
    const truncated = oversize || (meta.truncated ?? false);
    return { ok: true, mail: { ...result.mail, size: raw.length, truncated } };
  } catch (error) {
    // a bug of ours or of a library met by hostile bytes: the mail is kept and shown to a person, the desk goes on
    return { ok: false, reason: `reading failed: ${error instanceof Error ? error.message : 'unknown'}`, headers: [] };
  }
}
