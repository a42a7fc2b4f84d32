import { foldLine, type HeadField, type Heads, type SeparatorKind } from './heads.ts';

/** What stands above a quoted or forwarded mail, each part as written; null where it is not said. */
export type MailHead = {
  readonly from: string | null;
  readonly date: string | null;
  readonly to: string | null;
  readonly subject: string | null;
  /** The head's own lines. */
  readonly text: string;
};

export type FoundHead = {
  /** attribution: "On … wrote:"; fields: a From/Date/Subject block alone. */
  readonly kind: SeparatorKind | 'attribution' | 'fields';
  /** How many lines it takes. */
  readonly lines: number;
  readonly head: MailHead;
};

/** The head of a quoted or forwarded mail that begins at line `at`, if one does. Looks at most 24 lines ahead. */
export function findHead(lines: readonly string[], at: number, heads: Heads): FoundHead | null {
  const line = lines[at] ?? '';
  if (line.length > 400 || !maybeHead.test(line)) return null;
  return separatorAt(lines, at, heads) ?? fieldsAt(lines, at, heads) ?? attributionAt(lines, at, heads);
}

/** Cheap first look: every head has a colon, a run of dashes or the like, or an address or year (a wrapped attribution). */
const maybeHead = /[:：]|[-=_*#~]{2}|@|\d{4}|[\u2014\u2013]{2}/;

const noHead: MailHead = { from: null, date: null, to: null, subject: null, text: '' };
const decoration =
  /^[\s\-=_*#~+<>|.\u2014\u2013\u2500]{2,}|(?<![\s\-=_*#~+<>|.\u2014\u2013\u2500])[\s\-=_*#~+<>|.\u2014\u2013\u2500]{2,}$/g;

function separatorAt(lines: readonly string[], at: number, heads: Heads): FoundHead | null {
  const line = lines[at] ?? '';
  const decorated = /^\s*[-=_*#~+<>\u2014\u2013\u2500]{2}/.test(line);
  // No phrase such as "Forwarded message" has a digit; cells of a table do.
  if (line.length > (decorated ? 200 : 70) || (!decorated && /\d/.test(line))) return null;
  const bare = decorated ? line.replace(decoration, '') : line;
  if (bare === '') return ruleAboveFields(lines, at, heads);
  const folded = foldLine(bare).replace(/[:\s]{1,5}$/, '');
  const exact = heads.separators.get(folded);
  const within = decorated ? heads.separator.exec(folded)?.[0] : undefined;
  const kind = exact ?? (within === undefined ? undefined : heads.separators.get(within));
  if (!kind) return null;
  if (kind === 'end') return decorated ? { kind, lines: 1, head: { ...noHead, text: line } } : null;
  const next = nextText(lines, at + 1, 4);
  const fields = next === null ? null : readFields(lines, next, heads);
  // an undecorated phrase is a head only with a colon or above a block of fields: "The complaint" alone is a sentence
  if (!decorated && !fields && !/[:：]\s*$/.test(line)) return null;
  if (!fields || next === null) return { kind, lines: 1, head: { ...noHead, text: line } };
  const text = lines.slice(at, next + fields.lines).join('\n');
  return { kind, lines: next + fields.lines - at, head: { ...fields.head, text } };
}

/** Outlook on the web draws a rule above the fields instead of a phrase. */
function ruleAboveFields(lines: readonly string[], at: number, heads: Heads): FoundHead | null {
  if (!/^\s*[-_=\u2500]{5,}\s*$/.test(lines[at] ?? '')) return null;
  const next = nextText(lines, at + 1, 2);
  const found = next === null ? null : fieldsAt(lines, next, heads);
  return found && next !== null ? { ...found, lines: next + found.lines - at } : null;
}

function fieldsAt(lines: readonly string[], at: number, heads: Heads): FoundHead | null {
  const fields = readFields(lines, at, heads);
  if (!fields || fields.count < (fields.head.from?.includes('@') === true ? 2 : 3)) return null;
  // "From: 198.51.100.7" is a row of a report, and a head with transport fields is a header dump: both are evidence
  if (fields.head.from === null || /^[\d.:a-f[\]/]+$/i.test(fields.head.from)) return null;
  if (transportField.test(lines[at - 1] ?? '') || transportField.test(lines[at + fields.lines] ?? '')) return null;
  return { kind: 'fields', lines: fields.lines, head: fields.head };
}

const transportField =
  /^\s*(?:received|return-path|delivered-to|message-id|x-[\w-]{1,60}|dkim-signature|mime-version|content-[\w-]{4,40}|authentication-results|arc-[\w-]{4,40}|in-reply-to|references|user-agent|sender|list-[\w-]{2,30})\s*:/i;

type Fields = { readonly head: MailHead; readonly lines: number; readonly count: number };

/** Reads consecutive "Label: value" lines; single blank lines between them (HTML paragraphs) and wrapped values are allowed. */
function readFields(lines: readonly string[], at: number, heads: Heads): Fields | null {
  const found = new Map<HeadField, string>();
  let end = at;
  let last: HeadField | null = null;
  for (let i = at; i < Math.min(lines.length, at + 20); i++) {
    const line = lines[i] ?? '';
    const field = fieldOf(line, heads, found);
    if (field) {
      found.set(field.name, field.value);
      last = field.name;
      end = i + 1;
    } else if (line.trim() === '') {
      if (i > end || found.size >= 4) break;
    } else if (last === null || i > end + 2 || line.length > 200 || (lines[i - 1] ?? '').trim() === '') {
      break;
    } else if (nextFieldWithin(lines, i + 1, heads, found)) {
      found.set(last, `${found.get(last) ?? ''} ${line.trim()}`.trim());
      end = i + 1;
    } else {
      break;
    }
  }
  if (!found.has('from') || found.size < 2) return null;
  const value = (name: HeadField): string | null => found.get(name) || null;
  const text = lines.slice(at, end).join('\n');
  const head = { from: value('from'), date: value('date'), to: value('to'), subject: value('subject'), text };
  return { head, lines: end - at, count: found.size };
}

function nextFieldWithin(
  lines: readonly string[],
  at: number,
  heads: Heads,
  found: ReadonlyMap<HeadField, string>,
): boolean {
  return [lines[at], lines[at + 1]].some((line) => line !== undefined && fieldOf(line, heads, found) !== null);
}

function fieldOf(
  line: string,
  heads: Heads,
  found: ReadonlyMap<HeadField, string>,
): { name: HeadField; value: string } | null {
  const start = line.slice(0, heads.longestField + 12);
  const colon = start.search(/[:：]/);
  if (colon < 1) return null;
  const names = heads.fields.get(foldLine(start.slice(0, colon)));
  const name = names?.find((each) => !found.has(each));
  return name ? { name, value: line.slice(colon + 1).replace(/^[\s*]+|(?<![\s*])[\s*]+$/g, '') } : null;
}

/** "On Tue, 3 Nov 2026 at 9:12, Ann <ann@shop.example> wrote:", in one to three lines, in any language. */
function attributionAt(lines: readonly string[], at: number, heads: Heads): FoundHead | null {
  let joined = '';
  for (let count = 1; count <= 3; count++) {
    const line = (lines[at + count - 1] ?? '').trim();
    if (line === '') return null;
    joined = count === 1 ? line : `${joined} ${line}`;
    if (joined.length > 400) return null;
    if (!/[:：]\s*$/.test(line)) continue;
    if (!isAttribution(joined, heads)) return null;
    const address = /<([^<>\s]{3,254})>/.exec(joined)?.[1] ?? null;
    const after = nextText(lines, at + count, 3);
    const quotedNext = after !== null && /^\s*[>|]/.test(lines[after] ?? '');
    if (!address && !quotedNext && !/\d{1,2}[:.h]\d{2}/.test(joined)) return null;
    return {
      kind: 'attribution',
      lines: count,
      head: { ...noHead, from: address ?? joined, date: joined, text: joined },
    };
  }
  return null;
}

function isAttribution(line: string, heads: Heads): boolean {
  if (!/\d/.test(line) && !line.includes('@')) return false;
  if (heads.attribution.test(foldLine(line))) return true;
  // Gmail in some languages has no verb: date, time, name and address, colon
  return /\d{4}/.test(line) && /\d{1,2}[:.]\d{2}/.test(line) && /<[^<>\s]{1,64}@[^<>\s]{1,255}>\s*[:：]\s*$/.test(line);
}

/** The next line with text among `within` lines; null where none is. */
function nextText(lines: readonly string[], from: number, within: number): number | null {
  for (let i = from; i < Math.min(lines.length, from + within); i++) if ((lines[i] ?? '').trim() !== '') return i;
  return null;
}
