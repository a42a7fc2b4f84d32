import { z } from 'zod';
import { compileTimeWords } from './times/time-words.ts';
import type { TimeWords, TimeWordsFile } from './times/time-words.ts';

const words = z.record(z.string().regex(/^[a-z]{2}$/), z.array(z.string().min(1).max(60)).min(1));
const example = z.object({ text: z.string(), role: z.enum(['source', 'target', 'other', 'address']) });

const cueSchema = z.strictObject({
  id: z.string(),
  role: z.enum(['source', 'target', 'other', 'address']),
  place: z.enum(['before', 'after']),
  form: z.enum(['field', 'prose']),
  reason: z.string(),
  words,
  examples: z.array(example).min(1),
});

/** What a label says of the traffic; "port" alone may be either side's. */
const trafficLabels = ['destination-port', 'source-port', 'port', 'protocol'] as const;
export type TrafficLabel = (typeof trafficLabels)[number];

/** One file of labels (config/judgement/labels.yaml, or an operator's own): what its header explains. */
export const labelsSchema = z.strictObject({
  cues: z.array(cueSchema).default([]),
  provider: z.partialRecord(z.enum(['customer', 'consequence', 'deadline', 'hours', 'days']), words).default({}),
  traffic: z.partialRecord(z.enum(trafficLabels), words).default({}),
});
export type LabelsFile = z.infer<typeof labelsSchema>;

export type CueRole = 'source' | 'target' | 'other' | 'address';
export type Cue = {
  readonly id: string;
  readonly role: CueRole;
  readonly form: 'field' | 'prose';
  /** Words in prose count only in a text of their language: "de la" is "of the" in one and "from" in another. */
  readonly language: string;
};

/** The labels made ready for look-up; keys are phrases as words parted by one space. */
export type Labels = {
  /** Words of a provider's forward, in lower case, all languages together. */
  readonly provider: Readonly<Record<'customer' | 'consequence' | 'deadline' | 'hours' | 'days', readonly string[]>>;
  readonly times: TimeWords;
  /** Labels and column names of ports and protocols, as words parted by one space. */
  readonly traffic: ReadonlyMap<string, TrafficLabel>;
  readonly before: ReadonlyMap<string, readonly Cue[]>;
  readonly after: ReadonlyMap<string, readonly Cue[]>;
  /** The languages in which a single word is a prose cue, once for each place where it is one. */
  readonly prose: ReadonlyMap<string, readonly string[]>;
  /** Phrases of scripts that part no words, longest first. */
  readonly unspacedBefore: readonly (readonly [string, Cue])[];
  readonly unspacedAfter: readonly (readonly [string, Cue])[];
};

const unspaced = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/;

/** Compiles label files, later ones (an operator's) adding entries or replacing those of the same id. */
export function compileLabels(files: readonly LabelsFile[], times: TimeWordsFile): Labels {
  const entries = new Map(files.flatMap((file) => file.cues).map((entry) => [entry.id, entry]));
  const labels: Building & Pick<Labels, 'times' | 'provider' | 'traffic'> = {
    provider: providerWords(files),
    traffic: trafficWords(files),
    times: compileTimeWords(times),
    before: new Map(),
    after: new Map(),
    unspacedBefore: [],
    unspacedAfter: [],
  };
  for (const entry of entries.values()) {
    const isAfter = entry.place === 'after';
    for (const [language, phrases] of Object.entries(entry.words)) {
      const cue: Cue = { id: entry.id, role: entry.role, form: entry.form, language };
      for (const phrase of phrases) addPhrase(labels, phrase, cue, isAfter);
    }
  }
  labels.unspacedBefore.sort((a, b) => b[0].length - a[0].length);
  labels.unspacedAfter.sort((a, b) => b[0].length - a[0].length);
  return { ...labels, prose: proseWords([labels.before, labels.after]) };
}

function providerWords(files: readonly LabelsFile[]): Labels['provider'] {
  const all = (name: keyof Labels['provider']) =>
    files.flatMap((file) => Object.values(file.provider[name] ?? {}).flat()).map((word) => word.toLowerCase());
  return {
    customer: all('customer'),
    consequence: all('consequence'),
    deadline: all('deadline'),
    hours: all('hours'),
    days: all('days'),
  };
}

function trafficWords(files: readonly LabelsFile[]): Labels['traffic'] {
  const all = files.flatMap((file) =>
    trafficLabels.flatMap((label) =>
      Object.values(file.traffic[label] ?? {})
        .flat()
        .map((phrase): [string, TrafficLabel] => [wordsOf(phrase).join(' '), label]),
    ),
  );
  return new Map(all);
}

function proseWords(maps: readonly ReadonlyMap<string, readonly Cue[]>[]): ReadonlyMap<string, readonly string[]> {
  const prose = new Map<string, string[]>();
  for (const [words, cues] of maps.flatMap((map) => [...map])) {
    const languages = cues.filter((cue) => cue.form === 'prose').map((cue) => cue.language);
    if (languages.length > 0) prose.set(words, [...(prose.get(words) ?? []), ...languages]);
  }
  return prose;
}

type Building = {
  readonly before: Map<string, Cue[]>;
  readonly after: Map<string, Cue[]>;
  readonly unspacedBefore: [string, Cue][];
  readonly unspacedAfter: [string, Cue][];
};

function addPhrase(labels: Building, phrase: string, cue: Cue, isAfter: boolean): void {
  if (unspaced.test(phrase)) {
    (isAfter ? labels.unspacedAfter : labels.unspacedBefore).push([phrase.toLowerCase().replaceAll(' ', ''), cue]);
  }
  const key = wordsOf(phrase).join(' ');
  const map = isAfter ? labels.after : labels.before;
  const cues = map.get(key);
  if (cues === undefined) map.set(key, [cue]);
  // The first entry wins: fields stand before prose in the file.
  else if (cues.every((c) => c.language !== cue.language || c.form !== cue.form)) cues.push(cue);
}

/**
 * The languages that a text may be written in, by its share of prose cues ("from", "von", "с адреса"): those with at least
 * a third of the best one's hits, English always. Coarse on purpose: it only keeps foreign little words out.
 */
export function spokenIn(lines: readonly string[], labels: Labels): ReadonlySet<string> {
  const hits = new Map<string, number>();
  let left = 200;
  for (const line of lines) {
    for (const [word] of line.toLowerCase().matchAll(/[\p{L}\p{M}'’]+/gu)) {
      if (left-- <= 0) break;
      const languages = labels.prose.get(word);
      if (languages === undefined) continue;
      for (const language of languages) hits.set(language, (hits.get(language) ?? 0) + 1);
    }
    if (left <= 0) break;
  }
  const most = Math.max(0, ...hits.values());
  return new Set(['en', ...[...hits].filter(([, count]) => count * 3 >= most * 2).map(([language]) => language)]);
}

/** A phrase as lower-case words: camelCase, underscores and hyphens part words. */
export function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}'’]+/u)
    .filter((word) => word !== '');
}
