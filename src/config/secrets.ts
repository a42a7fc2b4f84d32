/** Secrets live outside the configuration file: in the environment (EXITDESK_X), or in a file that EXITDESK_X_FILE or the configuration names. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Path, Problem } from './problems.ts';

export type SecretSource = {
  /** For example "SMTP_PASSWORD": read from EXITDESK_SMTP_PASSWORD or EXITDESK_SMTP_PASSWORD_FILE. */
  readonly name: string;
  /** What the configuration says, if it does (passwordFile). */
  readonly file: string | undefined;
  readonly path: Path;
  readonly required: boolean;
};

export type SecretReader = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative file names of the configuration count from. */
  readonly folder: string;
  readonly problems: Problem[];
  readonly warnings: string[];
};

/** One secret, or null where there is none; what is wrong goes to `problems`. A file's trailing line break is no part of it. */
export function readSecret(reader: SecretReader, source: SecretSource): string | null {
  const variable = `EXITDESK_${source.name}`;
  const direct = reader.env[variable];
  const namedFile = reader.env[`${variable}_FILE`];
  const stated = [direct, namedFile, source.file].filter((s) => s !== undefined && s !== '');
  if (stated.length > 1) {
    const text = `stated more than once: keep one of ${variable}, ${variable}_FILE and the file named here`;
    reader.problems.push({ path: source.path, text });
    return null;
  }
  if (stated.length === 0) {
    if (source.required)
      reader.problems.push({
        path: source.path,
        text: `no secret: set ${variable} or ${variable}_FILE in the environment, or name a file here`,
      });
    return null;
  }
  if (direct !== undefined && direct !== '') return direct;
  return readFile(reader, source.path, resolve(reader.folder, namedFile || source.file || ''));
}

function readFile(reader: SecretReader, path: Path, file: string): string | null {
  try {
    const secret = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (secret === '') reader.problems.push({ path, text: `the file ${file} is empty` });
    if ((statSync(file).mode & 0o007) !== 0)
      reader.warnings.push(`${file} holds a secret and everybody can read it: chmod 600`);
    return secret === '' ? null : secret;
  } catch (error) {
    reader.problems.push({ path, text: `cannot read ${file} (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` });
    return null;
  }
}

/** The text of a file that the configuration names; what is wrong goes to the problems. */
export function readText(reader: SecretReader, file: string | undefined, path: (string | number)[]): string | null {
  if (file === undefined) return null;
  try {
    return readFileSync(resolve(reader.folder, file), 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    reader.problems.push({ path, text: `cannot read ${file} (${code})` });
    return null;
  }
}
