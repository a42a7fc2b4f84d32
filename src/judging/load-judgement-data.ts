import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { foldWord } from '../core/judge/fold-text.ts';
import {
  phraseSources,
  type Concept,
  type JudgementData,
  type LanguageFile,
  type NameWords,
  type RiskRule,
  type SenderMark,
} from '../core/judge/judgement-data.ts';
import { compileLabels, labelsSchema, type Labels } from '../core/readers/labels.ts';
import { timeWordsSchema } from '../core/readers/times/time-words.ts';
import { indexPhrases, type PhraseSource } from '../core/judge/phrase-index.ts';
import { categories } from '../core/judgement.ts';
import { loadHeads } from './load-heads.ts';
import { DeskError } from '../errors.ts';

const text = z.string().min(1);
const conceptSchema = z.strictObject({
  id: text,
  reason: text,
  negatable: z.boolean().default(true),
  foreign: z.boolean().default(true),
});
/** A block of text, one phrase a line, of single words several between "|". See parsePhrase for the notation. */
const phraseLines = z
  .string('phrases are one block of text, "phrases: |", one a line (see config/judgement/README.md)')
  .transform((block) => block.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()])))
  .refine((lines) => lines.length > 0, 'at least one phrase is needed');
const languageSchema = z.strictObject({
  language: z.string().regex(/^(?:[a-z]{2}|any)$/),
  partial: z.boolean().default(false),
  negators: z.array(text).default([]),
  sets: z.record(text, z.array(text)).default({}),
  concepts: z.record(text, z.strictObject({ phrases: phraseLines, examples: z.array(text).min(1) })),
  harmless: z.array(text).default([]),
});
const ruleSchema = z.strictObject({
  id: text,
  reason: text,
  category: z.enum(categories),
  grounds: z.array(z.enum(['danger', 'person'])).min(1),
  all: z.array(z.array(text).min(1)).min(1),
  within: z.number().int().positive().nullable().default(null),
  where: z.enum(['narrative', 'open', 'forwarded', 'identity']).default('narrative'),
  weight: z.number().min(0).max(1),
  sealed: z.boolean().default(false),
  examples: z.array(text).min(1),
});
const markSchema = z.strictObject({
  id: text,
  reason: text,
  part: z.enum([
    'header',
    'from-address',
    'from-local',
    'from-domain',
    'from-name',
    'subject',
    'attachment-name',
    'link',
  ]),
  header: z
    .string()
    .regex(/^[a-z0-9-]+\*?$/)
    .nullable()
    .default(null),
  match: z.enum(['is', 'starts', 'ends', 'contains', 'word', 'exists']).default('contains'),
  values: z
    .array(
      z
        .string()
        .min(1)
        .refine((v) => v === v.toLowerCase(), 'values are written in lower case'),
    )
    .default([]),
  weight: z.number().min(-4).max(4),
  says: z
    .array(
      z.enum([
        'robot',
        'auto-reply',
        'ticket',
        'bounce',
        'notice',
        'bulk',
        'unread',
        'list',
        'forward',
        'answer',
        'authority',
        'lawyer',
      ]),
    )
    .default([]),
  examples: z.array(text).min(1),
});
const namesSchema = z.strictObject({ roles: z.array(text), titles: z.array(text) });

/** The files of one or more folders as they stand there, checked against their schemas; kept for tests and for `doctor`. */
export type JudgementFiles = {
  readonly concepts: readonly Concept[];
  readonly languages: readonly LanguageFile[];
  readonly rules: readonly RiskRule[];
  readonly marks: readonly SenderMark[];
  readonly names: { readonly roles: readonly string[]; readonly titles: readonly string[] };
};

/** Where the shipped data lies. */
export const shippedJudgementFolder = join(import.meta.dirname, '..', '..', 'config', 'judgement');

/**
 * Loads the shipped judgement data and lays an operator's own folder of the same structure over it: an entry with a known
 * id replaces ours, others are added.
 * @throws DeskError judgement-data-invalid, naming every problem of every file
 */
export function loadJudgementData(ownFolder: string | null = null): JudgementData {
  const files = readJudgementFiles([shippedJudgementFolder, ...(ownFolder === null ? [] : [ownFolder])]);
  return compileJudgementData(files, { heads: loadHeads(ownFolder), labels: loadLabels(ownFolder) });
}

