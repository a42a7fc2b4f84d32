/** The send port: implemented by smtp.ts (nodemailer) and letter-folder.ts (a Maildir folder). */

/** Exact bytes (CRLF) and envelope, stored before anything connects. */
export type Outgoing = {
  readonly bytes: Buffer;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
};

/**
 * What became of one attempt (RFC 5321). `accepted` speaks of the first envelope recipient; the others' fate is in `refused`.
 * unknown: the connection died where the server may already have the message (after DATA): never sent again by itself.
 */
export type SendResult =
  | { readonly result: 'accepted'; readonly response: string; readonly refused: readonly string[] }
  /** `answered`: the server itself said so (greylisting and the like); else it could not be reached. */
  | { readonly result: 'temporary'; readonly response: string; readonly answered: boolean }
  | { readonly result: 'permanent'; readonly response: string }
  | { readonly result: 'auth-failed'; readonly response: string }
  | { readonly result: 'unknown'; readonly response: string };

export type Sender = {
  /** One attempt. Never throws for what a server does. */
  readonly send: (outgoing: Outgoing) => Promise<SendResult>;
  /** Letters go to a folder: `--now` may rehearse another instant. */
  readonly toFolder: boolean;
  /** Connects and authenticates without sending; throws DeskError with what to do. For `doctor`. */
  readonly verify: () => Promise<string>;
  readonly close: () => void;
};
