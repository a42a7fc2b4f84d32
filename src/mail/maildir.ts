import { watch } from 'node:fs';
import { mkdir, open, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DeskError } from '../errors.ts';
import type { FetchedMail, KnownMails, Mailbox, MailKey } from './mailbox.ts';
import { deliverToMaildir, messageIdOf, nameForMessageId, uniquePart } from './maildir-files.ts';

export type MaildirMailboxOptions = {
  /** The desk's name for this mailbox, part of every MailKey. */
  readonly name: string;
  /** A Maildir (with new/ and cur/), or any folder of .eml files. Writers of a plain folder rename finished files into it. */
  readonly path: string;
  /** The same for handlers' mail and copies of letters. */
  readonly sentPath?: string | undefined;
  /** leave: nothing is touched; flag: a Maildir's new/ file goes to cur/ as seen; move: the file goes to `movedTo`. */
  readonly after?: 'leave' | 'flag' | 'move' | undefined;
  readonly movedTo?: string | undefined;
  readonly maxBytes: number;
  readonly firstPartBytes?: number | undefined;
};

/** One message file: where it lies now, and the part of its name that stays when clients change its flags. */
type MessageFile = {
  readonly uid: string;
  readonly folder: string;
  readonly fileName: string;
  readonly arrivedAt: number;
};

type Source = { readonly box: FetchedMail['folder']; readonly mailbox: string; readonly path: string };

/**
 * A mailbox in the file system: a Maildir or a folder of .eml files. Keys name the mailbox "NAME/inbox" and "NAME/sent",
 * uidValidity is "maildir". Throws DeskError mailbox-folder where a folder cannot be read.
 */
export function createMaildirMailbox(options: MaildirMailboxOptions): Mailbox {
  const inbox: Source = { box: 'inbox', mailbox: `${options.name}/inbox`, path: options.path };
  const sentPath = options.sentPath;
  let looked: ReadonlySet<string> = new Set();

  async function* newIn(source: Source, known: KnownMails, signal: AbortSignal): AsyncGenerator<FetchedMail> {
    const files = await messageFiles(source.path);
    if (source.box === 'inbox') looked = new Set(files.map((file) => file.uid));
    for (const file of files) {
      if (signal.aborted) return;
      const key = keyOf(source, file.uid);
      if (known.has(key)) {
        if (source.box === 'inbox') await mirror(file, options);
        continue;
      }
      const mail = await readMessage(source, file, options);
      if (mail !== null) yield { ...key, ...mail };
    }
  }

  return {
    name: options.name,
    fetchNew: async function* (known, signal) {
      yield* newIn(inbox, known, signal);
      if (sentPath === undefined) return;
      yield* newIn({ box: 'sent', mailbox: `${options.name}/sent`, path: sentPath }, known, signal);
    },
    markFiled: async (mail) => {
      if (mail.folder === 'sent' || (options.after ?? 'leave') === 'leave') return;
      const file = await locate(options.path, mail.uid);
      if (file !== null) await mirror(file, options);
    },
    waitForChange: (timeoutMs, signal) => waitForChange(options.path, timeoutMs, signal, () => looked),
    fileSentCopy: async (bytes, messageId) => {
      if (sentPath === undefined) return 'none';
      return await readable(sentPath, () => deliverToMaildir(sentPath, nameForMessageId(messageId), bytes, 'seen'));
    },
    holdsSentCopy: async (messageId) => sentPath !== undefined && (await holdsMessage(sentPath, messageId)),
    verify: async () => {
      const files = await messageFiles(options.path);
      return `folder ${options.path}: ${files.length} messages`;
    },
    close: () => Promise.resolve(),
  };
}

function keyOf(source: Source, uid: string): MailKey {
  return { mailbox: source.mailbox, uidValidity: 'maildir', uid };
}

/** The files of a Maildir, or the .eml files of a plain folder, oldest first. */
async function messageFiles(path: string): Promise<readonly MessageFile[]> {
  return await readable(path, async () => {
    const entries = await readdir(path);
    const isMaildir = entries.includes('new') && entries.includes('cur');
    const files: MessageFile[] = [];
    for (const folder of isMaildir ? [join(path, 'new'), join(path, 'cur')] : [path]) {
      for (const fileName of isMaildir ? await readdir(folder) : entries) {
        if (fileName.startsWith('.') || (!isMaildir && !fileName.toLowerCase().endsWith('.eml'))) continue;
        const facts = await stat(join(folder, fileName)).catch(ignoreMissing);
        if (facts?.isFile() !== true) continue;
        files.push({ uid: uniquePart(fileName), folder, fileName, arrivedAt: Math.floor(facts.mtimeMs) });
      }
    }
    return files.sort((a, b) => a.arrivedAt - b.arrivedAt || (a.uid < b.uid ? -1 : 1));
  });
}

