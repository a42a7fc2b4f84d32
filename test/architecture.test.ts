import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('src', name));

/** Imports go inward: each file may import from its own ring and those before it. */
const rings: readonly (readonly [name: string, holds: (file: string) => boolean])[] = [
  ['errors', (f) => f === 'src/errors.ts'],
  ['core', (f) => f.startsWith('src/core/')],
  ['store mail hosts tor', (f) => /^src\/(store|mail|hosts|tor)\//.test(f)],
  ['judging', (f) => f.startsWith('src/judging/')],
  ['config log', (f) => /^src\/(config\/|config\.ts|log\.ts|lock\.ts|bell\.ts)/.test(f)],
  ['app', (f) => /^src\/(app|build-app)\.ts$/.test(f)],
  ['flow', (f) => f.startsWith('src/flow/')],
  ['daemon', (f) => f === 'src/daemon.ts'],
  ['cli console', (f) => /^src\/(cli|console)\//.test(f)],
  ['main', (f) => f === 'src/main.ts'],
];

/** store, mail, hosts and tor lie in one ring and know nothing of each other; neither do flow's steps know the commands. */
const strangers = ['src/store/', 'src/mail/', 'src/hosts/', 'src/tor/'];

/** Who alone may import a library. */
const owners: Readonly<Record<string, RegExp>> = {
  imapflow: /^src\/mail\/imap/,
  mailparser: /^src\/mail\//,
  nodemailer: /^src\/mail\/(smtp|compose)/,
  mustache: /^src\/mail\/(render|template)/,
  ssh2: /^src\/hosts\//,
  socks: /^src\/tor\/dial\.ts$/,
  'node:http': /^src\/(tor|console)\//,
  'better-sqlite3': /^src\/(store\/open|lock)\.ts$/,
  'node-cron': /^src\/daemon\.ts$/,
  commander: /^src\/main\.ts$/,
  pino: /^src\/log\.ts$/,
};

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)[^'";]*?from '([^']+)'|^import '([^']+)'|import\('([^']+)'\)/gm)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
}

function ringOf(file: string): number {
  return rings.findIndex(([, holds]) => holds(file));
}

describe('the house', () => {
  it('every source file lies in a ring', () => {
    expect(sources.filter((file) => ringOf(file) === -1)).toEqual([]);
  });

  it('imports go inward', () => {
    const outward = sources.flatMap((file) =>
      importsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => relative(root, resolve(root, dirname(file), name)))
        .filter((target) => target.endsWith('.ts') && ringOf(target) > ringOf(file))
        .map((target) => `${file} imports ${target}`),
    );
    expect(outward).toEqual([]);
  });

  it('store, mail, hosts and tor know nothing of each other', () => {
    const crossing = sources.flatMap((file) => {
      const own = strangers.find((folder) => file.startsWith(folder));
      if (own === undefined) return [];
      return importsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => relative(root, resolve(root, dirname(file), name)))
        .filter((target) => strangers.some((folder) => folder !== own && target.startsWith(folder)))
        .map((target) => `${file} imports ${target}`);
    });
    expect(crossing).toEqual([]);
  });

  it('each library that does io has one place', () => {
    const elsewhere = sources.flatMap((file) =>
      importsOf(file).flatMap((name) => {
        const library = name.startsWith('node:') ? name : name.split('/')[0];
        const owner = library === undefined ? undefined : owners[library];
        return owner !== undefined && !owner.test(file) ? [`${file} imports ${name}`] : [];
      }),
    );
    expect(elsewhere).toEqual([]);
  });

  it('the core imports no node: module that does io', () => {
    const allowed = new Set(['node:net', 'node:crypto']);
    const found = sources
      .filter((file) => file.startsWith('src/core/'))
      .flatMap((file) =>
        importsOf(file).flatMap((name) => (name.startsWith('node:') && !allowed.has(name) ? [`${file}: ${name}`] : [])),
      );
    expect(found).toEqual([]);
  });

  it('no file is a drawer by its name, none is over 400 lines', () => {
    expect(
      sources.filter((file) => /(^|\/)(utils?|helpers?|common|misc|types|interfaces|index)(\.ts|\/)/.test(file)),
    ).toEqual([]);
    expect(sources.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 401)).toEqual([]);
  });

  it('no class but the error class', () => {
    const classes = sources.flatMap((file) =>
      [
        ...readFileSync(join(root, file), 'utf8').matchAll(
          /^(?:export )?(?:abstract )?class (\w+)(?: extends ([\w.]+))?/gm,
        ),
      ].map((match) => `${match[1]} extends ${match[2] ?? 'nothing'}`),
    );
    expect(classes.toSorted()).toEqual(['DeskError extends Error', 'StrictContext extends Mustache.Context']);
  });

  it('time and chance come from outside: only the composition root reads the clock', () => {
    const readers = sources.filter((file) =>
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b/.test(readFileSync(join(root, file), 'utf8')),
    );
    const allowed = [/^src\/build-app\.ts$/, /^src\/cli\//, /^src\/mail\/(imap|maildir|smtp)/, /^src\/hosts\//];
    expect(readers.filter((file) => !allowed.some((pattern) => pattern.test(file)))).toEqual([]);
  });
});
