import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Delivers exact bytes into a Maildir: tmp, fsync, rename into new or cur, so that nobody ever sees half a message. */
export async function deliverToMaildir(
  path: string,
  name: string,
  bytes: Buffer,
  into: 'new' | 'seen' = 'new',
): Promise<'filed' | 'was-there'> {
  await createMaildir(path);
  if (await holdsName(path, name)) return 'was-there';
  const temporary = join(path, 'tmp', `${name}.${process.pid}`);
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  const folder = join(path, into === 'new' ? 'new' : 'cur');
  await rename(temporary, join(folder, into === 'new' ? name : `${name}:2,S`));
  await syncFolder(folder);
  return 'filed';
}

/** Creates the Maildir (tmp, new, cur) where it is missing; readable by its owner only. */
export async function createMaildir(path: string): Promise<void> {
  for (const part of ['tmp', 'new', 'cur']) await mkdir(join(path, part), { recursive: true, mode: 0o700 });
}

/** The unique part of a Maildir file name, without the flags (":2,S") that any client may change. */
export function uniquePart(fileName: string): string {
  const flags = fileName.lastIndexOf(':2,');
  return flags === -1 ? fileName : fileName.slice(0, flags);
}

/**
 * A file name that is always the same for the same message: its Message-ID where that is a harmless name, else a hash
 * of it, else (without one) a hash of the bytes. So writing a message twice is a no-op.
 */
export function nameForMessage(bytes: Buffer): string {
  const id = messageIdOf(bytes);
  if (id === null) return `message-${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}`;
  return nameForMessageId(id);
}

export function nameForMessageId(messageId: string): string {
  const inner = messageId.replace(/^<|>$/g, '');
  if (/^[A-Za-z0-9][A-Za-z0-9@._+=-]{0,150}$/.test(inner)) return inner;
  return `message-${createHash('sha256').update(inner).digest('hex').slice(0, 32)}`;
}

/** The Message-ID of raw bytes with its angle brackets, unfolded (RFC 5322 §3.6.4), or null. Looks at the first 64 KB. */
export function messageIdOf(bytes: Buffer): string | null {
  const start = bytes.subarray(0, 65_536).toString('latin1');
  const end = /\r?\n\r?\n/.exec(start)?.index ?? start.length;
  const match = /(?:^|\n)message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\r\n]{1,500}>)/i.exec(start.slice(0, end));
  return match?.[1] ?? null;
}

async function holdsName(path: string, name: string): Promise<boolean> {
  for (const folder of ['new', 'cur']) {
    const names = await readdir(join(path, folder));
    if (names.some((entry) => uniquePart(entry) === name)) return true;
  }
  return false;
}

/** The rename itself is only durable once the folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
