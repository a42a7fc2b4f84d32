/** A relay's fingerprint, 40 hexadecimal digits in upper case; a "$" before it and blanks within do not matter. Null for anything else. */
export function canonicalFingerprint(text: string): string | null {
  const digits = text.trim().replace(/^\$/, '').replaceAll(' ', '').toUpperCase();
  return /^[0-9A-F]{40}$/.test(digits) ? digits : null;
}

/**
 * The file "fingerprint" of a relay's DataDirectory: its nickname, and its fingerprint in groups of four digits. Null for any
 * other text.
 */
export function readFingerprintFile(text: string): { readonly nickname: string; readonly fingerprint: string } | null {
  const found = /^\s*([A-Za-z0-9]{1,19}) ((?:[0-9A-F]{4} ?){10})\s*$/.exec(text);
  return found === null ? null : { nickname: found[1] ?? '', fingerprint: (found[2] ?? '').replaceAll(' ', '') };
}
