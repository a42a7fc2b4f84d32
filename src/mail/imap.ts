import type { ImapFlow } from 'imapflow';
import { DeskError } from '../errors.ts';
import { createImapConnection, type ImapServer, type MailLog, type Selected } from './imap-connection.ts';
import { newMails, type Place } from './imap-fetch.ts';
import { keepsKeyword, mirrorFiled, searchUids, type Filing } from './imap-filing.ts';
import type { Mailbox } from './mailbox.ts';

export type ImapMailboxOptions = ImapServer & {
  /** The desk's name for this mailbox, part of every MailKey: renaming it makes every message look new. */
  readonly name: string;
  readonly folder: string;
  /** What becomes of a message that the desk has filed: left as it is, given the keyword, or moved to `movedTo`. */
  readonly after: 'leave' | 'flag' | 'move';
  readonly keyword?: string | undefined;
  readonly movedTo?: string | undefined;
  /** Where handlers' mail and copies of letters lie; null: none. */
  readonly sentFolder: string | null;
  readonly firstPartBytes?: number | undefined;
  readonly now?: (() => number) | undefined;
};

/**
 * A mailbox over IMAP (RFC 3501, 9051). Connects when first needed; a failed call throws DeskError mailbox-* and drops
 * the connection, the next call makes a new one: the pause between is the caller's. Keys name the mailbox "NAME/FOLDER".
 * Throws DeskError config-invalid at once where the options contradict each other or would send a password in clear text.
 */
export function createImapMailbox(options: ImapMailboxOptions, log?: MailLog): Mailbox {
  const { name, sentFolder } = options;
  const filing = filingOf(options);
  const connection = createImapConnection(options, (client) => createFolders(client, options), log);
  const inbox: Place = { box: 'inbox', path: options.folder, mailbox: `${name}/${options.folder}`, filing };
  const limits = { maxBytes: options.maxBytes, firstPartBytes: options.firstPartBytes ?? 262_144 };
  const context = { limits, now: options.now ?? Date.now, failures: new Map<string, number>(), log };
  return {
    name,
    fetchNew: async function* (known, signal) {
      yield* newMails(connection, inbox, known, { ...context, signal });
      if (sentFolder === null) return;
      const sent: Place = {
        box: 'sent',
        path: sentFolder,
        mailbox: `${name}/${sentFolder}`,
        filing: { after: 'leave' },
      };
      yield* newMails(connection, sent, known, { ...context, signal });
    },
    markFiled: async (mail) => {
      if (mail.folder === 'sent' || filing.after === 'leave') return;
      await connection.inFolder(options.folder, async (selected) => {
        // After a change of UIDVALIDITY the UID means another message; the next fetchNew sorts it out.
        if (String(selected.folder.uidValidity) !== mail.uidValidity) return;
        await mirrorFiled(selected, [Number(mail.uid)], filing);
      });
    },
    waitForChange: (timeoutMs, signal) => connection.waitForNews(options.folder, timeoutMs, signal),
    fileSentCopy: async (bytes, messageId) => {
      if (sentFolder === null) return 'none';
      return await connection.inFolder(sentFolder, async (selected) => {
        if (await holds(selected, messageId)) return 'was-there';
        const appended = await selected.client.append(sentFolder, bytes, ['\\Seen']);
        if (appended === false) throw new DeskError('mailbox-failed', `the copy was not filed in ${sentFolder}`);
        return 'filed';
      });
    },
    holdsSentCopy: async (messageId) => {
      if (sentFolder === null) return false;
      return await connection.inFolder(sentFolder, (selected) => holds(selected, messageId));
    },
    verify: () =>
      connection.inFolder(options.folder, (selected) => Promise.resolve(describe(selected, options, filing))),
    close: connection.close,
  };
}

function filingOf(options: ImapMailboxOptions): Filing {
  const { after, keyword = '$Exitdesk', movedTo } = options;
  switch (after) {
    case 'leave':
      return { after };
    case 'flag':
      // Atoms only: a server or the library drops anything else without a word.
      if (!/^[A-Za-z0-9$_.-]+$/.test(keyword)) {
        throw new DeskError('config-invalid', `mailbox ${options.name}: a keyword is letters, digits and $ _ . - only`);
      }
      return { after, keyword };
    case 'move':
      if (movedTo === undefined || movedTo === '' || movedTo === options.folder) {
        throw new DeskError('config-invalid', `mailbox ${options.name}: "move" needs another folder to move to`);
      }
      return { after, movedTo };
  }
}

/** Creates the folders that letters and filed mail go to; one that exists is left alone. */
async function createFolders(client: ImapFlow, options: ImapMailboxOptions): Promise<void> {
  const wanted = [options.sentFolder, options.after === 'move' ? (options.movedTo ?? null) : null];
  for (const folder of wanted) {
    if (folder === null) continue;
    const found = await client.status(folder, { messages: true }).catch((error: { code?: unknown }) => {
      if (error.code === 'NotFound') return false;
      throw error;
    });
    if (found === false) await client.mailboxCreate(folder);
  }
}

async function holds(selected: Selected, messageId: string): Promise<boolean> {
  return (await searchUids(selected.client, { header: { 'message-id': messageId } })).length > 0;
}

function describe(selected: Selected, options: ImapMailboxOptions, filing: Filing): string {
  const link = selected.client.secureConnection ? 'TLS' : 'clear text';
  const sent = options.sentFolder === null ? 'no Sent folder' : `Sent folder ${options.sentFolder}`;
  return `${options.folder} at ${options.host} over ${link}: ${selected.folder.exists} messages, filed ones are ${inWords(selected, filing)}; ${sent}`;
}

function inWords(selected: Selected, filing: Filing): string {
  switch (filing.after) {
    case 'leave':
      return 'left as they are';
    case 'flag':
      return keepsKeyword(selected, filing.keyword)
        ? `flagged ${filing.keyword}`
        : 'left as they are (the server keeps no keywords)';
    case 'move':
      return `moved to ${filing.movedTo}`;
  }
}
