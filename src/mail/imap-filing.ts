import type { ImapFlow, SearchObject } from 'imapflow';
import { DeskError } from '../errors.ts';
import type { Selected } from './imap-connection.ts';

/** What becomes on the server of a message that the desk has filed. A mirror only: nothing is ever decided by it. */
export type Filing =
  | { readonly after: 'leave' }
  | { readonly after: 'flag'; readonly keyword: string }
  | { readonly after: 'move'; readonly movedTo: string };

const UIDS_PER_COMMAND = 500;

/** Mirrors "filed" for these messages of the selected folder. Idempotent; a message that has gone meanwhile is fine. */
export async function mirrorFiled(selected: Selected, uids: readonly number[], filing: Filing): Promise<void> {
  switch (filing.after) {
    case 'leave':
      return;
    case 'flag':
      if (keepsKeyword(selected, filing.keyword)) await flag(selected.client, uids, filing.keyword);
      return;
    case 'move':
      await move(selected.client, uids, filing.movedTo);
  }
}

/** The one place that searches: always by UID, and never reads a refusal or a dead link as "no mail". */
export async function searchUids(client: ImapFlow, query: SearchObject): Promise<readonly number[]> {
  const uids = await client.search(query, { uid: true });
  if (!Array.isArray(uids)) throw new DeskError('mailbox-failed', 'the server did not answer a search');
  return uids;
}

/** Whether the folder keeps keywords of our own (RFC 3501 §7.1 PERMANENTFLAGS); others drop them silently. */
export function keepsKeyword(selected: Selected, keyword: string): boolean {
  const permitted = selected.folder.permanentFlags;
  return permitted === undefined || permitted.has('\\*') || permitted.has(keyword);
}

async function flag(client: ImapFlow, uids: readonly number[], keyword: string): Promise<void> {
  for (const range of ranges(uids)) {
    const stored = await client.messageFlagsAdd(range, [keyword], { uid: true });
    if (!stored) throw new DeskError('mailbox-failed', `the server did not store the keyword ${keyword}`);
  }
}

async function move(client: ImapFlow, uids: readonly number[], movedTo: string): Promise<void> {
  for (const range of ranges(uids)) {
    const moved = await client.messageMove(range, movedTo, { uid: true });
    if (moved === false) throw new DeskError('mailbox-folder', `the server did not move mail to ${movedTo}`);
    const unsaid = range.split(',').filter((uid) => moved.uidMap?.has(Number(uid)) !== true);
    // Not in the answer: gone already (fine), or a server that does not say (RFC 4315), or still here.
    if (unsaid.length > 0 && (await searchUids(client, { uid: unsaid.join(',') })).length > 0) {
      throw new DeskError('mailbox-folder', `mail stayed where it was in place of being moved to ${movedTo}`);
    }
  }
}

function ranges(uids: readonly number[]): readonly string[] {
  const parts: string[] = [];
  for (let at = 0; at < uids.length; at += UIDS_PER_COMMAND)
    parts.push(uids.slice(at, at + UIDS_PER_COMMAND).join(','));
  return parts;
}
