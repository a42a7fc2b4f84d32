/** The form of a torrc (tor manual, "The configuration file format"): options with their lines, nothing of what they mean. */
import type { FileProblem } from './imported-node.ts';

export type TorOption = { readonly name: string; readonly value: string; readonly line: number };

export type Torrc = {
  readonly options: readonly TorOption[];
  /** Files that %include names, with the line; they are not followed. */
  readonly includes: readonly TorOption[];
  readonly problems: readonly FileProblem[];
};

const maxLines = 20_000;

/**
 * Reads a torrc: "#" begins a comment, a backslash at a line's end continues it (comment lines in between are passed over), a
 * value may stand in quotes, names know no letter case (they come out in lower case). "+Name" adds and "/Name" clears, as in tor.
 */
export function readTorrc(text: string): Torrc {
  const options: TorOption[] = [];
  const includes: TorOption[] = [];
  const problems: FileProblem[] = [];
  for (const { text: whole, line } of logicalLines(text)) {
    const blank = whole.search(/\s/);
    const name = (blank < 0 ? whole : whole.slice(0, blank)).toLowerCase();
    const value = blank < 0 ? '' : valueOf(whole.slice(blank).trim());
    if (!/^(?:%include|[+/]?[a-z_][a-z0-9_]*)$/.test(name) || value === null) {
      problems.push({ line, text: `"${whole.slice(0, 60)}" is no option of a torrc` });
      continue;
    }
    if (name === '%include') includes.push({ name, value, line });
    else if (name.startsWith('/')) clear(options, name.slice(1));
    else options.push({ name: name.replace(/^\+/, ''), value, line });
  }
  return { options, includes, problems };
}

function clear(options: TorOption[], name: string): void {
  for (let i = options.length - 1; i >= 0; i--) if (options[i]?.name === name) options.splice(i, 1);
}

function logicalLines(text: string): readonly { readonly text: string; readonly line: number }[] {
  const lines: { text: string; line: number }[] = [];
  let open: { text: string; line: number } | null = null;
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/, maxLines)
    .entries()) {
    if (/^\s*#/.test(raw) || (open === null && raw.trim() === '')) continue;
    const continues = raw.endsWith('\\');
    const part = continues ? raw.slice(0, -1) : raw;
    open = open === null ? { text: part, line: index + 1 } : { text: open.text + part, line: open.line };
    if (continues) continue;
    lines.push({ text: open.text.trim(), line: open.line });
    open = null;
  }
  if (open !== null) lines.push({ text: open.text.trim(), line: open.line });
  return lines.filter((line) => line.text !== '');
}

/** A quoted value without its quotes, or the value up to a comment; null where a quote stays open. */
function valueOf(written: string): string | null {
  if (!written.startsWith('"')) return (written.split('#', 1)[0] ?? '').trim();
  const quoted = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(written);
  return quoted === null ? null : (quoted[1] ?? '').replace(/\\(.)/g, '$1');
}
