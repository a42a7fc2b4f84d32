import { decodeBytes } from './charset.ts';

/**
 * Decodes the RFC 2047 encoded words of an unstructured header value. Neighbouring words of one charset and encoding are
 * joined before decoding, because senders split multi-byte characters between them. Never throws.
 */
export function decodeWords(value: string): string {
  if (!value.includes('=?')) return value;
  let out = '';
  let at = 0;
  let pending: { charset: string; chunks: Buffer[] } | null = null;
  for (const match of value.matchAll(encodedWord)) {
    const between = value.slice(at, match.index);
    const charset = ((match[1] ?? '').split('*', 1)[0] ?? '').toLowerCase();
    const bytes = bytesOf((match[2] ?? '').toLowerCase(), match[3] ?? '');
    if (pending && (between.trim() !== '' || pending.charset !== charset)) {
      out += decodeBytes(Buffer.concat(pending.chunks), pending.charset);
      pending = null;
    }
    // white space between two encoded words is not part of the text (RFC 2047 section 6.2)
    if (at === 0 || between.trim() !== '') out += between;
    pending ??= { charset, chunks: [] };
    pending.chunks.push(bytes);
    at = match.index + match[0].length;
  }
  if (pending) out += decodeBytes(Buffer.concat(pending.chunks), pending.charset);
  return out + value.slice(at);
}

/** The 2,000 characters are far over RFC 2047's 75: some senders put a whole subject into one word. */
const encodedWord = /=\?([\w.:*+-]{1,60})\?([bq])\?([^?\r\n]{0,2000})\?=/gi;

function bytesOf(encoding: string, text: string): Buffer {
  if (encoding === 'b') return Buffer.from(text, 'base64');
  const plain = text
    .replace(/_/g, ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(plain, 'latin1');
}
