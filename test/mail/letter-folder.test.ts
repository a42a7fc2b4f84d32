import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLetterFolder } from '../../src/mail/letter-folder.ts';

let path = '';
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'letters-')), 'out');
});
afterEach(() => rmSync(join(path, '..'), { recursive: true }));

const envelope = { from: 'abuse@exits.example', to: ['admin@isp.example', 'abuse+own@exits.example'] };
const letter = (id: string): Buffer => Buffer.from(`From: a\r\nMessage-ID: ${id}\r\nSubject: s\r\n\r\nGrüße\r\n.\r\n`);
const files = (): readonly string[] => readdirSync(join(path, 'new')).sort();

describe('a folder that takes letters in place of a server', () => {
  test('holds exactly the bytes, in a file named after the Message-ID', async () => {
    const folder = createLetterFolder({ path });
    const sent = await folder.send({ bytes: letter('<c17.first@exits.example>'), envelope });
    expect(sent).toEqual({ result: 'accepted', response: 'filed as c17.first@exits.example', refused: [] });
    expect(readFileSync(join(path, 'new', 'c17.first@exits.example'))).toEqual(letter('<c17.first@exits.example>'));
    expect(readdirSync(join(path, 'tmp'))).toEqual([]);
    expect(folder.toFolder).toBe(true);
  });

  test('takes the same letter twice without a second file, even after somebody has read it', async () => {
    const folder = createLetterFolder({ path });
    await folder.send({ bytes: letter('<1@exits.example>'), envelope });
    renameSync(join(path, 'new', '1@exits.example'), join(path, 'cur', '1@exits.example:2,S'));
    expect(await folder.send({ bytes: letter('<1@exits.example>'), envelope })).toMatchObject({ result: 'accepted' });
    expect(files()).toEqual([]);
  });

  test('finds the Message-ID in a folded header and not in the body', async () => {
    const folder = createLetterFolder({ path });
    await folder.send({ bytes: letter('\r\n <2@exits.example>'), envelope });
    await folder.send({ bytes: Buffer.from('Subject: none\r\n\r\nMessage-ID: <3@exits.example>\r\n'), envelope });
    expect(files()).toEqual(['2@exits.example', expect.stringMatching(/^message-[0-9a-f]{32}$/)]);
  });

  test.each(['<../../etc/x@exits.example>', '<.hidden@exits.example>', '<a/b@exits.example>', '<a:2,S@exits.example>'])(
    'names a letter with the id %s by a hash',
    async (id) => {
      await createLetterFolder({ path }).send({ bytes: letter(id), envelope });
      expect(files()).toEqual([expect.stringMatching(/^message-[0-9a-f]{32}$/)]);
    },
  );

  test('a folder that cannot be written is temporary for a letter and an error with advice for doctor', async () => {
    writeFileSync(path, 'a file in the way');
    const folder = createLetterFolder({ path });
    expect(await folder.send({ bytes: letter('<1@exits.example>'), envelope })).toMatchObject({ result: 'temporary' });
    await expect(folder.verify()).rejects.toMatchObject({ code: 'file-unreadable' });
  });

  test('doctor creates it', async () => {
    expect(await createLetterFolder({ path }).verify()).toContain(path);
    expect(readdirSync(path).sort()).toEqual(['cur', 'new', 'tmp']);
  });
});
