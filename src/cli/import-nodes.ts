import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { canonicalFingerprint, readFingerprintFile } from '../core/tor-files/fingerprint.ts';
import type { FileProblem, ImportedNode } from '../core/tor-files/imported-node.ts';
import { mergeNodes } from '../core/tor-files/imported-node.ts';
import { nodesAsYaml } from '../core/tor-files/node-yaml.ts';
import type { RelayFilter } from '../core/tor-files/onionoo-nodes.ts';
import { nodesOfOnionoo } from '../core/tor-files/onionoo-nodes.ts';
import { nodeOfTorrc } from '../core/tor-files/torrc-node.ts';
import { DeskError } from '../errors.ts';
import { type ExitCode, iso, type Output } from './output.ts';
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
  const read = files.map((path) => {
    const text = readText(path);
    return { path, text, own: readFingerprintFile(text) };
  });
  const fingerprints = new Map(read.flatMap(({ own }) => (own === null ? [] : [[own.nickname, own.fingerprint]])));
  const nodes: ImportedNode[] = [];
  for (const { path, text } of read.filter(({ own }) => own === null)) {
    const isJson = /^\uFEFF?\s*[{[]/.test(text);
    const result = isJson ? nodesOfOnionoo(text, filter) : nodeOfTorrc(text, nameFrom(path), fingerprints);
    if (!result.ok) throw new DeskError('file-unreadable', explain(path, result.problems));
    for (const note of result.notes) process.stderr.write(`${printable(path)}: ${printable(note)}\n`);
    nodes.push(...result.nodes);
  }
  for (const [nickname, fingerprint] of fingerprints)
    if (!nodes.some((node) => node.fingerprints.includes(fingerprint)))
      process.stderr.write(`the fingerprint of ${nickname} belongs to none of these files\n`);
  const merged = mergeNodes(nodes);
  if (options.json === true) for (const node of merged) out.write(JSON.stringify(asObject(node)));
  else if (merged.length > 0)
    out.write(`# For the section "nodes" of the configuration. Read the comments.\n${nodesAsYaml(merged, Date.now())}`);
  if (merged.length > 0) return 0;
  process.stderr.write('no node of yours is in these files\n');
  return 3;
}

/** Instants as in `nodes --json`. */
function asObject(node: ImportedNode): Readonly<Record<string, unknown>> {
  const dated = <T extends { readonly from: number | null }>(one: T) => ({ ...one, from: iso(one.from) });
  return { ...node, addresses: node.addresses.map(dated), exitPolicies: node.exitPolicies.map(dated) };
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
    .map((text) => {
      const canonical = canonicalFingerprint(text);
      if (canonical === null) throw new DeskError('usage', `"${text}" is no fingerprint: it has 40 hexadecimal digits`);
      return canonical;
    });
  if (contact?.trim() === '') throw new DeskError('usage', '--contact is empty');
  return { fingerprints, contact: contact ?? null };
}

function explain(path: string, problems: readonly FileProblem[]): string {
  const lines = problems
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
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
