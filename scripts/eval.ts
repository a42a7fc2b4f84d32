import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { judge, judgeUnreadable } from '../src/core/judge/judge.ts';
import type { JudgingContext } from '../src/core/judge/judging-context.ts';
import type { Judgement } from '../src/core/judgement.ts';
import type { Inventory } from '../src/core/exits.ts';
import { detectLanguage } from '../src/judging/detect-language.ts';
import { parseInventory } from '../src/judging/inventory-file.ts';
import { loadJudgementData } from '../src/judging/load-judgement-data.ts';
import { parseMail } from '../src/mail/parse.ts';

/**
 * Scores the judgement on a folder of labelled mails: `written/` (a .json beside each .eml, and inventory.json) and
 * `collected/index.tsv` (kind and automated only). Run as `npm run eval [folder] [-- --verbose]`.
 */
type Label = {
  readonly kind: string;
  readonly automated: boolean | 'either';
  readonly risk: string | null;
  readonly handling: string;
  readonly category: string | null;
  readonly reported: readonly string[];
  readonly mentioned: readonly string[];
  readonly at: string | null;
  readonly language: string | null;
  readonly answer_to: string | null;
  readonly name: string | null;
  readonly provider: { readonly token: string; readonly deadline: string | null; readonly form: string | null } | null;
};

type Sample = { readonly file: string; readonly label: Label; readonly judgement: Judgement; readonly ms: number };

type Mistake = { readonly file: string; readonly what: string; readonly wanted: unknown; readonly got: unknown };

const folder = resolve(process.argv.slice(2).find((a) => !a.startsWith('-')) ?? defaultFolder());
const verbose = process.argv.includes('--verbose');
const only = process.argv.find((a) => a.startsWith('--only='))?.slice(7);

function defaultFolder(): string {
  return process.env['EXITDESK_CORPUS'] ?? join(import.meta.dirname, '..', '..', 'shared', 'corpus');
}

async function main(): Promise<void> {
  if (!existsSync(folder)) {
    console.error(`no labelled mails at ${folder}: name a folder, or set EXITDESK_CORPUS`);
    process.exitCode = 3;
    return;
  }
  const written = existsSync(join(folder, 'written'))
    ? join(folder, 'written')
    : existsSync(join(folder, 'inventory.json'))
      ? folder
      : null;
  if (written !== null) await scoreWritten(written);
  const collected = [join(folder, 'collected'), folder].find((path) => existsSync(join(path, 'index.tsv'))) ?? null;
  if (collected !== null && !only) await scoreCollected(collected);
}

function contextWith(inventory: Inventory): JudgingContext {
  return { inventory, data: loadJudgementData(), detectLanguage, letterLanguages: ['en'], handling: {} };
}

async function judgeFile(path: string, context: JudgingContext): Promise<{ judgement: Judgement; ms: number }> {
  const raw = readFileSync(path);
  const start = performance.now();
  const parsed = await parseMail(raw);
  const judgement = parsed.ok ? judge(parsed.mail, context) : judgeUnreadable(parsed.reason);
  return { judgement, ms: performance.now() - start };
}

async function scoreWritten(path: string): Promise<void> {
  const context = contextWith(parseInventory(JSON.parse(readFileSync(join(path, 'inventory.json'), 'utf8'))));
  const files = readdirSync(path)
    .filter((name) => name.endsWith('.eml'))
    .sort();
  const samples: Sample[] = [];
  for (const name of files) {
    if (only !== undefined && !name.startsWith(only)) continue;
    const label = JSON.parse(readFileSync(join(path, name.replace(/\.eml$/, '.json')), 'utf8')) as Label;
    samples.push({ file: basename(name, '.eml'), label, ...(await judgeFile(join(path, name), context)) });
  }
  if (only !== undefined) console.log(JSON.stringify(samples, null, 1));
  console.log(`\n# Written mails: ${samples.length} of ${path}\n`);
  const mistakes = samples.flatMap(mistakesOf);
  printFigures(samples);
  printBy('language', samples, (s) => s.label.language ?? '-');
  printBy('kind', samples, (s) => s.label.kind);
  printMistakes(mistakes);
}

function fits(wanted: unknown, got: unknown): boolean {
  return wanted === 'either' || wanted === got;
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === a.length;
}

