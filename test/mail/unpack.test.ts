import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { archiveKind, unpackGzip, unpackZip } from '../../src/mail/unpack.ts';
import { zip } from '../support/zip.ts';

const hits = { name: 'hits.csv', content: Buffer.from('198.51.100.7,22') };

describe('a zip archive', () => {
  test('is known by its first bytes and gives its files', async () => {
    const archive = zip([
      hits,
      { name: 'logs/', content: Buffer.alloc(0) },
      { name: 'logs/a.log', content: Buffer.from('x') },
    ]);
    expect(archiveKind(archive)).toBe('zip');
    expect(await unpackZip(archive, 1000)).toEqual({
      files: [
        { filename: 'hits.csv', bytes: hits.content },
        { filename: 'logs/a.log', bytes: Buffer.from('x') },
      ],
      defects: [],
    });
  });

  test('is read up to the budget', async () => {
    const unpacked = await unpackZip(zip([hits, { name: 'bomb', content: Buffer.alloc(1_000_000) }]), 1000);
    expect(unpacked.files.map((file) => file.filename)).toEqual(['hits.csv']);
    expect(unpacked.defects).toEqual(['zip content over the limit or damaged']);
  });

  test('with an encrypted file gives the others, and says so', async () => {
    const unpacked = await unpackZip(zip([{ ...hits, name: 'secret', flags: 1 }, hits]), 1000);
    expect(unpacked.files.map((file) => file.filename)).toEqual(['hits.csv']);
    expect(unpacked.defects).toEqual(['zip archive is encrypted']);
  });

  test('of endlessly many files is given up', async () => {
    const many = Array.from({ length: 300 }, (_, i) => ({ name: `${i}.txt`, content: Buffer.from('x') }));
    expect((await unpackZip(zip(many), 1000)).defects).toEqual(['zip archive has too many entries']);
  });

  test('that is cut or no archive is a defect', async () => {
    for (const bytes of [zip([hits]).subarray(0, 60), Buffer.from('PK\x03\x04 and nothing else')])
      expect(await unpackZip(bytes, 1000)).toMatchObject({ files: [], defects: ['zip archive cannot be read'] });
  });

  test('whose file lies about its size is a defect', async () => {
    const archive = zip([{ name: 'lie', content: Buffer.alloc(5000, 'a') }]);
    archive.writeUInt32LE(10, archive.lastIndexOf('PK\x01\x02') + 24);
    expect(await unpackZip(archive, 1000)).toMatchObject({
      files: [],
      defects: ['zip content over the limit or damaged'],
    });
  });
});

describe('a gzip file', () => {
  test('is known by its first bytes and gives its content', async () => {
    const packed = gzipSync('198.51.100.7');
    expect(archiveKind(packed)).toBe('gzip');
    expect(await unpackGzip(packed, 'auth.log.gz', 1000)).toMatchObject({ files: [{ filename: 'auth.log' }] });
  });

  test('over the budget or damaged is a defect', async () => {
    expect((await unpackGzip(gzipSync(Buffer.alloc(5000)), null, 1000)).defects).toEqual([
      'gzip content over the limit',
    ]);
    expect((await unpackGzip(Buffer.from([0x1f, 0x8b, 1]), null, 1000)).defects).toEqual([
      'gzip content cannot be read',
    ]);
  });
});