export function readJudgementFiles(folders: readonly string[]): JudgementFiles {
  const problems: string[] = [];
  const read = <T>(path: string, schema: z.ZodType<T>): T[] => {
    if (!existsSync(path)) return [];
    const outcome = schema.safeParse(parseYaml(path, problems));
    if (outcome.success) return [outcome.data];
    problems.push(`${path}:\n${z.prettifyError(outcome.error)}`);
    return [];
  };
  for (const folder of folders) {
    if (!existsSync(folder) || !statSync(folder).isDirectory()) problems.push(`${folder}: there is no such folder`);
  }
  const inAll = <T>(name: string, schema: z.ZodType<T>) =>
    folders.flatMap((folder) => read(join(folder, name), schema));
  const files: JudgementFiles = {
    concepts: byId(inAll('concepts.yaml', z.array(conceptSchema)).flat()),
    languages: folders
      .flatMap(languagePaths)
      .flatMap((path) => read(path, languageSchema).map((file) => ({ ...file, path }))),
    rules: byId(inAll('rules.yaml', z.array(ruleSchema)).flat()),
    marks: byId(inAll('senders.yaml', z.array(markSchema)).flat()),
    names: merged(inAll('names.yaml', namesSchema)),
  };
  if (problems.length > 0) throw invalid(problems);
  return files;
}

/** Compiles checked files into what judging uses. @throws DeskError judgement-data-invalid for phrases that cannot be read */
export function compileJudgementData(
  files: JudgementFiles,
  readers: Pick<JudgementData, 'heads' | 'labels'>,
): JudgementData {
  const concepts = new Map(files.concepts.map((c) => [c.id, c]));
  const sources = new Map<string, PhraseSource>();
  const negators = new Map<string, Set<string>>();
  const problems: string[] = [];
  for (const file of files.languages) {
    for (const source of phraseSources(file, concepts)) sources.set(source.entry.id, source);
    const words = negators.get(file.language) ?? new Set();
    for (const word of file.negators) words.add(foldWord(word));
    negators.set(file.language, words);
  }
  for (const { entry, path } of sources.values()) {
    if (!concepts.has(entry.concept)) problems.push(`${path}: ${entry.id}: there is no concept "${entry.concept}"`);
  }
  const { index, problems: unreadable } = indexPhrases(sources.values());
  problems.push(...unreadable);
  for (const rule of files.rules) {
    for (const concept of rule.all.flat()) {
      if (!concepts.has(concept)) problems.push(`rules.yaml ${rule.id}: there is no concept "${concept}"`);
    }
  }
  if (problems.length > 0) throw invalid(problems);
  return {
    concepts,
    index,
    languages: new Set(files.languages.map((f) => f.language)),
    partial: new Set(files.languages.filter((f) => f.partial).map((f) => f.language)),
    negators,
    ...readers,
    rules: files.rules,
    marks: files.marks,
    names: compileNames(files.names),
  };
}

/** labels.yaml adds up; of labels-time.yaml an operator's own replaces ours. */
function loadLabels(ownFolder: string | null): Labels {
  const problems: string[] = [];
  const folders = [shippedJudgementFolder, ...(ownFolder === null ? [] : [ownFolder])];
  const readAll = <T>(name: string, schema: z.ZodType<T>): T[] =>
    folders
      .map((folder) => join(folder, name))
      .filter((path) => existsSync(path))
      .flatMap((path) => {
        const outcome = schema.safeParse(parseYaml(path, problems));
        if (outcome.success) return [outcome.data];
        problems.push(`${path}:\n${z.prettifyError(outcome.error)}`);
        return [];
      });
  const labels = readAll('labels.yaml', labelsSchema);
  const times = readAll('labels-time.yaml', timeWordsSchema).at(-1);
  if (problems.length > 0 || times === undefined)
    throw invalid([...problems, ...(times ? [] : ['labels-time.yaml is missing'])]);
  return compileLabels(labels, times);
}

function languagePaths(folder: string): string[] {
  const path = join(folder, 'languages');
  if (!existsSync(path)) return [];
  const names = readdirSync(path).filter((name) => name.endsWith('.yaml'));
  return names.sort().map((name) => join(path, basename(name)));
}

function parseYaml(path: string, problems: string[]): unknown {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    problems.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function byId<T extends { readonly id: string }>(entries: readonly T[]): T[] {
  return [...new Map(entries.map((entry) => [entry.id, entry])).values()];
}

function merged(
  files: ReadonlyArray<{ roles: readonly string[]; titles: readonly string[] }>,
): JudgementFiles['names'] {
  return { roles: files.flatMap((f) => f.roles), titles: files.flatMap((f) => f.titles) };
}

function compileNames({ roles, titles }: JudgementFiles['names']): NameWords {
  return {
    roles: folded(roles.filter((role) => !role.includes('*'))),
    roleBeginnings: roles.filter((role) => role.endsWith('*')).map((role) => foldWord(role.slice(0, -1))),
    roleEnds: roles.filter((role) => role.startsWith('*')).map((role) => foldWord(role.slice(1))),
    titles: folded(titles),
  };
}

function folded(words: readonly string[]): Set<string> {
  return new Set(words.map(foldWord));
}

function invalid(problems: readonly string[]): DeskError {
  return new DeskError('judgement-data-invalid', `the judgement data cannot be used:\n${problems.join('\n')}`);
}
