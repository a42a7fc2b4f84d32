import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findMarks } from '../../src/core/judge/sender-marks.ts';
import { fireRules } from '../../src/core/judge/risk-rules.ts';
import { passage, type MailWords } from '../../src/core/judge/mail-words.ts';
import {
  loadJudgementData,
  readJudgementFiles,
  shippedJudgementFolder,
} from '../../src/judging/load-judgement-data.ts';
import { DeskError } from '../../src/errors.ts';

const files = readJudgementFiles([shippedJudgementFolder]);
const data = loadJudgementData();

describe.each(files.languages.map((file) => [file.language, file] as const))('language data of %s', (_, file) => {
  const language = file.language === 'any' ? null : file.language;
  it.each(Object.entries(file.concepts).flatMap(([key, { examples }]) => examples.map((e) => [key, e] as const)))(
    '%s is found in: %s',
    (key, example) => {
      const found = passage(example, data, language, 500).hits.map((hit) => hit.entry.id);
      expect(found).toContain(`${file.language}.${key}`);
    },
  );
  it('says nothing twice for one concept', () => {
    const all = Object.entries(file.concepts).flatMap(([key, { phrases }]) =>
      phrases.flatMap(phrasesOfLine).map((phrase) => `${key.split('/')[0]}: ${phrase}`),
    );
    expect(all.filter((phrase, at) => all.indexOf(phrase) !== at)).toEqual([]);
  });
  it('needs every set that it names', () => {
    const phrases = Object.values(file.concepts).flatMap((concept) => concept.phrases);
    expect(Object.keys(file.sets).filter((set) => !phrases.some((phrase) => phrase.includes(`<${set}>`)))).toEqual([]);
  });
  it.skipIf(file.harmless.length === 0)('sees no danger in harmless sentences', () => {
    for (const sentence of file.harmless) expect([sentence, dangers(sentence, language)]).toEqual([sentence, []]);
  });
});

/** Single words stand several in a line. */
function phrasesOfLine(line: string): readonly string[] {
  return /[()[\]<>]/.test(line) ? [line] : line.split(' | ');
}

/** A mail that says only this, by somebody who is nobody. */
function wordsOnly(text: string, language: string | null): MailWords {
  const narrative = passage(text, data, language, 1000);
  const empty = passage('', data, language, 10);
  return {
    language,
    narrative,
    ownFrom: 0,
    forwardedFrom: text.length,
    evidence: empty,
    boilerplate: empty,
    shown: empty,
    identity: [],
  };
}

/** Ids of the danger rules that would bring a person in. */
function dangers(text: string, language: string | null): string[] {
  return fireRules(wordsOnly(text, language), data)
    .filter(({ rule }) => rule.grounds.includes('danger') && rule.weight > 0.5)
    .map(({ rule }) => rule.id);
}

describe('risk rules', () => {
  it.each(files.rules.flatMap((rule) => rule.examples.map((e) => [rule.id, e] as const)))(
    '%s fires on: %s',
    (id, text) => {
      const words = wordsOnly(text, 'en');
      const everywhere = { ...words, forwardedFrom: 0, identity: [words.narrative] };
      expect(fireRules(everywhere, data).map((f) => f.rule.id)).toContain(id);
    },
  );

  it('names every concept that a rule needs in English at least', () => {
    const english = new Set(
      files.languages
        .filter((f) => f.language === 'en' || f.language === 'any')
        .flatMap((f) => Object.keys(f.concepts)),
    );
    const needed = new Set(files.rules.flatMap((rule) => rule.all.flat()));
    expect([...needed].filter((concept) => !english.has(concept))).toEqual([]);
  });
});

describe('sender marks', () => {
  it.each(files.marks.map((mark) => [mark.id, mark] as const))('%s is found in its example', (_, mark) => {
    for (const example of mark.examples) {
      const [name = '', value = ''] = example.split(/: (.*)/s);
      const address = {
        address: example.includes('@') ? example.toLowerCase() : 'a@b.example',
        name: mark.part === 'from-name' ? example : null,
      };
      const mail = {
        messageId: null,
        inReplyTo: [],
        references: [],
        from: [address],
        replyTo: [],
        to: [],
        cc: [],
        returnPath: undefined,
        date: null,
        subject: example,
        headers: [{ name: name.toLowerCase(), value }],
        contentType: 'text/plain',
        reportType: null,
        text: '',
        html: { visible: '', hidden: '', links: [example], quotes: [] },
        attachments: [{ filename: example, contentType: 'text/plain', size: 1, text: null, mail: null }],
        size: 0,
        truncated: false,
        encrypted: false,
        defects: [],
      };
      const facts = {
        from: address,
        replyTo: null,
        rewritten: false,
        viaOwnList: false,
        nullSender: false,
        autoSubmitted: [],
        answersUs: null,
        dmarc: 'unknown' as const,
      };
      expect(findMarks(mail, facts, [mark]).map((f) => f.mark.id)).toEqual([mark.id]);
    }
  });
});

describe('an operator’s own judgement folder', () => {
  function folderWith(contents: Record<string, string>): string {
    const folder = mkdtempSync(join(tmpdir(), 'judgement-'));
    mkdirSync(join(folder, 'languages'));
    for (const [name, text] of Object.entries(contents)) writeFileSync(join(folder, name), text);
    return folder;
  }

  it('adds a phrase and replaces a rule of the same id', () => {
    const rule =
      '- { id: risk/fear, reason: ours, category: harassment, grounds: [danger], all: [[fear]], weight: 0.9, examples: [x] }';
    const folder = folderWith({
      'languages/en.yaml':
        'language: en\nconcepts:\n  violence/ours:\n    phrases: |\n      zorch you\n    examples: [I zorch you]\n',
      'rules.yaml': `${rule}\n`,
    });
    const own = loadJudgementData(folder);
    expect(passage('I zorch you', own, 'en', 50).hits.map((h) => h.entry.id)).toContain('en.violence/ours');
    expect(own.rules.find((r) => r.id === 'risk/fear')?.weight).toBe(0.9);
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['phrases as a list', 'phrases: [zorch you]', /languages\/en\.yaml:\n.*phrases are one block of text/],
    [
      'a bracket without its end',
      'phrases: zorch (you',
      /languages\/en\.yaml: en\.violence\/ours: "\(" without its end/,
    ],
  ])('names the file and the entry of %s', (_, phrases, problem) => {
    const folder = folderWith({
      'languages/en.yaml': `language: en\nconcepts:\n  violence/ours:\n    ${phrases}\n    examples: [I zorch you]\n`,
    });
    expect(() => loadJudgementData(folder)).toThrow(problem);
    rmSync(folder, { recursive: true });
  });

  it('is refused as a whole with every problem named', () => {
    const folder = folderWith({
      'rules.yaml': '- { id: a, weight: 2 }\n',
      'senders.yaml': '- { id: b, part: nowhere }\n',
    });
    const load = () => loadJudgementData(folder);
    expect(load).toThrow(DeskError);
    expect(load).toThrow(/rules\.yaml[\s\S]*senders\.yaml/);
    rmSync(folder, { recursive: true });
  });
});
