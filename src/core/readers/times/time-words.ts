import { z } from 'zod';

const byLanguage = (count: number) =>
  z.record(z.string().regex(/^[a-z]{2}$/), z.array(z.array(z.string())).length(count));

const zoneSchema = z.strictObject({ zone: z.union([z.int(), z.string()]), names: z.array(z.string()) });

/** The file config/judgement/labels-time.yaml: what its comments explain. */
export const timeWordsSchema = z.strictObject({
  months: byLanguage(12),
  weekdays: byLanguage(7),
  doubtfulMonths: z.array(z.string()),
  relativeDays: z.array(
    z.strictObject({ days: z.union([z.int().min(0), z.literal('night')]), words: z.array(z.string()) }),
  ),
  afterNoon: z.array(z.string()),
  beforeNoon: z.array(z.string()),
  afterNoonBefore: z.array(z.string()),
  beforeNoonBefore: z.array(z.string()),
  clockWords: z.array(z.string()),
  notEvent: z.array(z.string()),
  zones: z.array(zoneSchema),
  places: z.array(zoneSchema),
});
export type TimeWordsFile = z.infer<typeof timeWordsSchema>;

/** Minutes east of UTC, or an IANA name whose offset the day decides. */
export type Zone = number | string;

/** The words made ready: keys in lower case. */
export type TimeWords = {
  readonly months: ReadonlyMap<string, number>;
  readonly doubtfulMonths: ReadonlySet<string>;
  /** 1 Monday … 7 Sunday */
  readonly weekdays: ReadonlyMap<string, number>;
  readonly relativeDays: ReadonlyMap<string, number | 'night'>;
  /** relativeDays by their first word, longest first. */
  readonly relativeBy: ReadonlyMap<string, readonly string[]>;
  /** Finds those of relativeDays that are written without spaces. */
  readonly unspacedRelative: RegExp;
  readonly afterNoon: readonly string[];
  readonly beforeNoon: readonly string[];
  readonly afterNoonBefore: readonly string[];
  readonly beforeNoonBefore: readonly string[];
  readonly clockWords: ReadonlySet<string>;
  readonly notEvent: readonly string[];
  /** One word in capitals ("CET"), looked up as it stands. */
  readonly abbreviations: ReadonlyMap<string, Zone>;
  /** Names of several words or of a lower-case kind, longest first, in lower case. */
  readonly zoneNames: readonly (readonly [string, Zone])[];
  /** Finds any of zoneNames in a lower-case text, but for those of one ASCII word, which mean too much else. */
  readonly zoneName: RegExp;
  /** Names that count only right behind a clock time, longest first, in lower case. */
  readonly places: readonly (readonly [string, Zone])[];
};

export function compileTimeWords(file: TimeWordsFile): TimeWords {
  const longestFirst = (a: string, b: string) => b.length - a.length;
  const lower = (list: readonly string[]) => list.map((w) => w.toLowerCase()).sort(longestFirst);
  const abbreviations = new Map<string, Zone>();
  const zoneNames: [string, Zone][] = [];
  for (const { zone, names } of file.zones) {
    for (const name of names) {
      if (/^[\p{Lu}/]{1,7}$/u.test(name) && !/[\u3040-\u9fff]/.test(name)) abbreviations.set(name, zone);
      else zoneNames.push([name.toLowerCase(), zone]);
    }
  }
  const relativeDays = new Map(
    file.relativeDays.flatMap(({ days, words }) => words.map((w) => [w.toLowerCase(), days] as const)),
  );
  return {
    months: numbered(file.months),
    doubtfulMonths: new Set(file.doubtfulMonths),
    weekdays: numbered(file.weekdays),
    relativeDays,
    relativeBy: byFirstWord([...relativeDays.keys()].filter((phrase) => !isUnspaced(phrase)).sort(longestFirst)),
    unspacedRelative: anyOf([...relativeDays.keys()].filter(isUnspaced)),
    afterNoon: lower(file.afterNoon),
    beforeNoon: lower(file.beforeNoon),
    afterNoonBefore: lower(file.afterNoonBefore),
    beforeNoonBefore: lower(file.beforeNoonBefore),
    clockWords: new Set(lower(file.clockWords)),
    notEvent: lower(file.notEvent),
    abbreviations,
    zoneNames: zoneNames.sort((a, b) => longestFirst(a[0], b[0])),
    zoneName: anyOf(zoneNames.map(([name]) => name)),
    places: file.places
      .flatMap(({ zone, names }) => names.map((n) => [n.toLowerCase(), zone] as const))
      .sort((a, b) => longestFirst(a[0], b[0])),
  };
}

/** One alternation of plain words: linear, longest first, with word edges where the script has them. */
function anyOf(words: readonly string[]): RegExp {
  const either = (list: readonly string[]) =>
    list
      .toSorted((a, b) => b.length - a.length)
      .map((w) => w.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
      .join('|') || '(?!)';
  const spaced = either(words.filter((w) => !isUnspaced(w)));
  return new RegExp(`(?<!\\p{L})(?:${spaced})(?!\\p{L})|${either(words.filter(isUnspaced))}`, 'gu');
}

function isUnspaced(word: string): boolean {
  return /[\u3040-\u9fff\uac00-\ud7af]/.test(word);
}

/** By the run of letters, apostrophes and hyphens that a phrase begins with. */
function byFirstWord(phrases: readonly string[]): Map<string, string[]> {
  const map = new Map<string, string[]>();
  for (const phrase of phrases) {
    const first = /^[\p{L}\p{M}'’ʼ-]+/u.exec(phrase)?.[0] ?? phrase;
    map.set(first, [...(map.get(first) ?? []), phrase]);
  }
  return map;
}

function numbered(byLanguage: Readonly<Record<string, readonly (readonly string[])[]>>): Map<string, number> {
  const map = new Map<string, number>();
  for (const list of Object.values(byLanguage)) {
    list.forEach((forms, i) => {
      for (const form of forms) if (!map.has(form.toLowerCase())) map.set(form.toLowerCase(), i + 1);
    });
  }
  return map;
}
