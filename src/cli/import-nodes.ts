import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { FileProblem, ImportedNode, ImportResult } from '../core/tor-files/imported-node.ts';
import { mergeNodes } from '../core/tor-files/imported-node.ts';
import { nodesAsYaml } from '../core/tor-files/node-yaml.ts';
import type { RelayFilter } from '../core/tor-files/onionoo-nodes.ts';
import { nodesOfOnionoo } from '../core/tor-files/onionoo-nodes.ts';
import { nodeOfTorrc } from '../core/tor-files/torrc-node.ts';
import { DeskError } from '../errors.ts';
import type { ExitCode, Output } from './output.ts';
import { printable } from './table.ts';

export type ImportOptions = {
  readonly fingerprint?: readonly string[];
  readonly contact?: string;
  readonly json?: boolean;
};

/** A whole details document of the network is some 40 MB. */
const mostBytes = 200_000_000;

/**
 * `exitdesk nodes import FILE…`: reads torrcs, tor's fingerprint files and Onionoo details, and prints nodes for the configuration,
 * with what the files do not tell. `-` is standard input. Changes no file. Throws DeskError usage or file-unreadable.
 */
export function runImport(files: readonly string[], options: ImportOptions, out: Output): ExitCode {
  const filter = filterOf(options);
  const nodes: ImportedNode[] = [];
  const fingerprints = new Map<string, string>();
  for (const path of files) {
    const text = readText(path);
    const own = /^\s*([A-Za-z0-9]{1,19}) ((?:[0-9A-F]{4} ?){10})\s*$/.exec(text);
    if (own !== null) {
      fingerprints.set(own[1] ?? '', (own[2] ?? '').replaceAll(' ', ''));
      continue;
    }
    const result = nodesOf(path, text, filter);
    if (!result.ok) throw new DeskError('file-unreadable', explain(path, result.problems));
    for (const note of result.notes) process.stderr.write(`${printable(path)}: ${printable(note)}\n`);
    nodes.push(...result.nodes);
  }
  const named = nodes.map((node) => withFingerprint(node, fingerprints));
  for (const [nickname, fingerprint] of fingerprints)
    if (!named.some((node) => node.fingerprints.includes(fingerprint)))
      process.stderr.write(`the fingerprint of ${nickname} belongs to none of these files\n`);
  const merged = mergeNodes(named);
  if (options.json === true) for (const node of merged) out.write(JSON.stringify(node));
  else if (merged.length > 0)
    out.write(`# For the section "nodes" of the configuration. Read the comments.\n${nodesAsYaml(merged, Date.now())}`);
  if (merged.length > 0) return 0;
  process.stderr.write('no node of yours is in these files\n');
  return 3;
}

function nodesOf(path: string, text: string, filter: RelayFilter): ImportResult {
  if (/^\uFEFF?\s*[{[]/.test(text)) return nodesOfOnionoo(text, filter);
  return nodeOfTorrc(text, nameFrom(path));
}

function withFingerprint(node: ImportedNode, known: ReadonlyMap<string, string>): ImportedNode {
  const fingerprint = known.get(node.name);
  if (fingerprint === undefined || node.fingerprints.includes(fingerprint)) return node;
  const notes = node.notes.filter((note) => !note.startsWith('a torrc tells no fingerprint'));
  return { ...node, notes, fingerprints: [...node.fingerprints, fingerprint] };
}

/** Where a torrc has no Nickname: the name of its file, as far as it is one. */
function nameFrom(path: string): string {
  const name = basename(path)
    .replace(/[^A-Za-z0-9._-]/g, '')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 60);
  return name === '' ? 'relay' : name;
}

function filterOf({ fingerprint = [], contact }: ImportOptions): RelayFilter {
  const fingerprints = fingerprint
    .flatMap((text) => text.split(','))
    .map((text) => text.trim().replace(/^\$/, '').toUpperCase());
  const bad = fingerprints.find((text) => !/^[0-9A-F]{40}$/.test(text));
  if (bad !== undefined) throw new DeskError('usage', `"${bad}" is no fingerprint: it has 40 hexadecimal digits`);
  if (contact?.trim() === '') throw new DeskError('usage', '--contact is empty');
  return { fingerprints, contact: contact ?? null };
}

function explain(path: string, problems: readonly FileProblem[]): string {
  const lines = problems
    .slice(0, 20)
    .map(({ line, text }) => printable(line === null ? `${path}: ${text}` : `${path}, line ${line}: ${text}`));
  return `cannot be imported:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path === '-' ? 0 : path);
    if (bytes.length > mostBytes) throw new DeskError('file-unreadable', `${path} is too large`);
    if (bytes.includes(0)) throw new DeskError('file-unreadable', `${path} is no text`);
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof DeskError) throw error;
    throw new DeskError(
      'file-unreadable',
      `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
      { cause: error },
    );
  }
}
