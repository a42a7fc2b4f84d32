import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../src/cli/exit-code.ts';
import { alertSubjects } from '../src/core/case.ts';
import { DeskError, type ErrorCode } from '../src/errors.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const documents = [
  ...readdirSync(root),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name)),
  'templates/README.md',
].filter((name) => name.endsWith('.md'));
const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;

describe('the documents', () => {
  it('README opens with the two commands, and they are scripts of the package', () => {
    const commands = read('README.md')
      .split('\n')
      .filter((line) => line.startsWith('    npm ci'))
      .map((line) => line.split('#')[0]?.trim());
    expect(commands).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test', 'exitdesk', 'test:image', 'soak']));
  });

  it.each(documents)('every link of %s leads to a file that exists', (document) => {
    const links = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
    const missing = links
      .filter((link) => !/^(?:https?:|mailto:|#)/.test(link))
      .filter((link) => !existsSync(join(root, dirname(document), link.split('#')[0] ?? '')));
    expect(missing).toEqual([]);
  });

  it.each(documents)('every path of the sources that %s names exists', (document) => {
    const named = [...read(document).matchAll(/`((?:src|config|test|scripts|migrations|templates|docs)\/[\w./-]+)`/g)];
    const missing = named.map((match) => match[1] ?? '').filter((path) => !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });

  it.each(documents)('every npm script that %s names exists', (document) => {
    const named = [...read(document).matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map((match) => match[1] ?? '');
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it.each(documents)('every command that %s shows is one of the program', (document) => {
    const known = new Set([...read('src/main.ts').matchAll(/[cC]ommand\(\s*'([a-z-]+)'/g)].map((match) => match[1]));
    const shown = [...read(document).matchAll(/(?:`|^ {4}|-- )exitdesk ([a-z][a-z-]+)/gm)].map((match) => match[1]);
    expect(shown.filter((name) => !known.has(name))).toEqual([]);
  });

  it('the runbook explains every error code with its exit code, and no other', () => {
    const rows = [...read('docs/operations.md').matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gm)];
    const union = /type ErrorCode =([^;]+);/.exec(read('src/errors.ts'))?.[1] ?? '';
    const codes = [...union.matchAll(/'([a-z-]+)'/g)].map((match) => match[1]);
    expect(codes.length).toBeGreaterThan(10);
    expect(new Set(rows.map((row) => row[1]))).toEqual(new Set(codes));
    for (const [, code, exit] of rows)
      expect([code, exitCodeOf(new DeskError(code as ErrorCode, ''))]).toEqual([code, Number(exit)]);
  });

  it('the runbook explains every alert under the words of its subject', () => {
    const body = /titles: Record<AlertSubject, string> = \{([\s\S]*?)\n\};/.exec(read('src/core/alert.ts'))?.[1] ?? '';
    const titles = [...body.matchAll(/: (['"])(.+)\1,/g)].map((match) => match[2] ?? '');
    expect(titles.length).toBe(alertSubjects.length);
    expect(titles.filter((title) => !read('docs/operations.md').includes(`| ${title} |`))).toEqual([]);
  });

  it('the glossary knows every state of a case and every kind of mail', () => {
    const words = read('docs/words.md');
    const states = [...read('src/core/case.ts').matchAll(/readonly state: '([a-z-]+)'/g)].map((match) => match[1]);
    for (const state of new Set(states)) expect(words).toContain(`| \`${state}\` |`);
    const kinds = /export const kinds = \[([^\]]+)\]/.exec(read('src/core/judgement.ts'))?.[1] ?? '';
    for (const [, kind] of kinds.matchAll(/'([a-z-]+)'/g)) expect(words).toContain(`\`${kind}\``);
  });

  it('the decision on dependencies has a line for each library that the sources import', () => {
    const record = read('docs/decisions/009-dependencies.md');
    const own = Object.keys((JSON.parse(read('package.json')) as { dependencies: object }).dependencies);
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')); // prettier-ignore
    const used = own.filter((name) =>
      sources.some((file) => new RegExp(`from '${name.replace('.', '\\.')}(?:/[^']*)?'`).test(read(join('src', file)))),
    );
    expect(used.filter((name) => !record.includes(`\`${name}\``))).toEqual([]);
  });

  it('decisions are numbered without gaps', () => {
    const numbers = readdirSync(join(root, 'docs', 'decisions')).toSorted().map((name) => Number(name.slice(0, 3))); // prettier-ignore
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  it('no document names a machine of ours or a private path', () => {
    for (const document of documents) {
      expect([relative('.', document), /\/(?:work|home|root|Users)\/[a-z]/.exec(read(document))?.[0] ?? null]).toEqual([document, null]); // prettier-ignore
    }
  });
});
