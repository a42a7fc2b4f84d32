import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { loadConfig } from '../config.ts';
import type { Inventory } from '../core/exits.ts';
import { DeskError } from '../errors.ts';
import { emptyInventory, parseInventory } from '../judging/inventory-file.ts';
import { createMailReader, type MailReader } from '../judging/read-mail.ts';
import { readerOptionsOf } from '../build-app.ts';
import { defaultParseLimits } from '../mail/parse-limits.ts';
import { showJudgement } from './judge-view.ts';
import type { ExitCode, Output } from './output.ts';

export type JudgeOptions = {
  readonly config?: string | undefined;
  readonly inventory?: string | undefined;
  readonly json?: boolean | undefined;
  /** Colours for a terminal; default: whether standard output is one. */
  readonly colour?: boolean | undefined;
};

/**
 * `exitdesk judge FILE…`: judges raw mails, stores nothing, sends nothing. `-` is standard input; a folder means every .eml
 * file in it, sorted by name. One JSON line a mail with `--json`, else a page for people.
 * @throws DeskError usage, file-unreadable, config-invalid
 */
export async function runJudge(files: readonly string[], options: JudgeOptions, out: Output): Promise<ExitCode> {
  if (options.config !== undefined && options.inventory !== undefined) {
    throw new DeskError('usage', 'give --config or --inventory, not both');
  }
  const reader = readerFor(options);
  const colour = options.colour ?? (process.stdout.isTTY && process.env['NO_COLOR'] === undefined);
  try {
    for (const path of files.flatMap(mailFiles)) {
      const raw = await read(path);
      const start = performance.now();
      const { mail, judgement, problem } = await reader.read(raw, { truncated: false });
      const ms = Math.round((performance.now() - start) * 10) / 10;
      if (options.json === true) out.write(JSON.stringify({ file: path, ...judgement, ms }));
      else for (const line of showJudgement({ file: path, mail, judgement, problem, ms, colour })) out.write(line);
    }
  } finally {
    await reader.close();
  }
  return 0;
}

/** The daemon's own reader: the same worker, the same limits, the same deadline. */
function readerFor({ config: path, inventory }: JudgeOptions): MailReader {
  if (path === undefined) {
    return createMailReader({
      inventory: inventory === undefined ? withoutInventory() : inventoryFrom(inventory),
      judgementFolder: null,
      letterLanguages: ['en'],
      handling: {},
      limits: defaultParseLimits,
      deadlineMs: 10_000,
    });
  }
  return createMailReader(readerOptionsOf(loadConfig(path, process.env)));
}

function withoutInventory(): Inventory {
  process.stderr.write('judge: no --config and no --inventory, so every address counts as somebody else’s\n');
  return emptyInventory;
}

function inventoryFrom(path: string): Inventory {
  const text = readText(path);
  try {
    return parseInventory(JSON.parse(text));
  } catch (error) {
    if (error instanceof DeskError) throw new DeskError(error.code, `${path}: ${error.message}`, { cause: error });
    throw new DeskError('config-invalid', `${path} is not JSON`, { cause: error });
  }
}

/** A folder stands for its .eml files. */
function mailFiles(path: string): string[] {
  if (path === '-' || !existsSync(path) || !statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => name.toLowerCase().endsWith('.eml'));
  if (names.length === 0) process.stderr.write(`judge: no .eml file in ${path}\n`);
  return names.sort().map((name) => join(path, name));
}

async function read(path: string): Promise<Buffer> {
  if (path === '-') return buffer(process.stdin);
  try {
    return readFileSync(path);
  } catch (error) {
    throw new DeskError('file-unreadable', `${path} cannot be read`, { cause: error });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new DeskError('file-unreadable', `${path} cannot be read`, { cause: error });
  }
}