/** Where a message lies now: clients rename its file whenever they change flags. */
async function locate(path: string, uid: string): Promise<Pick<MessageFile, 'uid' | 'folder' | 'fileName'> | null> {
  for (const folder of [join(path, 'new'), join(path, 'cur'), path]) {
    const fileName = (await readdir(folder).catch(ignoreMissing))?.find((name) => uniquePart(name) === uid);
    if (fileName !== undefined) return { uid, folder, fileName };
  }
  return null;
}

/** Null where the file has gone (a client moved it: the next look finds it) or is still being written. */
async function readMessage(
  source: Source,
  file: MessageFile,
  limits: { readonly maxBytes: number; readonly firstPartBytes?: number | undefined },
): Promise<Omit<FetchedMail, keyof MailKey> | null> {
  return await readable(source.path, async () => {
    const handle = await open(join(file.folder, file.fileName), 'r').catch(ignoreMissing);
    if (handle === null) return null;
    try {
      const before = await handle.stat();
      const truncated = before.size > limits.maxBytes;
      const length = truncated ? Math.min(limits.firstPartBytes ?? 262_144, before.size) : before.size;
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
      const after = await handle.stat();
      if (bytesRead !== length || after.size !== before.size || after.mtimeMs !== before.mtimeMs) return null;
      return { folder: source.box, raw: buffer, size: before.size, truncated, arrivedAt: file.arrivedAt };
    } finally {
      await handle.close();
    }
  });
}

/** Mirrors "filed". Renames keep the time of arrival; a file that has gone meanwhile is fine. */
async function mirror(file: Omit<MessageFile, 'arrivedAt'>, options: MaildirMailboxOptions): Promise<void> {
  const from = join(file.folder, file.fileName);
  await readable(options.path, async () => {
    switch (options.after ?? 'leave') {
      case 'leave':
        return;
      case 'flag':
        if (file.folder !== join(options.path, 'new')) return;
        await rename(from, join(options.path, 'cur', `${file.uid}:2,S`)).catch(ignoreMissing);
        return;
      case 'move': {
        const target = options.movedTo ?? join(options.path, 'filed');
        await mkdir(target, { recursive: true, mode: 0o700 });
        await rename(from, join(target, file.uid)).catch(ignoreMissing);
      }
    }
  });
}

/** fs.watch is only a hint (network file systems send none): the caller polls beside it. */
async function waitForChange(
  path: string,
  timeoutMs: number,
  signal: AbortSignal,
  looked: () => ReadonlySet<string>,
): Promise<void> {
  if (signal.aborted) return;
  const over = new AbortController();
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      over.abort();
      resolve();
    };
    const timer = setTimeout(finish, timeoutMs);
    signal.addEventListener('abort', finish);
    const check = (): void => {
      messageFiles(path)
        .then((files) => files.some((file) => !looked().has(file.uid)) && finish())
        .catch(() => undefined);
    };
    for (const folder of [path, join(path, 'new')]) {
      try {
        // An error of the watcher costs the hint only.
        watch(folder, { signal: over.signal }, check).on('error', () => undefined);
      } catch {
        // No such folder (a plain one has no new/): what is there is watched.
      }
    }
    // What arrived since the last look, before anything was watched.
    check();
  });
}

/** Our own copy is known by its name; somebody else's by the header. */
async function holdsMessage(path: string, messageId: string): Promise<boolean> {
  const name = nameForMessageId(messageId);
  for (const file of await messageFiles(path)) {
    if (file.uid === name) return true;
    const head = await readMessage({ box: 'sent', mailbox: '', path }, file, { maxBytes: 0, firstPartBytes: 65_536 });
    if (head !== null && messageIdOf(head.raw) === messageId) return true;
  }
  return false;
}

async function readable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'failed';
    throw new DeskError(
      'mailbox-folder',
      `the mail folder ${path} cannot be used (${code}): check the path and its rights`,
      { cause },
    );
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
