import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';

export type UnpackedFile = { readonly filename: string; readonly bytes: Buffer };
export type Unpacked = { readonly files: readonly UnpackedFile[]; readonly defects: readonly string[] };

const maxEntries = 200;

/** 'gzip' or 'zip' by the leading bytes, else null: names and types of attachments are not to be relied on. */
export function archiveKind(bytes: Buffer): 'gzip' | 'zip' | null {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  return bytes.length > 21 && bytes.readUInt32BE(0) === 0x504b0304 ? 'zip' : null;
}

/** Inflates a gzip file, at most `maxBytes` of content. Never rejects; what cannot be unpacked is a defect. */
export async function unpackGzip(bytes: Buffer, filename: string | null, maxBytes: number): Promise<Unpacked> {
  try {
    const content = await promisify(gunzip)(bytes, { maxOutputLength: Math.max(1, maxBytes) });
    return {
      files: [{ filename: (filename ?? 'file.gz').replace(/\.t?gz(?:ip)?$/i, ''), bytes: content }],
      defects: [],
    };
  } catch (error) {
    const tooBig = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    return { files: [], defects: [tooBig ? 'gzip content over the limit' : 'gzip content cannot be read'] };
  }
}

/** Reads the files of a zip archive, at most `maxBytes` in all and 200 entries. Never rejects. */
export async function unpackZip(bytes: Buffer, maxBytes: number): Promise<Unpacked> {
  return new Promise((resolve) => {
    fromBuffer(bytes, { lazyEntries: true, validateEntrySizes: true }, (error, zip) => {
      if (error) return resolve({ files: [], defects: ['zip archive cannot be read'] });
      readEntries(zip, maxBytes, resolve);
    });
  });
}

function readEntries(zip: ZipFile, maxBytes: number, done: (unpacked: Unpacked) => void): void {
  const files: UnpackedFile[] = [];
  const defects: string[] = [];
  let left = maxBytes;
  let seen = 0;
  const finish = (defect?: string): void => {
    if (defect) defects.push(defect);
    zip.close();
    done({ files, defects });
  };
  zip.on('error', () => finish('zip archive cannot be read'));
  zip.on('end', () => finish());
  zip.on('entry', (entry: Entry) => {
    if (++seen > maxEntries) return finish('zip archive has too many entries');
    if (entry.fileName.endsWith('/')) return zip.readEntry();
    if (entry.isEncrypted()) {
      defects.push('zip archive is encrypted');
      return zip.readEntry();
    }
    readEntry(zip, entry, left, (content) => {
      if (content === null) return finish('zip content over the limit or damaged');
      left -= content.length;
      files.push({ filename: entry.fileName, bytes: content });
      zip.readEntry();
    });
  });
  zip.readEntry();
}

function readEntry(zip: ZipFile, entry: Entry, maxBytes: number, done: (content: Buffer | null) => void): void {
  if (entry.uncompressedSize > maxBytes) return done(null);
  zip.openReadStream(entry, (error, stream) => {
    if (error) return done(null);
    const chunks: Buffer[] = [];
    let size = 0;
    let settled = false;
    const settle = (content: Buffer | null): void => {
      if (settled) return;
      settled = true;
      done(content);
    };
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else {
        stream.destroy();
        settle(null);
      }
    });
    stream.on('end', () => settle(Buffer.concat(chunks)));
    stream.on('error', () => settle(null));
  });
}
