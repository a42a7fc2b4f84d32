import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Raw mails to change: the folders that there are, every file that is no list of labels. */
export function mailsIn(folders: readonly string[]): readonly Buffer[] {
  return folders.filter((folder) => existsSync(folder)).flatMap((folder) => filesOf(folder).map((path) => readFileSync(path))); // prettier-ignore
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return filesOf(path);
      return /\.(?:json|md|tsv|txt)$/.test(name) ? [] : [path];
    });
}

/** The same mail for the same mails, seed and index: one of `mails` with one to four changes. */
export function mutant(mails: readonly Buffer[], seed: number, index: number): Buffer {
  const random = randomFrom(seed, index);
  let raw = random.pick(mails);
  for (let count = random.below(4); count >= 0; count--) raw = random.pick(changes)(raw, random, random.pick(mails));
  return raw.subarray(0, mostBytes);
}

const mostBytes = 600_000;

type Random = {
  /** A whole number from 0, less than `limit`. */
  readonly below: (limit: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
};

type Change = (raw: Buffer, random: Random, other: Buffer) => Buffer;

const changes: readonly Change[] = [
  (raw, random) => flipped(raw, random),
  (raw, random) => raw.subarray(0, random.below(raw.length + 1)),
  (raw, random) => raw.subarray(random.below(raw.length + 1)),
  (raw, random) => {
    const [from, to] = span(raw, random);
    return Buffer.concat([raw.subarray(0, from), raw.subarray(to)]);
  },
  (raw, random) => {
    const [from, to] = span(raw, random);
    const times = random.pick([1, 1, 2, 30, 300]);
    return inserted(raw, to, Buffer.concat(Array.from({ length: times }, () => raw.subarray(from, to))).subarray(0, 200_000)); // prettier-ignore
  },
  (raw, random, other) => {
    const [from, to] = span(raw, random);
    const theirs = span(other, random);
    return Buffer.concat([raw.subarray(0, from), other.subarray(...theirs), raw.subarray(to)]);
  },
  (raw, random) => inserted(raw, placeIn(raw, random), run(random)),
  (raw, random) => inserted(raw, placeIn(raw, random), Buffer.from(random.pick(pieces), 'latin1')),
  (raw, random) => inserted(raw, placeIn(raw, random), addresses(random)),
  (raw, random) => otherHead(raw, random),
  (raw, random, other) => headOf(raw, random, other),
  (raw, random) => otherBoundary(raw, random),
  (raw, random) => otherWord(raw, random, /charset=[^\s;]{1,30}/gi, charsets.map((name) => `charset=${name}`)),
  (raw, random) => otherWord(raw, random, /(?<=content-transfer-encoding: ?)\S{1,30}/gi, ['base64', 'quoted-printable', '8bit', 'x-uuencode', '']),
  (raw, random) => otherWord(raw, random, /(?<=content-type: ?)[\w/-]{1,40}/gi, types),
  (raw, random) => nested(raw, random),
  (raw, random) => quoted(raw, random),
]; // prettier-ignore

/** Pieces that readers stumble over. */
export const pieces: readonly string[] = [
  '\r\n', '\n', '\r', '\r\n\r\n', ' ', '\t', ':', ';', '=', '"', '<', '>', '(', ')', '\0', '--', '--x', '--x--', '> ',
  'Content-Type: multipart/mixed; boundary=x\r\n', 'Content-Type: message/rfc822\r\n', 'Content-Type: text/html\r\n',
  'Content-Type: text/plain; charset=iso-2022-jp; format=flowed\r\n', 'Content-Transfer-Encoding: base64\r\n',
  'Content-Transfer-Encoding: quoted-printable\r\n', 'Content-Type: application/pkcs7-mime\r\n', 'From: a@b.example\r\n',
  'Content-Disposition: attachment; filename="a.zip"\r\n', 'Subject: =?utf-8?B?w6k=?=\r\n', 'Date: 32 Foo 2026\r\n',
  'Auto-Submitted: auto-replied\r\n', 'Return-Path: <>\r\n', 'Authentication-Results: mx.exits.example; dmarc=fail\r\n',
  '-----BEGIN PGP SIGNED MESSAGE-----\n', '-----BEGIN PGP MESSAGE-----\n', '-----Original Message-----\n', 'On 3 Nov 2026, A wrote:\n',
  'Von: a@b.example\nGesendet: heute\nAn: c@d.example\nBetreff: x\n\n', '-- \n', '<table><tr><td>', '<div style="display:none">', '<!--',
  '<style>', '<a href="', '&#x;', '&#1114112;', 'PK\x03\x04', '\x1f\x8b', '198.51.100.7 ', '\xff\xfe', '\xef\xbb\xbf', '[EX-17]', '{{name}}', '{"a":', '__proto__',
]; // prettier-ignore

const runs = [
  ' ', '\t', '\n', '\r\n', '<', '>', '(', ')', '1', '.', '[', ']', '"', "'", 'a', 'A', ':', '=', '=?', '-', '_', '/', ',', '@', '\0', '\xe2\x80\x9c',
  'QUJD', '=C3=BC', '=?utf-8?q?a?= ', '1.2.3.', '2001:db8:', 'a.b@', 'a ', '> ', '<b>', '<td>', '\n\n', 'x\n', ', ', '| ', '- ', 'http://', '12:34:56 ', '[.]',
]; // prettier-ignore

const charsets = [
  'utf-8', 'utf-16', 'utf-16le', 'utf-7', 'iso-2022-jp', 'gb18030', 'big5', 'euc-kr', 'shift_jis', 'windows-1251', 'koi8-r', 'us-ascii', 'x-unknown', '""',
]; // prettier-ignore
const types = [
  'text/plain', 'text/html', 'multipart/mixed', 'multipart/report', 'message/rfc822', 'message/delivery-status', 'message/feedback-report',
  'application/json', 'text/csv', 'application/zip', 'application/gzip', 'application/pgp-encrypted', 'application/pkcs7-mime', 'text', '/',
]; // prettier-ignore

function flipped(raw: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(raw);
  for (let count = 1 + random.below(20); count > 0 && bytes.length > 0; count--) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return bytes;
}

/** Up to 100 KB of one thing. */
function run(random: Random): Buffer {
  return Buffer.alloc(random.pick([100, 5000, 100_000]), random.pick(runs), 'latin1');
}

function addresses(random: Random): Buffer {
  const forms = [
    (a: number) => `198.51.100.${a} `,
    (a: number) => `203.0.113.${a}:${a * 7}\n`,
    (a: number) => `2001:db8:e1::${a.toString(16)}\n`,
    (a: number) => `hxxp://198[.]51[.]100[.]${a}/x `,
    (a: number) => `Source IP: 198.51.100.${a % 16}\nDestination IP: 192.0.2.${a}\n`,
    (a: number) =>
      `Nov  3 09:12:${a % 60} h sshd[${a}]: Failed password for root from 198.51.100.${a} port ${a} ssh2\n`,
    (a: number) => `2026-11-03 09:12:${a % 60} UTC,198.51.100.${a},22,tcp\r\n`,
  ];
  const form = random.pick(forms);
  return Buffer.from(Array.from({ length: random.pick([1, 3, 200, 2000]) }, () => form(random.below(256))).join(''));
}

/** One header line gone, doubled, moved to the end, folded, or with the value of another. */
function otherHead(raw: Buffer, random: Random): Buffer {
  const { lines, body } = split(raw);
  if (lines.length === 0) return raw;
  const at = random.below(lines.length);
  const line = lines[at] ?? '';
  const name = line.slice(0, Math.max(0, line.indexOf(':')));
  const value = random.pick(lines).replace(/^[^:]*:/, '');
  const made = random.pick([[], [line, line], [`${name}:${value}`], [line.replaceAll(' ', '\r\n ')], [name], [`${line}${value.repeat(50)}`]]);
  lines.splice(at, 1, ...made);
  return Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), body]);
} // prettier-ignore

