import type { App } from '../app.ts';
import { contentHash } from '../mail/content-hash.ts';
import type { FetchedMail, Mailbox } from '../mail/mailbox.ts';
import { fileRaw, highestUid, isMailKnown } from '../store/mails.ts';

/**
 * One pass over a mailbox: each new message is committed before the server hears that it is filed. Killed on any line,
 * the next pass finds the message again and either files it or, where the commit had happened, only mirrors it.
 * Returns how many were new. Throws DeskError mailbox-* when the server fails; what was filed stays filed.
 */
export async function takeIn(app: App, mailbox: Mailbox, signal: AbortSignal): Promise<number> {
  const known = {
    has: (key: { mailbox: string; uidValidity: string; uid: string }) => isMailKnown(app.db, key),
    highestUid: (name: string, uidValidity: string) => highestUid(app.db, name, uidValidity),
  };
  let count = 0;
  for await (const mail of mailbox.fetchNew(known, signal)) {
    if (file(app, mail)) count += 1;
    await mailbox.markFiled(mail);
  }
  return count;
}

function file(app: App, mail: FetchedMail): boolean {
  const { filed } = fileRaw(app.db, {
    mailbox: mail.mailbox,
    uidValidity: mail.uidValidity,
    uid: mail.uid,
    folder: mail.folder,
    contentHash: contentHash(mail.raw),
    raw: mail.raw,
    size: mail.size,
    truncated: mail.truncated,
    arrivedAt: mail.arrivedAt,
    filedAt: app.now(),
  });
  if (filed) app.log.info('mail-filed', { mailbox: mail.mailbox, uid: mail.uid, size: mail.size });
  return filed;
}
