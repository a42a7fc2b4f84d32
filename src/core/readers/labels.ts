import { z } from 'zod';

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

/** One file of labels (config/judgement/labels.yaml, or an operator's own): what its header explains. */
export const labelsSchema = z.strictObject({ cues: z.array(cueSchema) });
export type LabelsFile = z.infer<typeof labelsSchema>;

export type CueRole = 'source' | 'target' | 'other' | 'address';
export type Cue = { readonly id: string; readonly role: CueRole; readonly form: 'field' | 'prose' };

/** The labels made ready for look-up; keys are phrases as words parted by one space. */
export type Labels = {
  readonly before: ReadonlyMap<string, Cue>;
  readonly after: ReadonlyMap<string, Cue>;
  /** Phrases of scripts that part no words, longest first. */
  readonly unspacedBefore: readonly (readonly [string, Cue])[];
  readonly unspacedAfter: readonly (readonly [string, Cue])[];
};

const unspaced = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/;

/** Compiles label files, later ones (an operator's) adding entries or replacing those of the same id. */
export function compileLabels(files: readonly LabelsFile[]): Labels {
  const entries = new Map(files.flatMap((file) => file.cues).map((entry) => [entry.id, entry]));
  const labels = {
    before: new Map<string, Cue>(),
    after: new Map<string, Cue>(),
    unspacedBefore: [] as [string, Cue][],
    unspacedAfter: [] as [string, Cue][],
  };
  for (const entry of entries.values()) {
    const cue: Cue = { id: entry.id, role: entry.role, form: entry.form };
    for (const phrase of Object.values(entry.words).flat()) {
      const isAfter = entry.place === 'after';
      if (unspaced.test(phrase)) {
        (isAfter ? labels.unspacedAfter : labels.unspacedBefore).push([phrase.toLowerCase().replaceAll(' ', ''), cue]);
      }
      const key = wordsOf(phrase).join(' ');
      const map = isAfter ? labels.after : labels.before;
      // The first entry wins: fields stand before prose in the file.
      if (key !== '' && !map.has(key)) map.set(key, cue);
    }
  }
  labels.unspacedBefore.sort((a, b) => b[0].length - a[0].length);
  labels.unspacedAfter.sort((a, b) => b[0].length - a[0].length);
  return labels;
}

/** A phrase as lower-case words: camelCase, underscores and hyphens part words. */
export function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}'’]+/u)
    .filter((word) => word !== '');
}
