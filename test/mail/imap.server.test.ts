import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createImapMailbox, type ImapMailboxOptions } from '../../src/mail/imap.ts';
import type { FetchedMail, Mailbox } from '../../src/mail/mailbox.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { createLedger, type Ledger } from '../support/ledger.ts';
import { canStart } from '../support/packages.ts';
import { freePort, until } from '../support/servers.ts';
import { startSilentProxy } from '../support/silent-proxy.ts';

const never = new AbortController().signal;

describe.skipIf(!canStart('dovecot'))('a mailbox on a real Dovecot', () => {
  let dovecot: Dovecot;
  let user = '';
  let number = 0;
  const open: Mailbox[] = [];
  const USERS = Array.from({ length: 60 }, (_unused, index) => `desk${index}@exits.example`);

  beforeAll(async () => {
    dovecot = await startDovecot({ users: USERS });
  });
  afterAll(() => dovecot.stop());
  beforeEach(() => {
    user = USERS[number] ?? 'too few users';
    number += 1;
  });
  afterEach(async () => {
    for (const mailbox of open.splice(0)) await mailbox.close();
  });

  function desk(options: Partial<ImapMailboxOptions> = {}): Mailbox {
    const mailbox = createImapMailbox({
      name: 'desk',
      host: '127.0.0.1',
      port: dovecot.imapPort,
      security: 'plain',
      user,
      password: dovecot.password,
      folder: 'INBOX',
      after: 'leave',
      sentFolder: null,
      maxBytes: 100_000,
      ...options,
    });
    open.push(mailbox);
    return mailbox;
  }

  function deliver(subject: string, folder = 'INBOX', body = 'text'): void {
    dovecot.deliver(user, `Message-ID: <${subject}@isp.example>\r\nSubject: ${subject}\r\n\r\n${body}\r\n`, folder);
  }

  async function read(mailbox: Mailbox, ledger: Ledger, mark = true): Promise<FetchedMail[]> {
    const mails: FetchedMail[] = [];
    for await (const mail of mailbox.fetchNew(ledger, never)) {
      ledger.file(mail);
      mails.push(mail);
      if (mark) await mailbox.markFiled(mail);
    }
    return mails;
  }

  const subjects = (mails: readonly { readonly raw: Buffer }[]): readonly string[] =>
    mails.map(({ raw }) => /^Subject: (.*?)\r?$/m.exec(raw.toString())?.[1] ?? '');
  const inFolder = (folder: string): readonly string[] =>
    subjects(dovecot.messages(user, folder).map((raw) => ({ raw })));
  const uids = (...query: readonly string[]): number =>
    dovecot
      .doveadm('-f', 'flow', 'fetch', '-u', user, 'uid', ...query)
      .split('\n')
      .filter(Boolean).length;

  describe('connecting', () => {
    test.each([
      ['TLS', 'tls', 'TLS'],
      ['STARTTLS', 'starttls', 'TLS'],
      ['clear text on loopback', 'plain', 'clear text'],
    ] as const)('works over %s', async (_name, security, link) => {
      const port = security === 'tls' ? dovecot.imapsPort : dovecot.imapPort;
      const mailbox = desk({ security, port, tls: { ca: dovecot.ca, servername: 'localhost' } });
      expect(await mailbox.verify()).toContain(`over ${link}`);
    });

    test('refuses a certificate that nobody trusts, or that is for another name', async () => {
      const tls = { security: 'tls', port: dovecot.imapsPort } as const;
      await expect(desk(tls).verify()).rejects.toMatchObject({ code: 'mailbox-unreachable' });
      const other = desk({ ...tls, tls: { ca: dovecot.ca, servername: 'mail.isp.example' } });
      await expect(other.verify()).rejects.toMatchObject({ code: 'mailbox-unreachable' });
    });

    test('refuses clear text that would leave this machine', () => {
      expect(() => desk({ host: 'mail.isp.example' })).toThrow(expect.objectContaining({ code: 'config-invalid' }));
    });

    test('never falls back to clear text where STARTTLS is asked for and not offered', async () => {
      const bare = await startDovecot({ users: [user], extra: 'ssl = no' });
      try {
        await expect(desk({ security: 'starttls', port: bare.imapPort }).verify()).rejects.toMatchObject({
          code: 'mailbox-unreachable',
        });
        expect(bare.log()).not.toContain('Login:');
      } finally {
        await bare.stop();
      }
    });

    test('tells a wrong password from a dead server and from a missing folder', async () => {
      await expect(desk({ password: 'wrong' }).verify()).rejects.toMatchObject({ code: 'mailbox-auth' });
      await expect(desk({ port: await freePort() }).verify()).rejects.toMatchObject({ code: 'mailbox-unreachable' });
      await expect(desk({ folder: 'Nowhere' }).verify()).rejects.toMatchObject({ code: 'mailbox-folder' });
      const accessToken = () => Promise.reject(new Error('token endpoint down'));
      await expect(desk({ accessToken }).verify()).rejects.toMatchObject({ code: 'mailbox-auth' });
    });

    test('creates the folders it needs, and leaves existing ones alone', async () => {
      const options = { after: 'move', movedTo: 'Desk/Filed', sentFolder: 'Sent' } as const;
      await desk(options).verify();
      deliver('kept', 'Sent');
      await desk(options).verify();
      expect(dovecot.doveadm('mailbox', 'list', '-u', user)).toContain('Desk/Filed');
      expect(inFolder('Sent')).toEqual(['kept']);
    });
  });

  describe('fetching', () => {
    test('gives each message once, in the order of arrival, unread as it was', async () => {
      const ledger = createLedger();
      const mailbox = desk();
      expect(await read(mailbox, ledger)).toEqual([]);
      deliver('one');
      deliver('two');
      const mails = await read(mailbox, ledger);
      expect(subjects(mails)).toEqual(['one', 'two']);
      expect(mails[0]).toMatchObject({ mailbox: 'desk/INBOX', uid: '1', folder: 'inbox', truncated: false });
      expect(mails[0]?.raw).toEqual(dovecot.messages(user)[0]);
      expect(mails[0]?.size).toBe(mails[0]?.raw.length);
      expect(Math.abs((mails[0]?.arrivedAt ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(await read(mailbox, ledger)).toEqual([]);
      deliver('three');
      expect(subjects(await read(mailbox, ledger))).toEqual(['three']);
      expect(uids('SEEN')).toBe(0);
    });

    test('takes only the first part of a message over the limit, and says how large it is', async () => {
      deliver('large', 'INBOX', 'x'.repeat(300_000));
      deliver('small');
      const mails = await read(desk({ firstPartBytes: 20_000 }), createLedger());
      expect(subjects(mails)).toEqual(['large', 'small']);
      expect(mails[0]).toMatchObject({ truncated: true });
      expect(mails[0]?.raw.length).toBe(20_000);
      expect(mails[0]?.size).toBeGreaterThan(300_000);
      expect(mails[1]).toMatchObject({ truncated: false });
    });

    test('passes over a message that somebody deleted between search and fetch', async () => {
      for (const subject of ['one', 'two', 'three']) deliver(subject);
      const ledger = createLedger();
      const seen: FetchedMail[] = [];
      for await (const mail of desk().fetchNew(ledger, never)) {
        seen.push(mail);
        dovecot.doveadm('expunge', '-u', user, 'MAILBOX', 'INBOX', 'HEADER', 'Subject', 'two');
      }
      expect(subjects(seen)).toEqual(['one', 'three']);
    });

    test('stops between two messages when the signal aborts', async () => {
      deliver('one');
      deliver('two');
      const stop = new AbortController();
      const seen: FetchedMail[] = [];
      for await (const mail of desk().fetchNew(createLedger(), stop.signal)) {
        seen.push(mail);
        stop.abort();
      }
      expect(subjects(seen)).toEqual(['one']);
    });
  });

  describe('what is filed', () => {
    test('stays as it was with "leave"', async () => {
      deliver('one');
      await read(desk(), createLedger());
      expect(inFolder('INBOX')).toEqual(['one']);
      expect(uids('ALL')).toBe(1);
      expect(uids('KEYWORD', '$Exitdesk')).toBe(0);
    });

    test('gets the keyword with "flag", and is not fetched again', async () => {
      deliver('one');
      const ledger = createLedger();
      await read(desk({ after: 'flag' }), ledger);
      expect(uids('KEYWORD', '$Exitdesk')).toBe(1);
      expect(await read(desk({ after: 'flag' }), ledger)).toEqual([]);
    });

    test('lies in the other folder with "move"; marking it again, or after somebody else moved it, is fine', async () => {
      deliver('one');
      deliver('two');
      const mailbox = desk({ after: 'move', movedTo: 'Filed' });
      const [one, two] = await read(mailbox, createLedger());
      expect(inFolder('Filed').toSorted()).toEqual(['one', 'two']);
      expect(inFolder('INBOX')).toEqual([]);
      if (one !== undefined) await mailbox.markFiled(one);
      expect(two?.uid).toBe('2');
    });

    test.each(['flag', 'move'] as const)(
      'is mirrored with "%s" after a crash between commit and mark, without being given again',
      async (after) => {
        for (const subject of ['one', 'two', 'three']) deliver(subject);
        const ledger = createLedger();
        const options = { after, movedTo: 'Filed' };
        await read(desk(options), ledger, false);
        expect(inFolder('INBOX')).toHaveLength(3);
        deliver('four');
        expect(subjects(await read(desk(options), ledger))).toEqual(['four']);
        if (after === 'flag') expect(uids('KEYWORD', '$Exitdesk')).toBe(4);
        else expect(inFolder('Filed').toSorted()).toEqual(['four', 'one', 'three', 'two']);
      },
    );

    test('is given again if the store never heard of it, whatever its keyword says', async () => {
      deliver('one');
      await read(desk({ after: 'flag' }), createLedger());
      expect(subjects(await read(desk({ after: 'flag' }), createLedger()))).toEqual(['one']);
    });

    test('is not touched under a new UIDVALIDITY, where all messages are given again', async () => {
      deliver('one');
      deliver('two');
      const ledger = createLedger();
      const mailbox = desk({ after: 'flag' });
      const before = await read(mailbox, ledger, false);
      dovecot.doveadm('mailbox', 'update', '-u', user, '--uid-validity', '77', 'INBOX');
      dovecot.doveadm('kick', user);
      const first = before[0];
      if (first !== undefined)
        await until('the old key is refused', () =>
          mailbox.markFiled(first).then(
            () => true,
            () => false,
          ),
        );
      expect(uids('KEYWORD', '$Exitdesk')).toBe(0);
      const again = await read(mailbox, ledger);
      expect(subjects(again)).toEqual(['one', 'two']);
      expect(again.map((mail) => mail.uidValidity)).toEqual(['77', '77']);
    });
  });

  describe('a session that dies', () => {
    test('kicked between two messages: what was given stays given, the next call goes on', async () => {
      for (const subject of ['one', 'two', 'three']) deliver(subject);
      const ledger = createLedger();
      const mailbox = desk({ after: 'flag' });
      const seen: FetchedMail[] = [];
      const reading = async (): Promise<void> => {
        for await (const mail of mailbox.fetchNew(ledger, never)) {
          ledger.file(mail);
          seen.push(mail);
          dovecot.doveadm('kick', user);
          await until('the session has gone', () => !dovecot.doveadm('who').includes(user));
        }
      };
      for (let round = 0; round < 5 && seen.length < 3; round += 1)
        await reading().catch((error: unknown) =>
          expect(error).toMatchObject({ code: expect.stringMatching(/^mailbox-/) }),
        );
      expect(subjects(seen)).toEqual(['one', 'two', 'three']);
      await read(mailbox, ledger);
      expect(uids('KEYWORD', '$Exitdesk')).toBe(3);
    });

    test('a server that goes silent is noticed, and a shutdown does not wait for it', async () => {
      deliver('one');
      const proxy = await startSilentProxy(dovecot.imapPort);
      const mailbox = desk({ port: proxy.port, timeouts: { socketMs: 700 } });
      await mailbox.verify();
      proxy.silence();
      await expect(read(mailbox, createLedger())).rejects.toMatchObject({ code: expect.stringMatching(/^mailbox-/) });
      const stop = new AbortController();
      const reading = (async () => {
        for await (const mail of mailbox.fetchNew(createLedger(), stop.signal)) expect(mail).toBe('never');
      })();
      stop.abort();
      await reading;
      await proxy.stop();
    });

    test('several callers at once share one connection', async () => {
      deliver('one');
      const mailbox = desk({ sentFolder: 'Sent' });
      const [mails, held] = await Promise.all([
        read(mailbox, createLedger()),
        mailbox.holdsSentCopy('<x@y>'),
        mailbox.verify(),
      ]);
      expect([subjects(mails), held]).toEqual([['one'], false]);
      expect(dovecot.doveadm('-f', 'flow', 'who', user)).toContain('#=1 ');
    });
  });

  describe('waiting', () => {
    test('ends soon after a message arrives, long before the time is up', async () => {
      const mailbox = desk();
      await read(mailbox, createLedger());
      const waiting = mailbox.waitForChange(60_000, never);
      await until('the session idles', () => dovecot.doveadm('who').includes(user));
      deliver('news');
      await waiting;
    });

    test('ends at once for a message that came while the other folder was open', async () => {
      const mailbox = desk({ sentFolder: 'Sent' });
      const ledger = createLedger();
      await read(mailbox, ledger);
      deliver('news');
      await mailbox.waitForChange(60_000, never);
      expect(subjects(await read(mailbox, ledger))).toEqual(['news']);
    });

    test('goes on after another caller used the connection for the other folder', async () => {
      const mailbox = desk({ sentFolder: 'Sent' });
      await read(mailbox, createLedger());
      const waiting = mailbox.waitForChange(60_000, never);
      expect(await mailbox.holdsSentCopy('<none@exits.example>')).toBe(false);
      deliver('news');
      await waiting;
    });

    test('ends when the session is kicked, when told to, and when the time is up', async () => {
      const mailbox = desk();
      await read(mailbox, createLedger());
      const waiting = mailbox.waitForChange(60_000, never);
      await until('the session idles', () => dovecot.doveadm('who').includes(user));
      dovecot.doveadm('kick', user);
      await waiting;
      await read(mailbox, createLedger());
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
      const mails = await read(mailbox, ledger);
      expect(mails.map((mail) => [mail.folder, mail.mailbox])).toEqual([
        ['inbox', 'desk/INBOX'],
        ['sent', 'desk/Sent'],
      ]);
      expect(inFolder('Sent')).toEqual(['from a handler']);
      deliver('another', 'Sent');
      expect(subjects(await read(mailbox, ledger))).toEqual(['another']);
    });

    test('is not read further back than cases can be', async () => {
      deliver('years ago', 'Sent');
      const now = () => Date.now() + 40 * 86_400_000;
      expect(await read(desk({ sentFolder: 'Sent', now }), createLedger())).toEqual([]);
    });

    test('gets one copy of a letter, or none where the provider filed one', async () => {
      const mailbox = desk({ sentFolder: 'Sent' });
      expect(await mailbox.fileSentCopy(letter('<1@exits.example>'), '<1@exits.example>')).toBe('filed');
      expect(await mailbox.fileSentCopy(letter('<1@exits.example>'), '<1@exits.example>')).toBe('was-there');
      dovecot.deliver(user, letter('<2@exits.example>'), 'Sent');
      expect(await mailbox.fileSentCopy(letter('<2@exits.example>'), '<2@exits.example>')).toBe('was-there');
      expect(await mailbox.holdsSentCopy('<2@exits.example>')).toBe(true);
      expect(await mailbox.holdsSentCopy('<3@exits.example>')).toBe(false);
      expect(dovecot.messages(user, 'Sent')[0]).toEqual(letter('<1@exits.example>'));
      expect(await desk().fileSentCopy(letter('<1@exits.example>'), '<1@exits.example>')).toBe('none');
    });
  });
});
