import { describe, expect, test } from 'vitest';
import type { FetchedMail } from '../../src/mail/mailbox.ts';
import { startDovecot } from '../support/dovecot.ts';
import { readAll, subjects, useImapDesk } from '../support/imap-desk.ts';
import { createLedger } from '../support/ledger.ts';
import { canStart } from '../support/packages.ts';
import { freePort, until } from '../support/servers.ts';
import { startSilentProxy } from '../support/silent-proxy.ts';
import { startTokenIssuer } from '../support/token-issuer.ts';

const never = new AbortController().signal;

describe.skipIf(!canStart('dovecot'))('a mailbox on a real Dovecot', () => {
  const { dovecot, user, desk, deliver, inFolder, count } = useImapDesk();

  describe('connecting', () => {
    test.each([
      ['TLS', 'tls', 'TLS'],
      ['STARTTLS', 'starttls', 'TLS'],
      ['clear text on loopback', 'plain', 'clear text'],
    ] as const)('works over %s', async (_name, security, link) => {
      const port = security === 'tls' ? dovecot().imapsPort : dovecot().imapPort;
      const mailbox = desk({ security, port, tls: { ca: dovecot().ca, servername: 'localhost' } });
      expect(await mailbox.verify()).toContain(`over ${link}`);
    });

    test('refuses a certificate that nobody trusts, or that is for another name', async () => {
      const tls = { security: 'tls', port: dovecot().imapsPort } as const;
      await expect(desk(tls).verify()).rejects.toMatchObject({ code: 'mailbox-unreachable' });
      const other = desk({ ...tls, tls: { ca: dovecot().ca, servername: 'mail.isp.example' } });
      await expect(other.verify()).rejects.toMatchObject({ code: 'mailbox-unreachable' });
    });

    test('refuses clear text that would leave this machine', () => {
      expect(() => desk({ host: 'mail.isp.example' })).toThrow(expect.objectContaining({ code: 'config-invalid' }));
    });

    test('never falls back to clear text where STARTTLS is asked for and not offered', async () => {
      const bare = await startDovecot({ users: [user()], extra: 'ssl = no' });
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

    test('logs in with an access token, fetched anew for every connection', async () => {
      const issuer = await startTokenIssuer(user());
      const modern = await startDovecot({ users: [user()], extra: issuer.configuration });
      try {
        const tokens = ['valid-1', 'valid-2', 'expired'];
        const accessToken = () => Promise.resolve(tokens.shift() ?? '');
        const mailbox = desk({ port: modern.imapPort, accessToken });
        for (const _connection of [1, 2]) {
          expect(await mailbox.verify()).toContain('INBOX');
          await mailbox.close();
        }
        await expect(mailbox.verify()).rejects.toMatchObject({ code: 'mailbox-auth' });
      } finally {
        await modern.stop();
        await issuer.stop();
      }
    });

    test('creates the folders it needs, and leaves existing ones alone', async () => {
      const options = { after: 'move', movedTo: 'Desk/Filed', sentFolder: 'Sent' } as const;
      await desk(options).verify();
      deliver('kept', 'Sent');
      await desk(options).verify();
      expect(dovecot().doveadm('mailbox', 'list', '-u', user())).toContain('Desk/Filed');
      expect(inFolder('Sent')).toEqual(['kept']);
    });
  });

  describe('fetching', () => {
    test('gives each message once, in the order of arrival, unread as it was', async () => {
      const ledger = createLedger();
      const mailbox = desk();
      expect(await readAll(mailbox, ledger)).toEqual([]);
      deliver('one');
      deliver('two');
      const mails = await readAll(mailbox, ledger);
      expect(subjects(mails)).toEqual(['one', 'two']);
      expect(mails[0]).toMatchObject({ mailbox: 'desk/INBOX', uid: '1', folder: 'inbox', truncated: false });
      expect(mails[0]?.raw).toEqual(dovecot().messages(user())[0]);
      expect(mails[0]?.size).toBe(mails[0]?.raw.length);
      expect(Math.abs((mails[0]?.arrivedAt ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(await readAll(mailbox, ledger)).toEqual([]);
      deliver('three');
      expect(subjects(await readAll(mailbox, ledger))).toEqual(['three']);
      expect(count('SEEN')).toBe(0);
    });

    test('takes only the first part of a message over the limit, and says how large it is', async () => {
      deliver('large', 'INBOX', 'x'.repeat(300_000));
      deliver('small');
      const mails = await readAll(desk({ firstPartBytes: 20_000 }), createLedger());
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
        dovecot().doveadm('expunge', '-u', user(), 'MAILBOX', 'INBOX', 'HEADER', 'Subject', 'two');
      }
      expect(subjects(seen)).toEqual(['one', 'three']);
    });

    test('does not let one message that the server cannot read hold up the others for ever', async () => {
      for (const subject of ['one', 'broken', 'three']) deliver(subject);
      dovecot().damage(user(), 'broken');
      const ledger = createLedger();
      const mailbox = desk();
      for (let poll = 0; poll < 3; poll += 1) {
        await expect(readAll(mailbox, ledger)).rejects.toMatchObject({ code: 'mailbox-failed' });
      }
      expect(ledger.filed()).toHaveLength(1);
      const mails = await readAll(mailbox, ledger);
      expect(subjects(mails)).toEqual([expect.stringContaining('does not hand out'), 'three']);
      expect(mails.map((mail) => mail.truncated)).toEqual([true, false]);
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
      await readAll(desk(), createLedger());
      expect(inFolder('INBOX')).toEqual(['one']);
      expect(count('ALL')).toBe(1);
      expect(count('KEYWORD', '$Exitdesk')).toBe(0);
    });

    test('gets the keyword with "flag", and is not fetched again', async () => {
      deliver('one');
      const ledger = createLedger();
      await readAll(desk({ after: 'flag' }), ledger);
      expect(count('KEYWORD', '$Exitdesk')).toBe(1);
      expect(await readAll(desk({ after: 'flag' }), ledger)).toEqual([]);
    });

    test('lies in the other folder with "move"; marking it again, or after somebody else moved it, is fine', async () => {
      deliver('one');
      deliver('two');
      const mailbox = desk({ after: 'move', movedTo: 'Filed' });
      const [one, two] = await readAll(mailbox, createLedger());
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
        await readAll(desk(options), ledger, { mark: false });
        expect(inFolder('INBOX')).toHaveLength(3);
        deliver('four');
        expect(subjects(await readAll(desk(options), ledger))).toEqual(['four']);
        if (after === 'flag') expect(count('KEYWORD', '$Exitdesk')).toBe(4);
        else expect(inFolder('Filed').toSorted()).toEqual(['four', 'one', 'three', 'two']);
      },
    );

    test('that the server refuses to move is said, and does not keep new mail from being read', async () => {
      const warnings: string[] = [];
      const mailbox = desk(
        { after: 'move', movedTo: 'Filed' },
        { warn: (_data, message) => void warnings.push(message) },
      );
      await mailbox.verify();
      dovecot().forbid(user(), 'Filed');
      const ledger = createLedger();
      for (const subject of ['one', 'two']) {
        deliver(subject);
        await expect(readAll(mailbox, ledger)).rejects.toMatchObject({ code: 'mailbox-folder' });
      }
      expect(await readAll(mailbox, ledger)).toEqual([]);
      expect(ledger.filed().map((key) => key.uid)).toEqual(['1', '2']);
      expect(inFolder('INBOX')).toEqual(['one', 'two']);
      expect(warnings).toContain('filed mail could not be marked');
    });

    test('is given again if the store never heard of it, whatever its keyword says', async () => {
      deliver('one');
      await readAll(desk({ after: 'flag' }), createLedger());
      expect(subjects(await readAll(desk({ after: 'flag' }), createLedger()))).toEqual(['one']);
    });

    test('is not touched under a new UIDVALIDITY, where all messages are given again', async () => {
      deliver('one');
      deliver('two');
      const ledger = createLedger();
      const mailbox = desk({ after: 'flag' });
      const before = await readAll(mailbox, ledger, { mark: false });
      dovecot().doveadm('mailbox', 'update', '-u', user(), '--uid-validity', '77', 'INBOX');
      dovecot().doveadm('kick', user());
      const first = before[0];
      if (first !== undefined)
        await until('the old key is refused', () =>
          mailbox.markFiled(first).then(
            () => true,
            () => false,
          ),
        );
      expect(count('KEYWORD', '$Exitdesk')).toBe(0);
      const again = await readAll(mailbox, ledger);
      expect(subjects(again)).toEqual(['one', 'two']);
      expect(again.map((mail) => mail.uidValidity)).toEqual(['77', '77']);
    });
  });

  test('under a UIDVALIDITY that changes between two messages, none is given under its old key', async () => {
    deliver('one');
    deliver('two');
    const mailbox = desk();
    const given: FetchedMail[] = [];
    for await (const mail of mailbox.fetchNew(createLedger(), never)) {
      given.push(mail);
      dovecot().doveadm('mailbox', 'update', '-u', user(), '--uid-validity', '78', 'INBOX');
      dovecot().doveadm('kick', user());
      await until('the session has gone', () => !dovecot().doveadm('who').includes(user()));
    }
    expect(subjects(given)).toEqual(['one']);
    const again = await readAll(mailbox, createLedger());
    expect(again.map((mail) => [mail.uidValidity, subjects([mail])[0]])).toEqual([
      ['78', 'one'],
      ['78', 'two'],
    ]);
  });

  test('on a server without MOVE, UIDPLUS and IDLE all works the same', async () => {
    const old = await startDovecot({ users: [user()], extra: 'imap_capability = IMAP4rev1 AUTH=PLAIN' });
    try {
      const mailbox = desk({ port: old.imapPort, after: 'move', movedTo: 'Filed', sentFolder: 'Sent' });
      for (const subject of ['one', 'two']) old.deliver(user(), `Subject: ${subject}\r\n\r\n`);
      expect(subjects(await readAll(mailbox, createLedger()))).toEqual(['one', 'two']);
      const filed = old.messages(user(), 'Filed').map((raw) => ({ raw }));
      expect([subjects(filed).toSorted(), old.messages(user())]).toEqual([['one', 'two'], []]);
      expect(
        await mailbox.fileSentCopy(Buffer.from('Message-ID: <1@exits.example>\r\n\r\n'), '<1@exits.example>'),
      ).toBe('filed');
      expect(await mailbox.holdsSentCopy('<1@exits.example>')).toBe(true);
      await mailbox.waitForChange(200, never);
    } finally {
      await old.stop();
    }
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
          dovecot().doveadm('kick', user());
          await until('the session has gone', () => !dovecot().doveadm('who').includes(user()));
        }
      };
      for (let round = 0; round < 5 && seen.length < 3; round += 1)
        await reading().catch((error: unknown) =>
          expect(error).toMatchObject({ code: expect.stringMatching(/^mailbox-/) }),
        );
      expect(subjects(seen)).toEqual(['one', 'two', 'three']);
      await readAll(mailbox, ledger);
      expect(count('KEYWORD', '$Exitdesk')).toBe(3);
    });

    test('a server that goes silent is noticed, and a shutdown does not wait for it', async () => {
      deliver('one');
      const proxy = await startSilentProxy(dovecot().imapPort);
      const mailbox = desk({ port: proxy.port, timeouts: { socketMs: 700 } });
      await mailbox.verify();
      proxy.silence();
      await expect(readAll(mailbox, createLedger())).rejects.toMatchObject({
        code: expect.stringMatching(/^mailbox-/),
      });
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
        readAll(mailbox, createLedger()),
        mailbox.holdsSentCopy('<x@y>'),
        mailbox.verify(),
      ]);
      expect([subjects(mails), held]).toEqual([['one'], false]);
      expect(dovecot().doveadm('-f', 'flow', 'who', user())).toContain('#=1 ');
    });
  });
});
