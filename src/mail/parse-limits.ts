/** What reading one mail may cost. Sizes in bytes, lengths in UTF-16 units. */
export type ParseLimits = {
  /** Above this only the beginning is read and the mail counts as truncated. */
  readonly bytes: number;
  /** How much is read of a mail over `bytes`. */
  readonly truncatedBytes: number;
  readonly parts: number;
  readonly headBytes: number;
  /** Attached mails within attached mails, and archives within archives. */
  readonly depth: number;
  /** Decoded and unpacked attachments in all. */
  readonly unpackedBytes: number;
  readonly textChars: number;
};

/** The limits of procedure.md section 3. */
export const defaultParseLimits: ParseLimits = {
  bytes: 25 * 1024 * 1024,
  truncatedBytes: 1024 * 1024,
  parts: 300,
  headBytes: 256 * 1024,
  depth: 3,
  unpackedBytes: 20 * 1024 * 1024,
  textChars: 5_000_000,
};

/** What is left to spend while one mail and everything inside it is read. */
export type ParseBudget = { readonly limits: ParseLimits; bytesLeft: number; partsLeft: number };
