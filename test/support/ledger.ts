import type { KnownMails, MailKey } from '../../src/mail/mailbox.ts';

/** What a store knows of fetched mails, in memory: for tests of a mailbox without a database. */
export type Ledger = KnownMails & { readonly file: (key: MailKey) => void; readonly filed: () => readonly MailKey[] };

export function createLedger(): Ledger {
  const keys = new Map<string, MailKey>();
  const text = ({ mailbox, uidValidity, uid }: MailKey): string => JSON.stringify([mailbox, uidValidity, uid]);
  return {
    file: (key) => void keys.set(text(key), key),
    filed: () => [...keys.values()],
    has: (key) => keys.has(text(key)),
    highestUid: (mailbox, uidValidity) =>
      Math.max(
        0,
        ...[...keys.values()]
          .filter((k) => k.mailbox === mailbox && k.uidValidity === uidValidity)
          .map((k) => Number(k.uid)),
      ),
  };
}
