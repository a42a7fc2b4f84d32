/** Our own picture of a mail (RFC 5322, 2045). Produced by mail/parse.ts from raw bytes; everything after it reads only this. */

/** One mailbox of an address header; `address` is lower-cased in the domain and '' where it could not be parsed. */
export type MailAddress = { readonly address: string; readonly name: string | null };

/** A header line in its original order: name in lower case, value unfolded and RFC 2047-decoded. */
export type HeaderLine = { readonly name: string; readonly value: string };

/** An attached part that is not body text. `text` is its decoded text where it is text of any kind, else null. */
export type Attachment = {
  readonly filename: string | null;
  /** MIME type in lower case without parameters, for example "message/feedback-report". */
  readonly contentType: string;
  readonly size: number;
  readonly text: string | null;
  /** The parsed inner mail of a message/rfc822 part, where the nesting limit allowed it. */
  readonly mail: Mail | null;
};

/** What the HTML body shows, and what it hides. */
export type HtmlText = {
  /** Visible text, cells and blocks separated. */
  readonly visible: string;
  /** Text that a style hides (display:none and the like): no narrative, but looked at for addresses. */
  readonly hidden: string;
  /** href targets, in order. */
  readonly links: readonly string[];
  /** Stretches of `visible` (start, end offset) inside quoting elements: blockquote and what mail programs wrap quotes in. */
  readonly quotes: readonly (readonly [number, number])[];
};

export type Mail = {
  /** With angle brackets, for example "<id@host>"; null where missing or malformed. */
  readonly messageId: string | null;
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
  readonly from: readonly MailAddress[];
  readonly replyTo: readonly MailAddress[];
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  /** Envelope sender as our server noted it: undefined without Return-Path, '' for the null sender `<>`. */
  readonly returnPath: string | undefined;
  /** The Date header as an instant (ms UTC) with the zone offset it was written in (minutes); null where it cannot be read. */
  readonly date: { readonly at: number; readonly offsetMinutes: number } | null;
  readonly subject: string;
  readonly headers: readonly HeaderLine[];
  /** Top-level MIME type in lower case, for example "multipart/report", and its report-type parameter. */
  readonly contentType: string;
  readonly reportType: string | null;
  /** text/plain body (all inline text parts joined), '' where there is none. */
  readonly text: string;
  readonly html: HtmlText | null;
  readonly attachments: readonly Attachment[];
  /** Size of the raw bytes. */
  readonly size: number;
  /** True where only headers and the first part were kept because the message is over the limit. */
  readonly truncated: boolean;
  /** Encrypted content that nobody here can read: PGP/MIME, inline PGP or S/MIME. */
  readonly encrypted: boolean;
  /** What the parser could not do, each a short reason; never thrown. */
  readonly defects: readonly string[];
};

/** The outcome of reading raw bytes: a mail, or the reason why it cannot be read (kept, and shown to a person). */
export type ParseResult =
  | { readonly ok: true; readonly mail: Mail }
  | { readonly ok: false; readonly reason: string; readonly headers: readonly HeaderLine[] };
