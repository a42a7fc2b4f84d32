import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { MailLog } from '../../src/mail/imap-connection.ts';
import { createImapMailbox, type ImapMailboxOptions } from '../../src/mail/imap.ts';
import type { FetchedMail, Mailbox } from '../../src/mail/mailbox.ts';
import { startDovecot, type Dovecot } from './dovecot.ts';
import type { Ledger } from './ledger.ts';

export type ImapDesk = {
  readonly dovecot: () => Dovecot;
  /** The account of the running test; each test has its own, so that none finds another's mail. */
  readonly user: () => string;
  /** The mailbox adapter on that account; closed after the test. */
  readonly desk: (options?: Partial<ImapMailboxOptions>, log?: MailLog) => Mailbox;
  readonly deliver: (subject: string, folder?: string, body?: string) => void;
  /** The subjects of what lies in a folder. */
  readonly inFolder: (folder: string) => readonly string[];
  /** How many messages of the INBOX an IMAP search finds. */
  readonly count: (...query: readonly string[]) => number;
};

/** One Dovecot for the tests of a describe block, a fresh account for each of them. */
export function useImapDesk(accounts = 40): ImapDesk {
  const users = Array.from({ length: accounts }, (_unused, index) => `desk${index}@exits.example`);
  const open: Mailbox[] = [];
  let started: Dovecot | null = null;
  let next = 0;
  let user = '';
  const dovecot = (): Dovecot => {
    if (started === null) throw new Error('Dovecot is started before the first test, not earlier');
    return started;
  };
  beforeAll(async () => {
    started = await startDovecot({ users });
  });
  afterAll(() => dovecot().stop());
  beforeEach(() => {
    const account = users[next];
    if (account === undefined) throw new Error('more tests than accounts');
    user = account;
    next += 1;
  });
  afterEach(async () => {
    for (const mailbox of open.splice(0)) await mailbox.close();
  });
  return {
    dovecot,
    user: () => user,
    desk: (options = {}, log) => {
      const base = { name: 'desk', host: '127.0.0.1', port: dovecot().imapPort, security: 'plain', user } as const;
      const folders = { folder: 'INBOX', after: 'leave', sentFolder: null, maxBytes: 100_000 } as const;
      const mailbox = createImapMailbox({ ...base, password: dovecot().password, ...folders, ...options }, log);
      open.push(mailbox);
      return mailbox;
    },
    deliver: (subject, folder = 'INBOX', body = 'text') =>
      dovecot().deliver(user, `Message-ID: <${subject}@isp.example>\r\nSubject: ${subject}\r\n\r\n${body}\r\n`, folder),
    inFolder: (folder) =>
      subjects(
        dovecot()
          .messages(user, folder)
          .map((raw) => ({ raw })),
      ),
    count: (...query) =>
      dovecot()
        .doveadm('-f', 'flow', 'fetch', '-u', user, 'uid', ...query)
        .split('\n')
        .filter(Boolean).length,
  };
}

/** Reads all that is new and files it as the daemon does; `mark: false` dies between commit and mark. */
export async function readAll(mailbox: Mailbox, ledger: Ledger, options = { mark: true }): Promise<FetchedMail[]> {
  const mails: FetchedMail[] = [];
  for await (const mail of mailbox.fetchNew(ledger, new AbortController().signal)) {
    ledger.file(mail);
    mails.push(mail);
    if (options.mark) await mailbox.markFiled(mail);
  }
  return mails;
}

export function subjects(mails: readonly { readonly raw: Buffer }[]): readonly string[] {
  return mails.map(({ raw }) => /^Subject: (.*?)\r?$/m.exec(raw.toString())?.[1] ?? '');
}
