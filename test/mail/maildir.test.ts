import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMaildirMailbox, type MaildirMailboxOptions } from '../../src/mail/maildir.ts';
import type { FetchedMail, Mailbox } from '../../src/mail/mailbox.ts';
import { createLedger } from '../support/ledger.ts';

let root = '';
let path = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'maildir-'));
  path = join(root, 'desk');
});
afterEach(() => rmSync(root, { recursive: true }));

function maildir(...parts: readonly string[]): string {
  const folder = join(path, ...parts);
  for (const part of ['tmp', 'new', 'cur']) mkdirSync(join(folder, part), { recursive: true });
  return folder;
}

function put(file: string, text = 'Subject: x\n\nbody\n', at = 1_700_000_000): void {
  writeFileSync(file, text);
  utimesSync(file, at, at);
}

function open(options: Partial<MaildirMailboxOptions> = {}): Mailbox {
  return createMaildirMailbox({ name: 'desk', path, maxBytes: 1000, ...options });
}

async function read(mailbox: Mailbox, ledger = createLedger(), options = { mark: true }): Promise<FetchedMail[]> {
  const mails: FetchedMail[] = [];
  for await (const mail of mailbox.fetchNew(ledger, new AbortController().signal)) {
    ledger.file(mail);
    mails.push(mail);
    if (options.mark) await mailbox.markFiled(mail);
  }
  return mails;
}

describe('a Maildir as mailbox', () => {
  test('gives new and seen messages, oldest first, each once', async () => {
    maildir();
    put(join(path, 'new', '2.b'), 'Subject: second\n\n', 1_700_000_200);
    put(join(path, 'cur', '1.a:2,S'), 'Subject: first\n\n', 1_700_000_100);
    put(join(path, 'tmp', '3.c'));
    const ledger = createLedger();
    const mails = await read(open(), ledger);
    expect(mails.map(({ uid, arrivedAt, raw }) => [uid, arrivedAt, raw.toString()])).toEqual([
      ['1.a', 1_700_000_100_000, 'Subject: first\n\n'],
      ['2.b', 1_700_000_200_000, 'Subject: second\n\n'],
    ]);
    expect(mails[0]).toMatchObject({
      mailbox: 'desk/inbox',
      uidValidity: 'maildir',
      folder: 'inbox',
      truncated: false,
    });
    expect(await read(open(), ledger)).toEqual([]);
  });

  test('knows a message again after a client changed its flags', async () => {
    maildir();
    put(join(path, 'new', '1.a'));
    const ledger = createLedger();
    await read(open(), ledger);
    renameSync(join(path, 'new', '1.a'), join(path, 'cur', '1.a:2,RS'));
    expect(await read(open(), ledger)).toEqual([]);
  });

  test.each([
    ['leave', { after: 'leave' }, ['new/1.a']],
    ['flag', { after: 'flag' }, ['cur/1.a:2,S']],
    ['move', { after: 'move' }, ['filed/1.a']],
  ] as const)('%s does with a filed message what it says', async (_name, options, expected) => {
    maildir();
    put(join(path, 'new', '1.a'));
    await read(open({ ...options, movedTo: join(path, 'filed') }));
    expect(tree()).toEqual(expected);
  });

  test('mirrors a message that was committed but not marked, without giving it again', async () => {
    maildir();
    put(join(path, 'new', '1.a'));
    const ledger = createLedger();
    await read(open({ after: 'flag' }), ledger, { mark: false });
    expect(tree()).toEqual(['new/1.a']);
    expect(await read(open({ after: 'flag' }), ledger)).toEqual([]);
    expect(tree()).toEqual(['cur/1.a:2,S']);
  });

  test('cuts a message over the limit and says how large it was', async () => {
    maildir();
    put(join(path, 'new', '1.a'), `Subject: big\n\n${'x'.repeat(5000)}`);
    const [mail] = await read(open({ firstPartBytes: 100 }));
    expect(mail).toMatchObject({ truncated: true, size: 5014 });
    expect(mail?.raw.length).toBe(100);
  });

  test('reads the Sent folder after the inbox and never touches it', async () => {
    maildir();
    const sentPath = maildir('.Sent');
    put(join(path, 'new', '1.a'));
    put(join(sentPath, 'new', '9.z'));
    const mails = await read(open({ sentPath, after: 'move' }));
    expect(mails.map(({ folder, mailbox, uid }) => [folder, mailbox, uid])).toEqual([
      ['inbox', 'desk/inbox', '1.a'],
      ['sent', 'desk/sent', '9.z'],
    ]);
    expect(readdirSync(join(sentPath, 'new'))).toEqual(['9.z']);
  });

  test('files one copy of a letter in Sent, and knows one that a handler’s client filed', async () => {
    maildir();
    const sentPath = maildir('.Sent');
    const letter = Buffer.from('Message-ID: <1@exits.example>\r\n\r\n');
    const mailbox = open({ sentPath });
    expect(await mailbox.holdsSentCopy('<1@exits.example>')).toBe(false);
    expect(await mailbox.fileSentCopy(letter, '<1@exits.example>')).toBe('filed');
    expect(await mailbox.fileSentCopy(letter, '<1@exits.example>')).toBe('was-there');
    put(join(sentPath, 'cur', 'x:2,S'), 'Message-Id:\n <2@client.example>\n\n');
    expect(await mailbox.holdsSentCopy('<1@exits.example>')).toBe(true);
    expect(await mailbox.holdsSentCopy('<2@client.example>')).toBe(true);
    expect(await open().fileSentCopy(letter, '<1@exits.example>')).toBe('none');
  });

  test('wakes for a message that arrives, and for one that arrived since the last look', async () => {
    maildir();
    const mailbox = open();
    await read(mailbox);
    const woken = mailbox.waitForChange(60_000, new AbortController().signal);
    put(join(path, 'tmp', '1.a'));
    renameSync(join(path, 'tmp', '1.a'), join(path, 'new', '1.a'));
    await woken;
    await mailbox.waitForChange(60_000, new AbortController().signal);
  });

  test('stops waiting at once when told to', async () => {
    maildir();
    const stop = new AbortController();
    const waiting = open().waitForChange(60_000, stop.signal);
    stop.abort();
    await waiting;
    await open().waitForChange(60_000, stop.signal);
  });

  test('a folder that is not there is an error that says what to do', async () => {
    await expect(open().verify()).rejects.toMatchObject({ code: 'mailbox-folder' });
    await expect(read(open())).rejects.toMatchObject({ code: 'mailbox-folder' });
  });
});

describe('a plain folder of .eml files as mailbox', () => {
  test('gives them by time and name, and nothing else that lies there', async () => {
    mkdirSync(join(path, 'more.eml'), { recursive: true });
    put(join(path, 'b.eml'));
    put(join(path, 'a.EML'));
    put(join(path, 'readme.txt'));
    put(join(path, '.c.eml'));
    const ledger = createLedger();
    expect((await read(open({ after: 'flag' }), ledger)).map((mail) => mail.uid)).toEqual(['a.EML', 'b.eml']);
    expect(await read(open(), ledger)).toEqual([]);
  });

  test('moves what is filed to a folder of its own', async () => {
    mkdirSync(path);
    put(join(path, 'a.eml'));
    await read(open({ after: 'move' }));
    expect(tree()).toEqual(['filed/a.eml']);
  });
});

function tree(): readonly string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}
