import { describe, expect, it } from 'vitest';
import { cueAfter, cueBefore } from '../../../src/core/readers/cues.ts';
import { compileLabels, spokenIn } from '../../../src/core/readers/labels.ts';
import { findAddresses } from '../../../src/core/addresses/find.ts';
import { plainLine } from '../../../src/core/addresses/plain-text.ts';
import { labels, labelsFile } from './shipped-labels.ts';
import { parse } from 'yaml';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { timeWordsSchema } from '../../../src/core/readers/times/time-words.ts';

const everyLanguage = new Set(labelsFile.cues.flatMap((c) => Object.keys(c.words)));

describe('the shipped labels', () => {
  const examples = labelsFile.cues.flatMap((c) => c.examples.map((e) => [c.id, e.text, e.role, c.place] as const));

  it.each(examples)('%s: "%s" reads as %s', (_, text, role, place) => {
    const line = plainLine(text);
    const address = findAddresses(line)[0];
    const spoken = { ...labels, spoken: everyLanguage };
    const hit =
      place === 'before'
        ? cueBefore(spoken, line.slice(0, address?.start))
        : cueAfter(spoken, line.slice(address?.end));
    expect(hit?.cue.role).toBe(role);
  });

  it('has labels for the accused and the attacked side in at least fifteen languages', () => {
    for (const id of ['source-field', 'target-field', 'source-prose']) {
      const entry = labelsFile.cues.find((c) => c.id === id);
      expect(Object.keys(entry?.words ?? {}).length).toBeGreaterThanOrEqual(15);
    }
  });

  it('lets an operator replace an entry by its id', () => {
    const own = {
      cues: [
        {
          id: 'source-field',
          role: 'source' as const,
          place: 'before' as const,
          form: 'field' as const,
          reason: 'ours',
          words: { en: ['culprit machine'] },
          examples: [{ text: 'culprit machine: 192.0.2.1', role: 'source' as const }],
        },
      ],
      provider: {},
      traffic: {},
    };
    const times = timeWordsSchema.parse(
      parse(
        readFileSync(join(import.meta.dirname, '..', '..', '..', 'config', 'judgement', 'labels-time.yaml'), 'utf8'),
      ),
    );
    const merged = { ...compileLabels([labelsFile, own], times), spoken: new Set(['en']) };
    expect(cueBefore(merged, 'culprit machine: ')?.cue.id).toBe('source-field');
    expect(cueBefore(merged, 'attacking host: ')?.cue.id).not.toBe('source-field');
  });

  it('takes prose words only in the language of the text', () => {
    const french = spokenIn(
      ['le balayage de la passerelle depuis une adresse, vers notre serveur, par votre client'],
      labels,
    );
    expect([french.has('fr'), french.has('ro')]).toEqual([true, false]);
  });
});
