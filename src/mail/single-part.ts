/** One leaf of the MIME tree, its transfer encoding undone and its charset not. */
export type Part = {
  readonly contentType: string;
  readonly params: Readonly<Record<string, string>>;
  readonly disposition: string | null;
  readonly filename: string | null;
  readonly bytes: Buffer;
  /** MIME types of the multiparts around it, outermost first. */
  readonly within: readonly string[];
};

/** A message with its header lines (unfolded, not decoded) and the bytes after them. */
export type MessageBytes = {
  readonly headers: readonly { readonly name: string; readonly raw: string }[];
  readonly body: Buffer;
};

/**
 * The one part of a message that is no multipart and whose MIME headers are plain (no comments, no RFC 2231 parameters):
 * most mail, read without a parser. Null for everything else.
 */
export function singlePart(message: MessageBytes, within: readonly string[] = []): Part | null {
  const value = (name: string): string => message.headers.find((line) => line.name === name)?.raw ?? '';
  const type = mimeHeader(value('content-type') || 'text/plain');
  const disposition = mimeHeader(value('content-disposition') || 'inline');
  const encoding = value('content-transfer-encoding').trim().toLowerCase();
  if (!type || !disposition || !encodings.has(encoding)) return null;
  if (!/^(?!multipart)[\w.+-]+\/[\w.+-]+$/.test(type.value)) return null;
  const filename = disposition.params['filename'] ?? type.params['name'] ?? null;
  // mailparser knows types by file name
  const isUntyped = type.value === 'application/octet-stream' || value('content-type') === '';
  if (isUntyped && (filename !== null || disposition.value !== 'inline')) return null;
  const bytes = transferDecoded(message.body, encoding);
  if (bytes === null) return null;
  return {
    contentType: type.value,
    params: type.params,
    disposition: value('content-disposition') === '' ? null : disposition.value,
    filename,
    bytes,
    within,
  };
}

/** RFC 2045 6.1; nothing is 7bit. Other names go the long way. */
const encodings = new Set(['', '7bit', '8bit', 'binary', 'quoted-printable', 'base64']);

/** Value and parameters of a plain MIME header; null where it takes a real parser. */
export function mimeHeader(raw: string): { value: string; params: Record<string, string> } | null {
  if (raw.length > 500 || /[*(\\]|=\?/.test(raw)) return null;
  const [value, ...rest] = raw.split(';');
  const params: Record<string, string> = {};
  for (const piece of rest) {
    if (piece.trim() === '') continue;
    const pair = /^\s*([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s"]+))\s*$/.exec(piece);
    if (!pair) return null;
    params[(pair[1] ?? '').toLowerCase()] ??= pair[2] ?? pair[3] ?? '';
  }
  return { value: (value ?? '').trim().toLowerCase(), params };
}

function transferDecoded(body: Buffer, encoding: string): Buffer | null {
  switch (encoding) {
    case 'base64': {
      const text = body.toString('latin1');
      // padding amid the text: several encoded pieces strung together
      return /=[^=\s]|=\s{1,9}[^=\s]/.test(text) ? null : Buffer.from(text, 'base64');
    }
    case 'quoted-printable':
      return decodeQuotedPrintable(body);
    default:
      return body;
  }
}

/** RFC 2045 6.7: soft line breaks go, trailing blanks go, "=" that begins no escape stays as it is. */
export function decodeQuotedPrintable(body: Buffer): Buffer {
  let text = '';
  for (const line of body.toString('latin1').split('\n')) {
    let end = line.length;
    while (end > 0 && isBlank(line.charCodeAt(end - 1))) end--;
    text += line.charCodeAt(end - 1) === 0x3d ? line.slice(0, end - 1) : `${line.slice(0, end)}\n`;
  }
  if (text.endsWith('\n')) text = text.slice(0, -1);
  return unescaped(Buffer.from(text, 'latin1'));
}

/** "=C3" becomes its byte, in place: a megabyte of escapes is no megabyte of strings. */
function unescaped(bytes: Buffer): Buffer {
  let to = bytes.indexOf('=');
  if (to < 0) return bytes;
  for (let from = to; from < bytes.length; from++, to++) {
    const value = bytes[from] === 0x3d ? hexDigit(bytes[from + 1]) * 16 + hexDigit(bytes[from + 2]) : NaN;
    if (!Number.isNaN(value)) from += 2;
    bytes[to] = Number.isNaN(value) ? (bytes[from] ?? 0) : value;
  }
  return bytes.subarray(0, to);
}

function hexDigit(code = 0): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : NaN;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}