function reportedOf({ judgement }: Sample): string[] {
  return judgement.addresses.filter((a) => a.role === 'reported').map((a) => a.ip);
}

/** Greetings are compared leniently: part of the name is fine, a name where there is none is not. */
function fitsName(wanted: string | null, got: string | null): boolean {
  if (wanted === null || got === null) return got === null;
  const parts = new Set(wanted.toLowerCase().split(/[\s.,]+/));
  return (
    wanted.includes(got) ||
    got
      .toLowerCase()
      .split(/[\s.,]+/)
      .some((part) => part.length > 1 && parts.has(part))
  );
}

function isEvent(sample: Sample): boolean {
  const { at, local } = sample.judgement.event;
  const wanted = sample.label.at;
  if (wanted === null) return at === null && local === null;
  if (wanted.startsWith('local:')) return at === null && local === wanted.slice(6);
  return at !== null && Date.parse(at) === Date.parse(wanted);
}

function leaksLowLetter({ label, judgement }: Sample): boolean {
  return (
    label.risk === 'threatening' && judgement.risk.handling === 'letter' && judgement.letter?.template !== 'threatening'
  );
}

function leaksLetter({ label, judgement }: Sample): boolean {
  return (label.handling === 'person' || label.handling === 'none') && judgement.risk.handling === 'letter';
}

/** Of which samples, in how many it holds, and what is wanted. */
type Figure = readonly [name: string, of: readonly Sample[], holds: (sample: Sample) => boolean, bar: string];

function printFigures(samples: readonly Sample[]): void {
  count('letters other than threatening that would leave for a threat', samples.filter(leaksLowLetter).length, '0');
  count('letters for handling person or none', samples.filter(leaksLetter).length, '0');
  for (const figure of riskFigures(samples)) printFigure(figure);
  const sets = samples.filter((s) => sameSet(reportedOf(s), s.label.reported));
  share('accused-address set exactly right', sets.length, samples.length, '96 %');
  const got = samples.flatMap((s) => reportedOf(s).map((ip) => s.label.reported.includes(ip)));
  const wanted = samples.flatMap((s) => s.label.reported.map((ip) => reportedOf(s).includes(ip)));
  share('  precision of accused addresses', got.filter(Boolean).length, got.length, '-');
  share('  recall of accused addresses', wanted.filter(Boolean).length, wanted.length, '-');
  for (const figure of [...senderFigures(samples), ...answerFigures(samples)]) printFigure(figure);
  const times = samples.map((s) => s.ms).sort((a, b) => a - b);
  console.log(
    `${'ms a mail, reading included: median, 95th percentile, highest'.padEnd(66)} ${[0.5, 0.95, 1].map((q) => (times[Math.min(times.length - 1, Math.floor(q * times.length))] ?? 0).toFixed(1)).join(' / ')}`,
  );
}

function riskFigures(samples: readonly Sample[]): readonly Figure[] {
  const threatening = samples.filter((s) => s.label.kind === 'complaint' && s.label.risk === 'threatening');
  const saidThreatening = samples.filter((s) => s.judgement.risk.level === 'threatening');
  const due = samples.filter((s) => s.label.handling === 'letter');
  return [
    ['threatening complaints recognised or unsure', threatening, (s) => s.judgement.risk.level !== 'non-threatening', '99 %'], // prettier-ignore
    ['  of these said threatening', threatening, (s) => s.judgement.risk.level === 'threatening', '-'],
    ['precision of "threatening"', saidThreatening, (s) => fits(s.label.risk, 'threatening'), '92 %'],
    ['letters ready where one is due', due, (s) => s.judgement.risk.handling === 'letter', '90 %'],
  ];
}

function senderFigures(samples: readonly Sample[]): readonly Figure[] {
  const sides = samples.filter((s) => s.label.automated !== 'either');
  const decided = sides.filter((s) => s.judgement.sender.automated !== null);
  return [
    ['time of the event', samples, isEvent, '-'],
    ['kind', samples, (s) => fits(s.label.kind, s.judgement.kind), '97 %'],
    ['robot or person, of the decided', decided, (s) => s.label.automated === s.judgement.sender.automated, '97 %'],
    ['  left open', sides, (s) => s.judgement.sender.automated === null, 'at most 5 %'],
  ];
}

