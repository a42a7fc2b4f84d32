/**
 * The file "fingerprint" of a relay's DataDirectory: its nickname, and its fingerprint in groups of four digits. Null for any
 * other text.
 */
export function readFingerprintFile(text: string): { readonly nickname: string; readonly fingerprint: string } | null {
  const found = /^\s*([A-Za-z0-9]{1,19}) ((?:[0-9A-F]{4} ?){10})\s*$/.exec(text);
  return found === null ? null : { nickname: found[1] ?? '', fingerprint: (found[2] ?? '').replaceAll(' ', '') };
}
