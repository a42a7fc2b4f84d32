import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { judge } from '../src/core/judge/judge.ts';
import type { JudgingContext } from '../src/core/judge/judging-context.ts';
import { detectLanguage } from '../src/judging/detect-language.ts';
import { judgeBytes } from '../src/judging/judge-bytes.ts';
import { loadJudgementData } from '../src/judging/load-judgement-data.ts';
import { defaultParseLimits } from '../src/mail/parse-limits.ts';
import { parseMail } from '../src/mail/parse.ts';

/**
 * What judging costs, as CPU time in one run: beside bare simpleParser on the same mails, and how it grows with the size of a
 * mail. Small mails are the demo's, and all up to 20 KB of the folders named in EXITDESK_CORPUS, where there is one.
 */
export async function measureJudging(root: string): Promise<string[][]> {
  const context: JudgingContext = {
    inventory: { desk, nodes: [node] },
    data: loadJudgementData(),
    detectLanguage,
    letterLanguages: ['en'],
    handling: {},
  };
  const corpus = process.env['EXITDESK_CORPUS'];
  const folders = [join(root, 'config', 'demo', 'mails')];
  if (corpus !== undefined) folders.push(...['written', 'collected'].map((name) => join(corpus, name)));
  const rows: string[][] = [];
  for (const folder of folders.filter((path) => existsSync(path))) rows.push(...(await besideParser(folder, context)));
  for (const [name, make] of grown) rows.push(...(await growth(name, make, context)));
  return rows;
}

const desk = {
  addresses: ['abuse@exits.example'],
  messageIdDomain: 'exits.example',
  authservId: 'mx.exits.example',
  tokenPrefix: 'EX',
  providerDomains: [],
};
const node = {
  name: 'helium',
  addresses: ['198.51.100.10'],
  hostnames: [],
  from: null,
  until: null,
  exit: true,
};

/** CPU time of the process, user and system, in ms. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = cpuMs();
  await work();
  return cpuMs() - began;
}

const rounds = 10;

/** The first round is what a program pays that has just started; the best of the others is what the daemon pays. */
async function besideParser(folder: string, context: JudgingContext): Promise<string[][]> {
  const mails = mailsIn(folder).filter((raw) => raw.length <= 20_000);
  const bare: number[] = [];
  const reading: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    bare.push(await timed(() => each(mails, (raw) => simpleParser(raw).catch(() => null))));
    reading.push(await timed(() => each(mails, (raw) => parseMail(raw))));
    whole.push(
      await timed(() => each(mails, (raw) => judgeBytes(raw, { truncated: false }, context, defaultParseLimits))),
    );
  }
  const ratio = (all: readonly number[], pick: (values: readonly number[]) => number) =>
    `${(pick(all) / pick(bare)).toFixed(2)} x`;
  const first = (values: readonly number[]) => values[0] ?? 0;
  const best = (values: readonly number[]) => Math.min(...values.slice(1));
  const name = folder.split('/').at(-1) ?? '';
  const perMail = (all: readonly number[]) => `${(best(all) / mails.length).toFixed(2)} ms`;
  return [
    [
      `judging beside simpleParser, ${name}`,
      ratio(whole, best),
      `${mails.length} small mails; ${perMail(whole)} a mail`,
    ],
    ['… reading alone', ratio(reading, best), `${perMail(reading)} a mail; simpleParser ${perMail(bare)}`],
    ['… judging, in a process just started', ratio(whole, first), ''],
  ];
}

async function each(mails: readonly Buffer[], work: (raw: Buffer) => Promise<unknown>): Promise<void> {
  for (const raw of mails) await work(raw);
}

function mailsIn(folder: string): Buffer[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/\.(?:json|md|tsv|txt)$/i.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}

const head =
  'From: r@reporter.example\r\nTo: abuse@exits.example\r\nSubject: report\r\nDate: Tue, 10 Nov 2026 10:00:00 +0000\r\n' +
  'Message-ID: <grown@reporter.example>\r\nMIME-Version: 1.0\r\n';

/** Mails that grow by their lines: a page with one table, a log, prose. */
const grown: ReadonlyArray<readonly [string, (lines: number) => string]> = [
  [
    'table in HTML',
    (lines) =>
      `${head}Content-Type: text/html; charset=utf-8\r\n\r\n<table><tr><th>Source IP</th><th>Port</th><th>Time</th></tr>` +
      many(
        lines,
        (i) =>
          `<tr><td>198.51.${i % 256}.${(i >> 8) % 256}</td><td>22</td><td>2026-11-09 10:${two(i)}:00 UTC</td></tr>\r\n`,
      ) + // prettier-ignore
      '</table>',
  ],
  [
    'log',
    (lines) =>
      `${head}Content-Type: text/plain\r\n\r\nAttacks from your host:\r\n\r\n` +
      many(lines, (i) => `Nov  9 10:${two(i)}:01 web sshd[${i}]: Failed password for root from 198.51.100.10 port ${i % 60_000} ssh2\r\n`), // prettier-ignore
  ],
  [
    'prose',
    (lines) =>
      `${head}Content-Type: text/plain\r\n\r\n` +
      many(lines, (i) => `We ask you to look into this, since number ${i} of our customers was attacked by your host yesterday at noon.\r\n`), // prettier-ignore
  ],
];

function many(lines: number, line: (i: number) => string): string {
  return Array.from({ length: lines }, (_, i) => line(i)).join('');
}

function two(i: number): string {
  return String(i % 60).padStart(2, '0');
}

/** A mail of 4.8 MB, and how much dearer one of 24 MB is: five times where time is linear, less where a limit cuts. */
async function growth(name: string, make: (lines: number) => string, context: JudgingContext): Promise<string[][]> {
  const perLine = make(1000).length / 1000;
  const cost = async (bytes: number): Promise<number> => {
    const raw = Buffer.from(make(Math.round(bytes / perLine)));
    return timed(async () => {
      const parsed = await parseMail(raw);
      if (parsed.ok) judge(parsed.mail, context);
    });
  };
  await cost(200_000);
  const [some, much] = [await cost(4_800_000), await cost(24_000_000)];
  return [
    [`${name}, a mail of 4.8 MB`, `${some.toFixed(0)} ms`, `of 24 MB: ${(much / some).toFixed(1)} times as long`],
  ];
}