function answerFigures(samples: readonly Sample[]): readonly Figure[] {
  const complaints = samples.filter((s) => s.label.kind === 'complaint');
  return [
    ['category', complaints, (s) => s.label.category === null || fits(s.label.category, s.judgement.risk.category), '-'], // prettier-ignore
    ['handling', samples, (s) => fits(s.label.handling, s.judgement.risk.handling), '-'],
    ['answer-to', samples, (s) => s.label.answer_to === (s.judgement.letter?.to ?? null), '97 %'],
    ['language', samples, (s) => s.label.language === s.judgement.language, '98 %'],
    ['greeting', samples, (s) => fitsName(s.label.name, s.judgement.sender.greeting), '-'],
    ['provider', samples, isProvider, '-'],
  ];
}

function printFigure([name, of, holds, bar]: Figure): void {
  share(name, of.filter(holds).length, of.length, bar);
}

function share(name: string, hit: number, all: number, bar: string): void {
  console.log(
    `${name.padEnd(66)} ${String(hit).padStart(5)}/${String(all).padEnd(5)} ${(all === 0 ? 100 : (100 * hit) / all).toFixed(1).padStart(6)} %   bar ${bar}`,
  );
}

function count(name: string, value: number, bar: string): void {
  console.log(`${name.padEnd(66)} ${String(value).padStart(5)}                  bar ${bar}`);
}

function isProvider({ label, judgement }: Sample): boolean {
  if (label.provider === null || judgement.provider === null) return label.provider === judgement.provider;
  return label.provider.token === judgement.provider.token && label.provider.form === judgement.provider.form;
}

function mistakesOf(sample: Sample): Mistake[] {
  const { file, label, judgement } = sample;
  const mistakes: Mistake[] = [];
  const check = (what: string, ok: boolean, wanted: unknown, got: unknown) => {
    if (!ok) mistakes.push({ file, what, wanted, got });
  };
  check(
    '1 leaks',
    !leaksLowLetter(sample) && !leaksLetter(sample),
    `${label.risk}/${label.handling}`,
    `${judgement.risk.level}/${judgement.letter?.template}`,
  );
  check('2 risk', label.kind !== 'complaint' || fits(label.risk, judgement.risk.level), label.risk, [
    judgement.risk.level,
    judgement.risk.category,
    ...judgement.risk.because.slice(0, 4).map((b) => `${b.rule}: ${b.text}`),
  ]);
  check('3 handling', fits(label.handling, judgement.risk.handling), label.handling, [
    judgement.risk.handling,
    ...judgement.risk.because.slice(0, 4).map((b) => `${b.rule}: ${b.text}`),
  ]);
  check('4 kind', fits(label.kind, judgement.kind), label.kind, [
    judgement.kind,
    ...judgement.risk.because.slice(0, 4).map((b) => `${b.rule}: ${b.text}`),
  ]);
  check('5 automated', fits(label.automated, judgement.sender.automated), label.automated, [
    judgement.sender.automated,
    judgement.sender.confidence,
    ...judgement.sender.because.map((b) => `${b.rule}: ${b.text}`),
  ]);
  check('6 reported', sameSet(reportedOf(sample), label.reported), label.reported, reportedOf(sample));
  check('6 at', isEvent(sample), label.at, judgement.event.at ?? judgement.event.local);
  check(
    '7 answer-to',
    label.answer_to === (judgement.letter?.to ?? null),
    label.answer_to,
    judgement.letter?.to ?? null,
  );
  check('8 language', label.language === judgement.language, label.language, judgement.language);
  check('9 name', fitsName(label.name, judgement.sender.greeting), label.name, judgement.sender.greeting);
  check(
    '9 category',
    label.kind !== 'complaint' || label.category === null || fits(label.category, judgement.risk.category),
    label.category,
    judgement.risk.category,
  );
  check('9 provider', isProvider(sample), label.provider, judgement.provider);
  return mistakes;
}