/** The head of one mail over the body of the other. */
function headOf(raw: Buffer, random: Random, other: Buffer): Buffer {
  const [first, second] = random.pick([[raw, other] as const, [other, raw] as const]);
  return Buffer.concat([Buffer.from(split(first).lines.join('\r\n'), 'latin1'), split(second).body]);
}

function split(raw: Buffer): { readonly lines: string[]; readonly body: Buffer } {
  const text = raw.toString('latin1');
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  return { lines: text.slice(0, end).split(/\r?\n(?![ \t])/), body: raw.subarray(end) };
}

/** Delimiter lines lost, doubled, closed too early, or all alike. */
function otherBoundary(raw: Buffer, random: Random): Buffer {
  const how = random.pick([() => '', (line: string) => `${line}\r\n${line}`, (line: string) => `${line}--`, () => '--x', (line: string) => `${line} `]);
  return Buffer.from(raw.toString('latin1').replace(/^--[^\s-]\S{3,70}/gm, (line) => (random.below(3) > 0 ? line : how(line))), 'latin1');
} // prettier-ignore

function otherWord(raw: Buffer, random: Random, pattern: RegExp, words: readonly string[]): Buffer {
  return Buffer.from(
    raw.toString('latin1').replace(pattern, () => random.pick(words)),
    'latin1',
  );
}

/** The mail within mails or multiparts, up to a hundred deep. */
function nested(raw: Buffer, random: Random): Buffer {
  const depth = random.pick([1, 2, 5, 100]);
  const heads = Array.from({ length: depth }, (_, i) =>
    random.below(2) === 0
      ? 'Content-Type: message/rfc822\r\n\r\n'
      : `Content-Type: multipart/mixed; boundary="b${i}"\r\n\r\n--b${i}\r\n`,
  );
  return Buffer.concat([Buffer.from(`From: a@b.example\r\n${heads.join('')}`), raw]);
}

/** Every line of the body behind quote marks. */
function quoted(raw: Buffer, random: Random): Buffer {
  const { lines, body } = split(raw);
  const mark = random.pick(['> ', '>', '| ', '>>>> ', '    ', '> > ']).repeat(random.pick([1, 1, 3, 40]));
  const text = body.toString('latin1').replace(/\n(?!\r?\n)/g, `\n${mark}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text}`, 'latin1');
}

function span(raw: Buffer, random: Random): [number, number] {
  const from = random.below(raw.length + 1);
  return [from, Math.min(raw.length, from + random.below(random.pick([50, 500, 5000])))];
}

/** Anywhere, but often where a line or the body begins. */
function placeIn(raw: Buffer, random: Random): number {
  const at = random.below(raw.length + 1);
  switch (random.below(3)) {
    case 0:
      return Math.max(0, raw.indexOf('\n\r\n') + 3, raw.indexOf('\n\n') + 2);
    case 1:
      return raw.indexOf('\n', at) + 1;
    default:
      return at;
  }
}

function inserted(raw: Buffer, at: number, bytes: Buffer): Buffer {
  return Buffer.concat([raw.subarray(0, at), bytes, raw.subarray(at)]);
}

/** mulberry32, begun anew for each index so that any mutant can be made by itself. */
function randomFrom(seed: number, index: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number): number => (limit < 1 ? 0 : next() % limit);
  return {
    below,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
  };
}
