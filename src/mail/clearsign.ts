/**
 * Unwraps OpenPGP clear-signed text (RFC 9580 section 7): armour header, hash lines and signature go, dash escapes are
 * undone, text around the signed block stays. Linear; text without such a block comes back as it is.
 */
export function stripClearSigning(text: string): string {
  if (!text.includes('-----BEGIN PGP SIGNED MESSAGE-----')) return text;
  const kept: string[] = [];
  let state: 'outside' | 'armour' | 'signed' | 'signature' = 'outside';
  for (const line of text.split('\n')) {
    const bare = line.replace(/^(?:[>|] ?)+/, '').trimEnd();
    if (bare === '-----BEGIN PGP SIGNED MESSAGE-----') state = 'armour';
    else if (bare === '-----BEGIN PGP SIGNATURE-----' && state === 'signed') state = 'signature';
    else if (bare === '-----END PGP SIGNATURE-----' && state === 'signature') state = 'outside';
    else if (state === 'armour') {
      // hash lines end at an empty line; where it was lost, the first line that is no armour header is text
      if (bare === '') state = 'signed';
      else if (!/^[A-Z][A-Za-z-]{1,30}: /.test(bare)) {
        state = 'signed';
        kept.push(line);
      }
    } else if (state === 'signed') kept.push(line.startsWith('- ') ? line.slice(2) : line);
    else if (state === 'outside') kept.push(line);
  }
  return kept.join('\n');
}

/** Whether the text holds an inline OpenPGP message: encrypted (or at least unreadable here). */
export function holdsPgpMessage(text: string): boolean {
  const at = text.indexOf('-----BEGIN PGP MESSAGE-----');
  return at >= 0 && text.includes('-----END PGP MESSAGE-----', at);
}
