import { checkParts } from './check.ts';
import type { CheckPart, PartResult } from './check.ts';

/** One line of a part: what kind of line it is, and the host's text, untrusted and not escaped yet. */
export type ProbeRow = { readonly kind: string; readonly text: string };

export type PartReading = {
  readonly status: PartResult['status'];
  readonly by: string | null;
  readonly note: string | null;
  readonly rows: readonly ProbeRow[];
};

/** The probe script's output, read: facts by key, parts by name. `whole` is false where its last line is missing. */
export type ProbeReading = {
  readonly whole: boolean;
  readonly facts: ReadonlyMap<string, string>;
  readonly parts: ReadonlyMap<CheckPart, PartReading>;
};

const firstLine = 'exitdesk-probe 1';
const lastLine = 'exitdesk-probe end';
/** The script cuts its lines far below this; what a hostile host sends beyond it would only cost time. */
const maxRowLength = 1_000;
/** A login shell's greeting may stand before the first line; not more than this many lines of it. */
const greetingLines = 50;

/**
 * Reads the output of src/hosts/probe.sh (its header is the specification). Null where the text is not such output at all.
 * Any bytes may come: lines of no known kind, of no known part, or behind the last line are ignored, and the first status of
 * a part counts, so that nothing that a host prints can make a part look better than the script said.
 */
export function readProbe(text: string): ProbeReading | null {
  const lines = text.split('\n');
  const start = lines.slice(0, greetingLines).indexOf(firstLine);
  if (start < 0) return null;
  const end = lines.indexOf(lastLine, start);
  const facts = new Map<string, string>();
  const rows = new Map<CheckPart, ProbeRow[]>();
  const states = new Map<CheckPart, Omit<PartReading, 'rows'>>();
  for (const line of lines.slice(start + 1, end < 0 ? undefined : end)) {
    const [mark, name = '', rest = ''] = splitWords(line, 2);
    if (mark === 'f') {
      if (!facts.has(name)) facts.set(name, rest.slice(0, maxRowLength));
      continue;
    }
    if (!isPart(name)) continue;
    if (mark === '=') {
      const [kind = '', content = ''] = splitWords(rest, 1);
      const list = rows.get(name);
      const row = { kind, text: content.slice(0, maxRowLength) };
      if (list === undefined) rows.set(name, [row]);
      else list.push(row);
    } else if (mark === '#' && !states.has(name)) {
      const state = readStatus(rest);
      if (state !== null) states.set(name, state);
    }
  }
  const parts = new Map([...states].map(([part, state]) => [part, { ...state, rows: rows.get(part) ?? [] }] as const));
  return { whole: end >= 0, facts, parts };
}

const statuses: ReadonlySet<string> = new Set<PartResult['status']>(['done', 'empty', 'missing', 'denied', 'failed']);

function readStatus(text: string): Omit<PartReading, 'rows'> | null {
  const [status = '', by = '-', note = ''] = splitWords(text, 2);
  if (!statuses.has(status)) return null;
  return { status: status as PartResult['status'], by: by === '-' ? null : by, note: note.trim() || null };
}

function isPart(name: string): name is CheckPart {
  return (checkParts as readonly string[]).includes(name);
}

/** The first `count` words, and then all the rest as it is. */
function splitWords(line: string, count: number): string[] {
  const words: string[] = [];
  let rest = line;
  for (let i = 0; i < count; i++) {
    const space = rest.indexOf(' ');
    if (space < 0) break;
    words.push(rest.slice(0, space));
    rest = rest.slice(space + 1);
  }
  return [...words, rest];
}
