import { describe, expect, test } from 'vitest';
import { readAll, subjects, useImapDesk } from '../support/imap-desk.ts';
import { createLedger } from '../support/ledger.ts';
import { canStart } from '../support/packages.ts';
import { until } from '../support/servers.ts';

const never = new AbortController().signal;

describe.skipIf(!canStart('dovecot'))('a mailbox on a real Dovecot', () => {
  const { dovecot, user, desk, deliver, inFolder } = useImapDesk();

  describe('waiting', () => {
    test('ends soon after a message arrives, long before the time is up', async () => {
      const mailbox = desk();
      await readAll(mailbox, createLedger());
      const waiting = mailbox.waitForChange(60_000, never);
      await until('the session idles', () => dovecot().doveadm('who').includes(user()));
      deliver('news');
      await waiting;
    });

    test('ends at once for a message that came while the other folder was open', async () => {
      const mailbox = desk({ sentFolder: 'Sent' });
      const ledger = createLedger();
      await readAll(mailbox, ledger);
      deliver('news');
      await mailbox.waitForChange(60_000, never);
      expect(subjects(await readAll(mailbox, ledger))).toEqual(['news']);
    });

    test('goes on after another caller used the connection for the other folder', async () => {
      const mailbox = desk({ sentFolder: 'Sent' });
      await readAll(mailbox, createLedger());
      const waiting = mailbox.waitForChange(60_000, never);
      expect(await mailbox.holdsSentCopy('<none@exits.example>')).toBe(false);
      deliver('news');
      await waiting;
    });

    test('ends when the session is kicked, when told to, and when the time is up', async () => {
      const mailbox = desk();
      await readAll(mailbox, createLedger());
      const waiting = mailbox.waitForChange(60_000, never);
      await until('the session idles', () => dovecot().doveadm('who').includes(user()));
      dovecot().doveadm('kick', user());
      await waiting;
      await readAll(mailbox, createLedger());
      const stop = new AbortController();
      const stopped = mailbox.waitForChange(60_000, stop.signal);
      stop.abort();
      await stopped;
      await mailbox.waitForChange(50, never);
    });
  });

  describe('the Sent folder', () => {
    const letter = (id: string): Buffer => Buffer.from(`Message-ID: ${id}\r\nSubject: ours\r\n\r\ntext\r\n`);

    test('is read after the inbox and never marked', async () => {
      deliver('to us');
      deliver('from a handler', 'Sent');
      const mailbox = desk({ sentFolder: 'Sent', after: 'move', movedTo: 'Filed' });
      const ledger = createLedger();
      const mails = await readAll(mailbox, ledger);
      expect(mails.map((mail) => [mail.folder, mail.mailbox])).toEqual([
        ['inbox', 'desk/INBOX'],
        ['sent', 'desk/Sent'],
      ]);
      expect(inFolder('Sent')).toEqual(['from a handler']);
      deliver('another', 'Sent');
      expect(subjects(await readAll(mailbox, ledger))).toEqual(['another']);
    });

    test('is not read further back than cases can be', async () => {
      deliver('years ago', 'Sent');
      const now = () => Date.now() + 40 * 86_400_000;
      expect(await readAll(desk({ sentFolder: 'Sent', now }), createLedger())).toEqual([]);
    });

    test('gets one copy of a letter, or none where the provider filed one', async () => {
      const mailbox = desk({ sentFolder: 'Sent' });
      expect(await mailbox.fileSentCopy(letter('<1@exits.example>'), '<1@exits.example>')).toBe('filed');
      expect(await mailbox.fileSentCopy(letter('<1@exits.example>'), '<1@exits.example>')).toBe('was-there');
      dovecot().deliver(user(), letter('<2@exits.example>'), 'Sent');
      expect(await mailbox.fileSentCopy(letter('<2@exits.example>'), '<2@exits.example>')).toBe('was-there');
      expect(await mailbox.holdsSentCopy('<2@exits.example>')).toBe(true);
      expect(await mailbox.holdsSentCopy('<3@exits.example>')).toBe(false);
      expect(dovecot().messages(user(), 'Sent')[0]).toEqual(letter('<1@exits.example>'));
      expect(await desk().fileSentCopy(letter('<1@exits.example>'), '<1@exits.example>')).toBe('none');
    });
  });
});
