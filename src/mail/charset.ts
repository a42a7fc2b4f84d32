/**
 * Bytes to text. The declared charset is used where the platform knows it (WHATWG Encoding, full ICU); UTF-7 is not
 * decoded, on purpose. Undeclared, unknown and plainly wrong declarations: UTF-8 where the bytes are valid UTF-8, else
 * windows-1252 (a superset of ISO 8859-1). Never throws.
 */
export function decodeBytes(bytes: Uint8Array, charset: string | null): string {
  const label = labelOf(charset);
  // a byte order mark knows better than a label which UTF-16 it is
  const marked = label?.startsWith('utf-16') === true && markOf(bytes) !== null;
  if (label === null || label === 'utf-8' || marked) return decodeUnknown(bytes);
  try {
    return label === 'iso-2022-jp' ? decodeIso2022Jp(bytes) : new TextDecoder(label).decode(bytes);
  } catch {
    return decodeUnknown(bytes);
  }
}

/** Whether the bytes are UTF-8 (or its subset US-ASCII) throughout. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictUtf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

function decodeUnknown(bytes: Uint8Array): string {
  const bom = markOf(bytes);
  if (bom) return new TextDecoder(bom).decode(bytes);
  try {
    const text = strictUtf8.decode(bytes);
    // undeclared ISO-2022-JP is pure ASCII with escape sequences that no other mail text has
    return text.includes('\x1b$') && /\x1b\$[@B]/.test(text) ? decodeIso2022Jp(bytes) : text;
  } catch {
    // a few broken bytes in a text that is UTF-8 otherwise (a cut multi-byte character) do not change its charset
    const lenient = new TextDecoder('utf-8').decode(bytes);
    const broken = lenient.split('\ufffd').length - 1;
    const multibyte = lenient.length - broken - countAscii(bytes);
    return broken * 4 <= multibyte ? lenient : new TextDecoder('windows-1252').decode(bytes);
  }
}

/**
 * Mail joins pieces that each return to ASCII ("ESC ( B ESC $ B"); the WHATWG decoder takes such an empty run for an
 * attack and writes a replacement character, so empty runs are taken out first.
 */
function decodeIso2022Jp(bytes: Uint8Array): string {
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replace(/\x1b\([BJ](?=\x1b)/g, '');
  return new TextDecoder('iso-2022-jp').decode(Buffer.from(text, 'latin1'));
}

function markOf(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null;
}

function countAscii(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte < 0x80) count++;
  return count;
}

/** Names that mail uses and the WHATWG list does not know. */
const aliases: Record<string, string> = {
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  'ansi_x3.4-1968': 'utf-8',
  utf8: 'utf-8',
  'utf-8mb4': 'utf-8',
  'x-unknown': 'utf-8',
  'unknown-8bit': 'utf-8',
  default: 'utf-8',
  '8bit': 'utf-8',
  cp932: 'shift_jis',
  'x-mac-roman': 'macintosh',
  cp949: 'euc-kr',
  'ks_c_5601-1987': 'euc-kr',
  cp936: 'gbk',
  'iso-2022-jp-2': 'iso-2022-jp',
  'iso-8859-8-i': 'iso-8859-8-i',
  'cp-850': 'windows-1252',
  cp850: 'windows-1252',
};

function labelOf(charset: string | null): string | null {
  const name =
    charset
      ?.trim()
      .toLowerCase()
      .replace(/^["']|["']$/g, '') ?? '';
  if (name === '') return null;
  const alias =
    aliases[name] ?? name.replace(/^cp-?(125\d)$/, 'windows-$1').replace(/^(?:iso|latin)_?(8859-\d+)$/, 'iso-$1');
  return alias;
}
