/**
 * What an S/MIME part (application/pkcs7-mime, RFC 8551) holds: the MIME entity inside an opaque signature, or word that
 * it is encrypted. Reads just enough of CMS (RFC 5652) in DER or BER; signatures are not verified. Never throws.
 */
export function openSmime(bytes: Buffer): { kind: 'signed'; content: Buffer } | { kind: 'encrypted' } | null {
  const info = readValue(bytes, 0, bytes.length);
  if (info?.tag !== 0x30) return null;
  const [type, wrapped] = childrenOf(bytes, info, 2);
  if (type?.tag !== 0x06) return null;
  const contentType = bytes.toString('hex', type.start, type.end);
  if (encryptedTypes.has(contentType)) return { kind: 'encrypted' };
  if (contentType !== signedData || wrapped?.tag !== 0xa0) return null;
  // SignedData ::= SEQUENCE { version, digestAlgorithms, encapContentInfo, … } (RFC 5652 section 5.1)
  const [body] = childrenOf(bytes, wrapped, 1);
  const encapsulated = body?.tag === 0x30 ? childrenOf(bytes, body, 3)[2] : undefined;
  const explicit = encapsulated?.tag === 0x30 ? childrenOf(bytes, encapsulated, 2)[1] : undefined;
  const [octets] = explicit?.tag === 0xa0 ? childrenOf(bytes, explicit, 1) : [];
  if (!octets) return null;
  return { kind: 'signed', content: octetsOf(bytes, octets) };
}

/** Object identifiers 1.2.840.113549.1.7.2 (signed), .7.3 and .9.16.1.23 (enveloped, authenticated enveloped). */
const signedData = '2a864886f70d010702';
const encryptedTypes = new Set(['2a864886f70d010703', '2a864886f70d010706', '2a864886f70d0109100117']);

/** One BER value: its content is bytes start..end, `next` is where the following value begins. */
type BerValue = { readonly tag: number; readonly start: number; readonly end: number; readonly next: number };

/** Values nested deeper than CMS needs are not followed, nor more pieces of a string than a 25 MB mail can hold. */
const maxDepth = 12;
const maxPieces = 200_000;

function readValue(bytes: Buffer, at: number, limit: number, depth = 0): BerValue | null {
  if (at + 2 > limit || depth > maxDepth) return null;
  const tag = bytes[at] ?? 0;
  const first = bytes[at + 1] ?? 0;
  if ((tag & 0x1f) === 0x1f) return null;
  if (first < 0x80) return definite(tag, at + 2, first, limit);
  if (first === 0x80) return indefinite(bytes, { tag, start: at + 2, limit, depth });
  const count = first & 0x7f;
  if (count > 4 || at + 2 + count > limit) return null;
  return definite(tag, at + 2 + count, bytes.readUIntBE(at + 2, count), limit);
}

function definite(tag: number, start: number, length: number, limit: number): BerValue | null {
  const end = start + length;
  return end > limit ? null : { tag, start, end, next: end };
}

/** BER only: the content ends at two zero bytes, so the values inside have to be walked over. */
function indefinite(
  bytes: Buffer,
  value: { tag: number; start: number; limit: number; depth: number },
): BerValue | null {
  const { tag, start, limit, depth } = value;
  let at = start;
  for (let seen = 0; seen < maxPieces && at + 2 <= limit; seen++) {
    if (bytes[at] === 0 && bytes[at + 1] === 0) return { tag, start, end: at, next: at + 2 };
    const inner = readValue(bytes, at, limit, depth + 1);
    if (!inner) return null;
    at = inner.next;
  }
  return null;
}

function childrenOf(bytes: Buffer, parent: BerValue, count: number): readonly BerValue[] {
  const children: BerValue[] = [];
  let at = parent.start;
  while (children.length < count) {
    const child = readValue(bytes, at, parent.end);
    if (!child) break;
    children.push(child);
    at = child.next;
  }
  return children;
}

/** The bytes of an OCTET STRING, whose pieces BER may have strung together. */
function octetsOf(bytes: Buffer, octets: BerValue): Buffer {
  if ((octets.tag & 0x20) === 0) return bytes.subarray(octets.start, octets.end);
  return Buffer.concat(childrenOf(bytes, octets, maxPieces).map((piece) => bytes.subarray(piece.start, piece.end)));
}
