import { createHash } from 'node:crypto';
import type ssh2 from 'ssh2';

/** What is pinned for a host: public keys by their bytes, fingerprints ("SHA256:…" without padding) where only those are known. */
export type PinnedKeys = {
  readonly keys: readonly { readonly type: string; readonly bytes: Buffer }[];
  readonly fingerprints: readonly string[];
  /** Keys that must never be taken again, whatever else is pinned. */
  readonly revoked: readonly Buffer[];
};

export type KeyVerdict = 'pinned' | 'changed' | 'unknown' | 'revoked';

/** Reads "ssh-ed25519 AAAA… comment" lines and "SHA256:…" fingerprints; what is neither pins nothing. */
export function readPinnedKeys(lines: readonly string[], revokedLines: readonly string[] = []): PinnedKeys {
  const keys: { type: string; bytes: Buffer }[] = [];
  const fingerprints: string[] = [];
  for (const line of lines) {
    const fingerprint = /^SHA256:([A-Za-z0-9+/]{43})=?$/.exec(line.trim())?.[1];
    if (fingerprint !== undefined) fingerprints.push(`SHA256:${fingerprint}`);
    const [, type, encoded] =
      /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) ([A-Za-z0-9+/]+={0,2})(?:\s|$)/.exec(line.trim()) ?? [];
    if (type === undefined || encoded === undefined) continue;
    const bytes = Buffer.from(encoded, 'base64');
    // The type inside the key counts (RFC 4253 §6.6): a line whose two types differ pins nothing.
    if (typeOfKey(bytes) === type) keys.push({ type, bytes });
  }
  const revoked = revokedLines.length === 0 ? [] : readPinnedKeys(revokedLines).keys.map((key) => key.bytes);
  return { keys, fingerprints, revoked };
}

/**
 * The key that a host shows against what is pinned. Changed: a key of that type is pinned, or a fingerprint is, and this is
 * another one. Unknown: nothing comparable is pinned.
 */
export function judgeHostKey(pinned: PinnedKeys, shown: Buffer): KeyVerdict {
  if (pinned.revoked.some((key) => key.equals(shown))) return 'revoked';
  if (pinned.keys.some((key) => key.bytes.equals(shown)) || pinned.fingerprints.includes(fingerprintOf(shown)))
    return 'pinned';
  const comparable = pinned.keys.some((key) => key.type === typeOfKey(shown)) || pinned.fingerprints.length > 0;
  return comparable ? 'changed' : 'unknown';
}

const rsaSignatures = ['rsa-sha2-512', 'rsa-sha2-256'] as const;
const everyType: readonly ssh2.ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  ...rsaSignatures,
];

/**
 * The host key algorithms to offer, one list for each connection to try. Pinned keys: their types come first, so that a host
 * which has the pinned key shows it (RFC 4253 §7.1: the client's order decides); the others follow only so that its key can be
 * told as unknown. Fingerprints do not say their type: a host is asked for each type in turn until one fits.
 */
export function algorithmsToOffer(pinned: PinnedKeys): readonly (readonly ssh2.ServerHostKeyAlgorithm[])[] {
  const types = pinned.keys.flatMap(({ type }) =>
    type === 'ssh-rsa' ? rsaSignatures : everyType.filter((t) => t === type),
  );
  if (pinned.fingerprints.length === 0) return [[...new Set([...types, ...everyType])]];
  return [[...new Set([...types, ...everyType])], everyType.slice(1, 4), rsaSignatures];
}

/** "SHA256:…" as OpenSSH prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256')
    .update(key)
    .digest('base64')
    .replace(/={1,2}$/, '')}`;
}

/** The type named inside an SSH public key (RFC 4253 §6.6); '' where there is none. */
export function typeOfKey(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length > 0 && length <= 64 && key.length >= 4 + length ? key.toString('latin1', 4, 4 + length) : '';
}
