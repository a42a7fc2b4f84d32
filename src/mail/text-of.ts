import { decodeBytes } from './charset.ts';
import type { Part } from './single-part.ts';

/** The text of a part in its declared charset, with LF line ends. An HTML part may declare its charset inside. */
export function decodedText(part: Part): string {
  const declared = part.params['charset'] ?? (part.contentType === 'text/html' ? metaCharset(part.bytes) : null);
  const text = decodeBytes(part.bytes, declared);
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

/** Without zero-width space, word joiner, byte order mark and soft hyphen, which only hide an address from a reader like us. */
export function withoutInvisibles(text: string): string {
  return /[\u200b\u2060\ufeff\u00ad]/.test(text) ? text.replace(/[\u200b\u2060\ufeff\u00ad]/g, '') : text;
}

function metaCharset(bytes: Buffer): string | null {
  return (
    /<meta[^>]{1,200}charset\s{0,9}=\s{0,9}["']?([\w-]{2,40})/i.exec(bytes.toString('latin1', 0, 4096))?.[1] ?? null
  );
}
