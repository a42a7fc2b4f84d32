/** The mailbox port: implemented by imap.ts (imapflow) and maildir.ts. The database is the truth; flags and folders only mirror it. */

/** A message's natural key. For a Maildir uidValidity is "maildir" and uid the unique part of the file name. */
export type MailKey = { readonly mailbox: string; readonly uidValidity: string; readonly uid: string };

export type FetchedMail = MailKey & {
  /** inbox: mail to the desk; sent: what handlers (or the provider on our behalf) filed in the Sent folder. */
  readonly folder: 'inbox' | 'sent';
  readonly raw: Buffer;
  /** Full size in bytes on the server; `raw` is shorter where `truncated`. */
  readonly size: number;
  /** Over the size limit: only headers and the first part of the body were fetched. */
  readonly truncated: boolean;
  /** When the server received it (INTERNALDATE, or the Maildir file's time), ms UTC. */
  readonly arrivedAt: number;
};

/** What the store knows already, so that a poll costs what is new and not what is stored. */
export type KnownMails = {
  readonly has: (key: MailKey) => boolean;
  /** Highest UID filed for this mailbox (folder) and UIDVALIDITY, 0 if none. IMAP only. */
  readonly highestUid: (mailbox: string, uidValidity: string) => number;
};

export type Mailbox = {
  readonly name: string;
  /**
   * Yields each message that is not known yet, one at a time, inbox first and the Sent folder after it.
   * The caller commits a message before it asks for the next one and then calls `markFiled`.
   * Messages known but not yet mirrored (a crash between commit and flag) are mirrored again without being yielded.
   * Throws DeskError mailbox-*; what was yielded before stays filed.
   */
  readonly fetchNew: (known: KnownMails, signal: AbortSignal) => AsyncIterable<FetchedMail>;
  /** Mirrors "filed" to the server as configured: leave, flag or move. Only after the commit; idempotent. */
  readonly markFiled: (mail: FetchedMail) => Promise<void>;
  /** Resolves when the server announced something new, after timeoutMs, or at once when the signal aborts or the link dies. */
  readonly waitForChange: (timeoutMs: number, signal: AbortSignal) => Promise<void>;
  /**
   * Files a copy of a letter in the Sent folder unless one with this Message-ID lies there already
   * (some providers file one themselves). 'none' where no Sent folder is configured.
   */
  readonly fileSentCopy: (bytes: Buffer, messageId: string) => Promise<'filed' | 'was-there' | 'none'>;
  /** Whether the Sent folder holds a message with this Message-ID: proof that a provider accepted it. */
  readonly holdsSentCopy: (messageId: string) => Promise<boolean>;
  /** Connects, opens the folders, creates missing ones; throws DeskError with what to do. For `doctor`. */
  readonly verify: () => Promise<string>;
  readonly close: () => Promise<void>;
};
