import { chmodSync, existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { App } from '../app.ts';
import { DeskError } from '../errors.ts';
import { copyDatabase } from '../store/open.ts';
import type { ExitCode, Output } from './output.ts';

/** `exitdesk backup FILE`: a whole copy while the daemon runs (VACUUM INTO), readable by the owner only. Never overwrites. */
export function runBackup(app: App, file: string, out: Output): ExitCode {
  const path = resolve(file);
  if (existsSync(path)) throw new DeskError('refused', `${path} exists already: name a new file`);
  try {
    copyDatabase(app.db, path);
  } catch (cause) {
    throw new DeskError('file-unreadable', `cannot write ${path}: check that its folder exists and is writable`, {
      cause,
    });
  }
  chmodSync(path, 0o600);
  out.write(`backup written to ${path}`);
  return 0;
}
