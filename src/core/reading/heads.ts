/** The fields of the head of a quoted or forwarded mail. */
export type HeadField = 'from' | 'date' | 'to' | 'cc' | 'subject';
export type SeparatorKind = 'forward' | 'reply' | 'end';

/** The words of config/judgement/heads.yaml, compiled once: by which a mail's text is told apart. */
export type Heads = {
  /** Folded label to the fields that it names in some language ("a" is To in two, Subject in none). */
  readonly fields: ReadonlyMap<string, readonly HeadField[]>;
  readonly longestField: number;
  readonly attribution: RegExp;
  readonly separators: ReadonlyMap<string, SeparatorKind>;
  /** Finds a separator phrase within a decorated line; group 0 is a key of `separators`. */
  readonly separator: RegExp;
  readonly forwardPrefixes: ReadonlySet<string>;
  readonly replyPrefixes: ReadonlySet<string>;
  readonly closings: ReadonlySet<string>;
  readonly device: RegExp;
  readonly disclaimer: RegExp;
  readonly banner: RegExp;
  readonly footer: RegExp;
};

/** Words by language; the languages are for the eye only. */
type WordList = Readonly<Record<string, readonly string[]>>;

/** The shape of heads.yaml. */
export type HeadWords = {
  readonly fields: Readonly<Record<HeadField, WordList>>;
  readonly attributions: WordList;
  readonly separators: Readonly<Record<SeparatorKind, WordList>>;
  readonly prefixes: { readonly forward: readonly string[]; readonly reply: readonly string[] };
  readonly closings: WordList;
  readonly devices: WordList;
  readonly disclaimers: WordList;
  readonly banners: WordList;
  readonly footers: WordList;
};

/** Compiles the words of one or more files (ours and an operator's own) into what `segment` looks up. */
export function compileHeads(files: readonly HeadWords[]): Heads {
  const words = (pick: (file: HeadWords) => WordList): string[] =>
    [...new Set(files.flatMap((file) => Object.values(pick(file)).flat()).map(foldLine))].filter((word) => word !== '');
  const fields = fieldMap(files);
  const separators = new Map<string, SeparatorKind>();
  for (const kind of ['reply', 'forward', 'end'] as const)
    for (const word of words((file) => file.separators[kind])) separators.set(word, kind);
  const prefixes = (kind: 'forward' | 'reply'): Set<string> =>
    new Set(files.flatMap((file) => file.prefixes[kind]).map(foldLine));
  return {
    fields,
    longestField: Math.max(0, ...[...fields.keys()].map((label) => label.length)),
    attribution: anyOf(words((file) => file.attributions)),
    separators,
    separator: anyOf([...separators.keys()]),
    forwardPrefixes: prefixes('forward'),
    replyPrefixes: prefixes('reply'),
    closings: new Set(words((file) => file.closings).map(withoutEnd)),
    device: anyOf(
      words((file) => file.devices),
      '^',
    ),
    disclaimer: anyOf(
      words((file) => file.disclaimers),
      noLetter,
    ),
    banner: anyOf(
      words((file) => file.banners),
      noLetter,
    ),
    footer: anyOf(
      words((file) => file.footers),
      noLetter,
    ),
  };
}

/** A line as the words are compared: lower case, one space, no bold marks and direction marks, plain colons and quotes. */
export function foldLine(line: string): string {
  const lower = line.toLowerCase();
  // plain ASCII without anything to tidy is the rule
  if (!/[^\x20-\x7e]|[*_]| {2}| :/.test(lower)) return lower.trim();
  return lower
    .replace(/[*_\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .replace(/\uff1a/g, ':')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\s\u00a0\u3000]+/g, ' ')
    .replace(/ :/g, ':')
    .trim();
}

/** Without the punctuation that ends a closing line. */
export function withoutEnd(folded: string): string {
  return folded.replace(/[\s,.!;:\u3002\uff0c\u060c\u2026-]{1,10}$/, '');
}

function fieldMap(files: readonly HeadWords[]): Map<string, HeadField[]> {
  const map = new Map<string, HeadField[]>();
  for (const file of files) {
    for (const field of ['from', 'date', 'to', 'cc', 'subject'] as const) {
      for (const label of Object.values(file.fields[field]).flat().map(foldLine)) {
        const known = map.get(label) ?? [];
        if (!known.includes(field)) map.set(label, [...known, field]);
      }
    }
  }
  return map;
}

/** "Ext:" is no banner in "Text:"; scripts without spaces have no such edges. */
const noLetter = '(?<!\\p{L}(?![\\u3040-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7af]))';

/** One alternation, longest first; literal words only, so that it stays linear. */
function anyOf(words: readonly string[], before = ''): RegExp {
  if (words.length === 0) return /(?!)/;
  const escaped = words
    .toSorted((a, b) => b.length - a.length)
    .map((word) => word.replace(/[$()*+.?[\\\]^{|}/]/g, '\\$&'));
  return new RegExp(`${before}(?:${escaped.join('|')})`, 'u');
}
