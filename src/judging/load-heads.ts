import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { compileHeads, type Heads, type HeadWords } from '../core/reading/heads.ts';
import { DeskError } from '../errors.ts';

const words = z.array(z.string().min(1));
const byLanguage = z.record(z.string().regex(/^[a-z]{2}$/), words).default({});
const fields = { from: byLanguage, date: byLanguage, to: byLanguage, cc: byLanguage, subject: byLanguage };
const separators = { forward: byLanguage, reply: byLanguage, end: byLanguage };
const prefixes = { forward: words.default([]), reply: words.default([]) };
const schema = z.strictObject({
  fields: z.strictObject(fields).prefault({}),
  attributions: byLanguage,
  separators: z.strictObject(separators).prefault({}),
  prefixes: z.strictObject(prefixes).prefault({}),
  closings: byLanguage,
  devices: byLanguage,
  disclaimers: byLanguage,
  banners: byLanguage,
  footers: byLanguage,
});

/**
 * Loads config/judgement/heads.yaml and adds the words of a file of that name in an operator's own folder, where there
 * is one.
 * @throws DeskError judgement-data-invalid, naming every problem of both files
 */
export function loadHeads(ownFolder: string | null = null): Heads {
  const shipped = join(import.meta.dirname, '..', '..', 'config', 'judgement', 'heads.yaml');
  const own = ownFolder === null ? [] : [join(ownFolder, 'heads.yaml')].filter((path) => existsSync(path));
  const problems: string[] = [];
  const files = [shipped, ...own].flatMap((path): HeadWords[] => {
    try {
      const outcome = schema.safeParse(parse(readFileSync(path, 'utf8')));
      if (outcome.success) return [outcome.data];
      problems.push(`${path}:\n${z.prettifyError(outcome.error)}`);
    } catch (error) {
      problems.push(`${path}: ${error instanceof Error ? error.message : 'cannot be read'}`);
    }
    return [];
  });
  if (problems.length > 0) throw new DeskError('judgement-data-invalid', problems.join('\n'));
  return compileHeads(files);
}