function printBy(name: string, samples: readonly Sample[], key: (s: Sample) => string): void {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) groups.set(key(sample), [...(groups.get(key(sample)) ?? []), sample]);
  const figures: ReadonlyArray<readonly [string, (s: Sample) => boolean]> = [
    ['addresses', (s) => sameSet(reportedOf(s), s.label.reported)],
    ['kind', (s) => fits(s.label.kind, s.judgement.kind)],
    ['automated', (s) => fits(s.label.automated, s.judgement.sender.automated)],
    ['risk', (s) => s.label.risk === null || fits(s.label.risk, s.judgement.risk.level)],
    ['handling', (s) => fits(s.label.handling, s.judgement.risk.handling)],
    ['answer-to', (s) => s.label.answer_to === (s.judgement.letter?.to ?? null)],
    ['language', (s) => s.label.language === s.judgement.language],
  ];
  console.log(`\n${`by ${name}`.padEnd(14)}${'mails'.padStart(6)}${figures.map(([f]) => f.padStart(11)).join('')}`);
  for (const [group, members] of [...groups].sort(([a], [b]) => a.localeCompare(b))) {
    const cells = figures.map(([, ok]) => `${members.filter(ok).length}/${members.length}`.padStart(11));
    console.log(`${group.padEnd(14)}${String(members.length).padStart(6)}${cells.join('')}`);
  }
}

function printMistakes(mistakes: readonly Mistake[]): void {
  const shown = [...mistakes].sort((a, b) => (a.what < b.what ? -1 : a.what > b.what ? 1 : 0));
  console.log(`\nmistakes, the worst first (${mistakes.length}${verbose ? '' : ', all with --verbose'})`);
  for (const m of shown.slice(0, verbose ? undefined : 25)) {
    console.log(
      `${m.what.padEnd(12)} ${m.file.padEnd(34)} wanted ${JSON.stringify(m.wanted)} got ${JSON.stringify(m.got)}`,
    );
  }
}

const kindOf: Readonly<Record<string, readonly string[]>> = {
  'complaint-bot': ['complaint', 'notice'],
  'complaint-human': ['complaint'],
  'feedback-report': ['complaint'],
  bounce: ['bounce'],
  'auto-reply': ['auto-reply'],
  spam: ['unrelated'],
};

async function scoreCollected(path: string): Promise<void> {
  const context = contextWith(
    parseInventory({
      desk: {
        addresses: ['abuse@desk.invalid'],
        messageIdDomain: 'desk.invalid',
        authservId: 'mx.desk.invalid',
        tokenPrefix: 'EX',
      },
      nodes: [],
    }),
  );
  const [head, ...rows] = readFileSync(join(path, 'index.tsv'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
  const column = (name: string) => head?.indexOf(name) ?? -1;
  const tally = new Map<
    string,
    { all: number; kind: number; decided: number; right: number; sides: number; wrong: string[] }
  >();
  for (const row of rows) {
    const wanted = kindOf[row[column('kind')] ?? ''];
    const file = join(path, row[column('path')] ?? '');
    if (wanted === undefined || !existsSync(file) || file.endsWith('.json')) continue;
    const { judgement } = await judgeFile(file, context);
    const key = `${row[column('kind')]} ${(row[column('path')] ?? '').split('/')[0]}`;
    const t = tally.get(key) ?? { all: 0, kind: 0, decided: 0, right: 0, sides: 0, wrong: [] };
    t.all++;
    if (wanted.includes(judgement.kind)) t.kind++;
    else
      t.wrong.push(
        `${row[column('path')]} -> ${judgement.kind} (${judgement.risk.because
          .map((b) => `${b.rule}: ${b.text}`)
          .slice(0, 3)
          .join('; ')})`,
      );
    const side = row[column('automated')];
    if (side === 'y' || side === 'n') {
      t.sides++;
      if (judgement.sender.automated !== null) t.decided++;
      if (judgement.sender.automated === (side === 'y')) t.right++;
      else
        t.wrong.push(
          `${row[column('path')]} automated ${side} -> ${judgement.sender.automated} (${judgement.sender.because
            .map((b) => `${b.rule}: ${b.text}`)
            .slice(0, 3)
            .join('; ')})`,
        );
    }
    tally.set(key, t);
  }
  console.log(`\n# Collected mails of ${path}: kind and automated only\n`);
  for (const [key, t] of [...tally].sort(([a], [b]) => a.localeCompare(b))) {
    console.log(`${key.padEnd(44)} kind ${t.kind}/${t.all}   automated ${t.right}/${t.decided} decided of ${t.sides}`);
    for (const line of verbose ? t.wrong : t.wrong.slice(0, 3)) console.log(`    ${line}`);
  }
}

await main();
