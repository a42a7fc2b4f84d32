import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

/** Where a pattern stands: "src/mail/address.ts:12". `source` is null where it is put together while the program runs. */
export type RegexSite = { readonly place: string; readonly source: string | null; readonly flags: string };

const root = join(import.meta.dirname, '..', '..', '..');

/** Every pattern of the program's sources, literal or built. */
export function regexSites(): readonly RegexSite[] {
  return globSync('src/**/*.{ts,mjs}', { cwd: root }).sort().flatMap(sitesOf); // prettier-ignore
}

function sitesOf(file: string): readonly RegexSite[] {
  const text = readFileSync(join(root, file), 'utf8');
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  const sites: RegexSite[] = [];
  const placeOf = (at: number) => `${file}:${text.slice(0, at).split('\n').length}`;
  const types = new Set<number>();
  new Visitor({
    Literal: (node) => {
      if (!('regex' in node)) return;
      sites.push({ place: placeOf(node.start), source: node.regex.pattern, flags: node.regex.flags });
    },
    TSTypeReference: (node) => {
      types.add(node.typeName.start);
    },
    // Whatever is done with the class: called, or handed on under another name.
    Identifier: (node) => {
      if (node.name !== 'RegExp' || types.has(node.start)) return;
      sites.push({ place: placeOf(node.start), source: null, flags: '' });
    },
  }).visit(program);
  return sites;
}
