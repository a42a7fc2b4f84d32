import { Readable } from 'node:stream';

/** What is known of one SMTP transaction beside nodemailer's own verdict. */
export type Transaction = {
  /** The message as nodemailer reads it: only after the server has answered DATA with 354. */
  readonly message: Readable;
  /** Whether any of the message went to the server. Before that, a lost connection cannot have delivered it. */
  readonly messageBegun: () => boolean;
  /** The server's reply to the first RCPT TO, or null while there is none (or the sender was refused). */
  readonly firstRecipientReply: () => string | null;
  /** To be given to nodemailer with `transactionLog`: it is how the replies are seen, line by line. */
  readonly logger: Record<
    'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    (entry: unknown, line?: unknown) => void
  >;
};

/**
 * Watches one transaction. If the first recipient (the letter's) is refused, the message is not given out at all, even
 * where the second (our own copy) was accepted: that copy's arrival is our proof that the letter was taken (RFC 5321
 * §4.1.1.4: without the end of data the server must not deliver).
 */
export function createTransaction(bytes: Buffer | null): Transaction {
  let begun = false;
  let replies: string[] | null = null;
  // After a refused MAIL FROM the replies to pipelined recipients only say that the order is wrong.
  const firstRecipientReply = (): string | null =>
    replies?.[0]?.startsWith('2') === true ? (replies[1] ?? null) : null;
  const message = new Readable({
    read() {
      const reply = firstRecipientReply();
      if (reply !== null && !reply.startsWith('2')) {
        this.destroy(new Error('the first recipient was refused'));
        return;
      }
      begun = true;
      this.push(bytes);
      this.push(null);
    },
  });
  // Whoever reads the stream has listeners of their own; a stream that is never read must not end the process.
  message.on('error', () => undefined);
  const debug = (entry: unknown, line?: unknown): void => {
    const side = (entry as { tnx?: string } | undefined)?.tnx;
    // Replies come in the order of the commands, pipelined (RFC 2920) or not: MAIL FROM, then each RCPT TO.
    if (side === 'client' && typeof line === 'string' && line.startsWith('MAIL FROM:')) replies = [];
    else if (side === 'server' && typeof line === 'string') replies?.push(line);
  };
  const silent = (): void => undefined;
  return {
    message,
    messageBegun: () => begun,
    firstRecipientReply,
    logger: { trace: silent, debug, info: silent, warn: silent, error: silent, fatal: silent },
  };
}
