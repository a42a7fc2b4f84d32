import Mustache from 'mustache';
import type { Facts } from '../core/letters.ts';
import { nearestName } from '../core/nearest-name.ts';

/** Shared parts by name, with the file each was read from. */
export type PartialTexts = Map<string, { readonly file: string; readonly text: string }>;

export type NameCheck = {
  readonly file: string;
  readonly language: string;
  /** A view with every name that the letter knows, each with a value. */
  readonly view: object;
  readonly facts: Facts;
  /** The text of a shared part and its file; null where there is none of that name. */
  readonly readPartial: (name: string) => { readonly file: string; readonly text: string } | null;
};

type Token = readonly [type: string, name: string, start: number, end: number, inner?: readonly Token[]];
/** Where a tag stands: the values whose names it sees, innermost last, and the shared parts it stands in. */
type Place = { readonly file: string; readonly scopes: readonly unknown[]; readonly within: readonly string[] };

/** Every name of a template that its letter does not know, one sentence each with the file and what was probably meant. */
export function checkNames(template: string, check: NameCheck): string[] {
  return [...new Set(checkText(template, check, { file: check.file, scopes: [check.view], within: [] }))];
}

function checkText(template: string, check: NameCheck, place: Place): string[] {
  try {
    return checkTokens(Mustache.parse(template) as readonly Token[], check, place);
  } catch (error) {
    return [`${place.file}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function checkTokens(tokens: readonly Token[], check: NameCheck, place: Place): string[] {
  return tokens.flatMap((token): string[] => {
    const [type, name, , , inner = []] = token;
    switch (type) {
      case 'name':
      case '&':
        return resolve(name, place.scopes) === undefined ? [unknownName(name, check, place)] : [];
      case '#':
      case '^': {
        const value = resolve(name, place.scopes);
        if (value === undefined) return [unknownName(name, check, place)];
        const scopes = type === '#' ? [...place.scopes, Array.isArray(value) ? (value[0] ?? '') : value] : place.scopes;
        return checkTokens(inner, check, { ...place, scopes });
      }
      case '>':
        return checkPartial(name, check, place);
      case '=':
        return [`${place.file}: other delimiters than {{ }} are not allowed`];
      default:
        return [];
    }
  });
}

function checkPartial(name: string, check: NameCheck, place: Place): string[] {
  if (place.within.includes(name)) return [`${place.file}: {{> ${name}}} contains itself`];
  const part = check.readPartial(name);
  if (part === null)
    return [`${place.file}: there is no shared part ${check.language}/${name}.txt (its name begins with "_")`];
  return checkText(part.text, check, { ...place, file: part.file, within: [...place.within, name] });
}

/** As mustache looks a name up: in the innermost value that has its first part, then along the dots. */
function resolve(name: string, scopes: readonly unknown[]): unknown {
  if (name === '.') return scopes.at(-1);
  const [head = '', ...rest] = name.split('.');
  const scope = scopes.findLast((s) => isObject(s) && Object.hasOwn(s, head));
  return [head, ...rest].reduce<unknown>(
    (value, key) =>
      isObject(value) && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined,
    scope,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownName(name: string, check: NameCheck, { file, scopes }: Place): string {
  if (name.startsWith('facts.')) {
    const fact = name.slice('facts.'.length);
    const meant = nearestName(fact, Object.keys(check.facts));
    return `${file} uses the fact "${fact}", which letters.facts does not state in ${check.language}: say there whether it is true${meant === null ? '' : ` (did you mean "${meant}"?)`}`;
  }
  const known = [...new Set(scopes.filter(isObject).flatMap(Object.keys))];
  const meant = nearestName(name, known);
  return `${file}: this letter knows no "${name}"${meant === null ? '' : `; did you mean "${meant}"?`} (it knows ${known.join(', ')})`;
}
