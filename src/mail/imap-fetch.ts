import type { ImapConnection, MailLog, Selected } from './imap-connection.ts';
import { keepsKeyword, mirrorFiled, searchUids, type Filing } from './imap-filing.ts';
import type { FetchedMail, KnownMails, MailKey } from './mailbox.ts';

/** One folder that is read: what it is to the desk, its path on the server, its name in the keys of the store. */
export type Place = {
  readonly box: FetchedMail['folder'];
  readonly path: string;
  readonly mailbox: string;
  /** Sent is never mirrored. */
  readonly filing: Filing;
};

export type FetchLimits = {
  readonly maxBytes: number;
  /** How much of a message over maxBytes is fetched: headers and the first part of the body. */
  readonly firstPartBytes: number;
};

export type FetchContext = {
  readonly limits: FetchLimits;
  readonly now: () => number;
  /** How often fetching a message has failed in this process, by key. One map for the life of a mailbox. */
  readonly failures: Map<string, number>;
  readonly log: MailLog | undefined;
};

type Candidates = { readonly uidValidity: string; readonly uids: readonly number[] };

const DAY_MS = 86_400_000;
/** How far back the Sent folder is read where the desk has not read it before: cases are younger than that. */
const SENT_HISTORY_DAYS = 30;
/** After so many failed fetches of one message it must not hold up all that came after it. */
const PATIENCE = 3;

/**
 * Yields what the store does not know, in the order of UIDs, each fetched only when asked for. Known messages whose
 * mirror is missing (a crash between commit and mark) are mirrored first. Returns early when the signal aborts.
 */
export async function* newMails(
  connection: ImapConnection,
  place: Place,
  known: KnownMails,
  context: FetchContext & { readonly signal: AbortSignal },
): AsyncGenerator<FetchedMail> {
  const { signal } = context;
  const keyOf = (uidValidity: string, uid: number): MailKey => ({
    mailbox: place.mailbox,
    uidValidity,
    uid: String(uid),
  });
  const look = async (selected: Selected): Promise<Candidates> => {
    if (place.box === 'inbox') connection.looking();
    const found = await candidates(selected, place, { known, now: context.now });
    if (place.box === 'inbox') connection.seenUpTo(Math.max(selected.folder.uidNext, (found.uids.at(-1) ?? 0) + 1));
    const unmirrored = found.uids.filter((uid) => known.has(keyOf(found.uidValidity, uid)));
    await mirrorFiled(selected, unmirrored, place.filing).catch((error: unknown) => {
      // The mirror decides nothing: a server that refuses it (no room, no right) must not keep new mail from being read.
      if (!selected.client.usable) throw error;
      context.log?.warn({ mailbox: place.mailbox, messages: unmirrored.length }, 'filed mail could not be marked');
    });
    return found;
  };
  const found = await untilAborted(() => connection.inFolder(place.path, look), signal);
  for (const uid of found?.uids ?? []) {
    const key = keyOf(found?.uidValidity ?? '', uid);
    if (known.has(key)) continue;
    const fetch = (selected: Selected): Promise<FetchedMail | null> =>
      fetchPatiently(selected, key, place.box, context);
    const mail = await untilAborted(() => connection.inFolder(place.path, fetch), signal);
    if (signal.aborted) return;
    if (mail !== null) yield mail;
  }
}

/** UIDs worth a look, ascending: new ones and unmirrored ones. After a change of UIDVALIDITY that is everything. */
async function candidates(
  selected: Selected,
  place: Place,
  context: { readonly known: KnownMails; readonly now: () => number },
): Promise<Candidates> {
  const { client, folder } = selected;
  const { filing } = place;
  const uidValidity = String(folder.uidValidity);
  if (filing.after === 'move') return { uidValidity, uids: await searchUids(client, { all: true }) };
  const highest = context.known.highestUid(place.mailbox, uidValidity);
  if (place.box === 'sent' && highest === 0) {
    const since = new Date(context.now() - SENT_HISTORY_DAYS * DAY_MS);
    return { uidValidity, uids: await searchUids(client, { since }) };
  }
  // n:* also names the last message where its UID is below n (RFC 3501 §6.4.8).
  const fresh = (await searchUids(client, { uid: `${highest + 1}:*` })).filter((uid) => uid > highest);
  if (filing.after === 'leave' || !keepsKeyword(selected, filing.keyword)) return { uidValidity, uids: fresh };
  const unflagged = await searchUids(client, { unKeyword: filing.keyword });
  return { uidValidity, uids: [...new Set([...unflagged, ...fresh])].sort((a, b) => a - b) };
}

/**
 * A server may fail on one message for ever (a damaged file or index) and end the session each time. The first failures
 * are thrown, because most pass by themselves; then a note takes the message's place, marked truncated, so that a person
 * looks and the mail behind it is read.
 */
async function fetchPatiently(
  selected: Selected,
  key: MailKey,
  box: FetchedMail['folder'],
  context: FetchContext,
): Promise<FetchedMail | null> {
  const name = `${key.mailbox} ${key.uidValidity} ${key.uid}`;
  const failed = context.failures.get(name) ?? 0;
  if (failed >= PATIENCE) {
    const subject = `Subject: A message that the mail server does not hand out (${name})`;
    const text =
      'The mail server failed each time the desk asked for this message. Please look at it in the mailbox itself.';
    const raw = Buffer.from(`${subject}\r\n\r\n${text}\r\n`);
    return { ...key, folder: box, raw, size: raw.length, truncated: true, arrivedAt: context.now() };
  }
  try {
    const mail = await fetchMail(selected, key, box, context);
    context.failures.delete(name);
    return mail;
  } catch (error) {
    context.failures.set(name, failed + 1);
    throw error;
  }
}

/** Size first: of a message over the limit only the first part is fetched. Null where it has gone meanwhile. */
async function fetchMail(
  selected: Selected,
  key: MailKey,
  box: FetchedMail['folder'],
  context: FetchContext,
): Promise<FetchedMail | null> {
  const { client, folder } = selected;
  if (String(folder.uidValidity) !== key.uidValidity) return null;
  const facts = await client.fetchOne(key.uid, { uid: true, size: true, internalDate: true }, { uid: true });
  if (facts === false) return null;
  const size = facts.size ?? 0;
  const truncated = size > context.limits.maxBytes;
  const source = truncated ? { start: 0, maxLength: context.limits.firstPartBytes } : true;
  const fetched = await client.fetchOne(key.uid, { uid: true, source }, { uid: true });
  if (fetched === false || fetched.source === undefined) return null;
  const arrived = facts.internalDate === undefined ? NaN : new Date(facts.internalDate).getTime();
  return {
    ...key,
    folder: box,
    raw: fetched.source,
    size: Math.max(size, fetched.source.length),
    truncated,
    arrivedAt: Number.isNaN(arrived) ? context.now() : arrived,
  };
}

/** The work's result, or null as soon as the signal aborts: a dead link must not hold up a shutdown. The work runs on unheard. */
async function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
  if (signal.aborted) return null;
  let onAbort = (): void => undefined;
  const aborted = new Promise<null>((resolve) => {
    onAbort = () => resolve(null);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    const running = work();
    running.catch(() => undefined);
    return await Promise.race([running, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
