import { createHash } from 'node:crypto';

/** Headers that delivery adds (procedure.md §3, "what is a case"): two deliveries of one message differ only in these. */
const traceHeaders = new Set([
  'return-path',
  'received',
  'delivered-to',
  'x-original-to',
  'envelope-to',
  'authentication-results',
]);

/**
 * SHA-256 (hex) over the raw bytes without the trace headers, line ends normalised to LF: the same message delivered again
 * has the same hash, similar content never has. Headers stand before the first empty line (RFC 5322 §2.1).
 */
export function contentHash(raw: Buffer): string {
  const hash = createHash('sha256');
  let keep = true;
  let at = 0;
  while (at < raw.length) {
    const newline = raw.indexOf(0x0a, at);
    const end = newline === -1 ? raw.length : newline;
    const line = raw.subarray(at, end > at && raw[end - 1] === 0x0d ? end - 1 : end);
    if (line.length === 0) break;
    const continues = line[0] === 0x20 || line[0] === 0x09;
    if (!continues) keep = !isTrace(line);
    if (keep) hash.update(line).update('\n');
    at = end + 1;
  }
  hash.update(normalised(raw.subarray(at)));
  return hash.digest('hex');
}

function isTrace(line: Buffer): boolean {
  const colon = line.subarray(0, 64).indexOf(0x3a);
  if (colon === -1) return false;
  const name = line.subarray(0, colon).toString('latin1').trim().toLowerCase();
  return traceHeaders.has(name) || name.startsWith('arc-');
}

function normalised(body: Buffer): Buffer {
  return body.includes('\r\n') ? Buffer.from(body.toString('latin1').replaceAll('\r\n', '\n'), 'latin1') : body;
}
