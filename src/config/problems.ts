/** Problems of a configuration in words that say where, what and what to do. */
import type { Document, LineCounter } from 'yaml';
import { isMap, isScalar, type Node as YamlNode } from 'yaml';
import type { z } from 'zod';
import { nearestName } from '../core/nearest-name.ts';
import { schema } from './schema.ts';

export type Path = readonly (string | number)[];
/** One thing that is wrong, at a path of the written configuration; `key` where the key itself is what is wrong. */
export type Problem = { readonly path: Path; readonly key?: string; readonly text: string };

/** Zod's issues as problems: unknown keys one by one with what was probably meant, unions by their own message. */
export function problemsOf(issues: readonly z.core.$ZodIssue[]): Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((p) => typeof p !== 'symbol');
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key));
    if (issue.code === 'invalid_union' && issue.message === 'Invalid input') return problemsOf(meantBranch(issue));
    if (issue.code === 'invalid_key') return [{ path, text: issue.issues[0]?.message ?? issue.message }];
    if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined'))
      return [{ path, text: `is missing (${describe(path) ?? issue.expected})` }];
    return [{ path, text: issue.message.replace(/^Invalid (?:input|option): /, '') }];
  });
}

/** Of a union without a message of its own: the issues of the form that was meant, which is the one of the right type. */
function meantBranch({ errors, path }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] {
  const isOther = (issues: readonly z.core.$ZodIssue[]) =>
    issues.some((i) => i.path.length === 0 && (i.code === 'invalid_type' || i.code === 'invalid_union'));
  const meant = errors.find((issues) => !isOther(issues)) ?? errors[0] ?? [];
  return meant.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
}

/** The whole message: one line a problem, in the order of the file. */
export function explain(file: string, problems: readonly Problem[], source: Source | null): string {
  const lines = problems
    .map((problem) => ({ problem, line: source === null ? null : lineOf(source, problem) }))
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
    .map(({ problem, line }) => {
      const where = pathText(problem.key === undefined ? problem.path : [...problem.path, problem.key]);
      return `  ${line === null ? '' : `line ${line}: `}${where === '' ? '' : `${where}: `}${problem.text}`;
    });
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return `${file} is no valid configuration (${count}):\n${lines.join('\n')}`;
}

/** "nodes[0].check.port" */
export function pathText(path: Path): string {
  return path.map((p, i) => (typeof p === 'number' ? `[${p}]` : i === 0 ? p : `.${p}`)).join('');
}

export type Source = { readonly document: Document; readonly lines: LineCounter };

function unknownKey(path: Path, key: string): Problem {
  if (/^pass(?:word|wd)?$|^secret$/i.test(key))
    return {
      path,
      key,
      text: 'secrets do not stand in this file: name a file with passwordFile (or secretFile), or use the environment',
    };
  const known = knownKeys(path);
  const meant = nearestName(key, known);
  return {
    path,
    key,
    text: meant === null ? `unknown key; known here: ${known.join(', ')}` : `unknown key; did you mean "${meant}"?`,
  };
}

/** The line of a problem: of the key where the key is wrong, of the value, else of the nearest parent that is written. */
function lineOf({ document, lines }: Source, problem: Problem): number | null {
  for (let path = [...problem.path]; ; path = path.slice(0, -1)) {
    const node = document.getIn(path, true) as YamlNode | undefined;
    const key = path.length === problem.path.length ? problem.key : undefined;
    const pair =
      isMap(node) && key !== undefined ? node.items.find((i) => isScalar(i.key) && i.key.value === key) : null;
    const range = (isScalar(pair?.key) ? pair.key.range : null) ?? node?.range;
    if (range) return lines.linePos(range[0]).line;
    if (path.length === 0) return null;
  }
}

/** The schemas that may stand at a path, seen through defaults, unions and transforms. */
function schemasAt(path: Path): z.core.$ZodTypes[] {
  let here = unwrap(schema);
  for (const step of path) here = here.flatMap((s) => stepInto(s, step)).flatMap(unwrap);
  return here;
}

function stepInto(from: z.core.$ZodTypes, step: string | number): z.core.$ZodTypes[] {
  const { def } = from._zod;
  const next =
    def.type === 'object'
      ? def.shape[String(step)]
      : def.type === 'array'
        ? def.element
        : def.type === 'record'
          ? def.valueType
          : undefined;
  return next === undefined ? [] : [next as z.core.$ZodTypes];
}

function unwrap(from: z.core.$ZodTypes): z.core.$ZodTypes[] {
  const { def } = from._zod;
  if (def.type === 'union') return def.options.flatMap((o) => unwrap(o as z.core.$ZodTypes));
  if (def.type === 'pipe') return unwrap(def.in as z.core.$ZodTypes);
  return 'innerType' in def ? unwrap(def.innerType as z.core.$ZodTypes) : [from];
}

function knownKeys(path: Path): string[] {
  return schemasAt(path).flatMap(({ _zod: { def } }) => {
    if (def.type === 'object') return Object.keys(def.shape);
    if (def.type !== 'record') return [];
    const keys = (def.keyType as z.core.$ZodTypes)._zod.def;
    return keys.type === 'enum' ? Object.values(keys.entries).map(String) : [];
  });
}

function describe(path: Path): string | null {
  const last = path.at(-1);
  const inner = schemasAt(path.slice(0, -1)).flatMap((s) => (last === undefined ? [] : stepInto(s, last)));
  return inner.map((s) => (s as unknown as z.ZodType).description).find((d) => d !== undefined) ?? null;
}
