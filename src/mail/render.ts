/** Letters from templates. The only file that knows mustache. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import Mustache from 'mustache';
import { type Facts, type LetterInput, letterNames, letterView } from '../core/letters.ts';
import { sampleInput } from '../core/letters/sample.ts';
import { answerSubject } from '../core/letters/subject.ts';
import { wrapText } from '../core/letters/wrap-text.ts';
import type { LetterName } from '../core/policy.ts';
import { DeskError } from '../errors.ts';
import { checkNames, type PartialTexts } from './template-names.ts';

export type Rendered = { readonly subject: string; readonly text: string };

/** Every letter in every configured language, parsed and checked. */
export type Templates = {
  /** The configured language that fits best: the wanted one, its base ("de" for "de-at"), else the default. */
  readonly languageFor: (wanted: string | null) => string;
  /** Renders one letter for one case; the subject carries the case token once, the text is wrapped at 76 characters. */
  readonly render: (letter: LetterName, input: LetterInput) => Rendered;
};

export type TemplateSettings = {
  readonly languages: readonly string[];
  readonly defaultLanguage: string;
  /** By language, then by name. */
  readonly facts: Readonly<Record<string, Facts>>;
  /** The operator's own wording; null for ours alone. */
  readonly templatesFolder: string | null;
};

const ownFolder = fileURLToPath(new URL('../../templates', import.meta.url));
const partialName = /^_[a-z][a-z0-9-]{0,40}$/;

type Template = { readonly file: string; readonly subject: string; readonly text: string };
type Language = {
  readonly letters: Readonly<Record<LetterName, Template>>;
  readonly partials: PartialTexts;
};

/**
 * Loads every letter: <language>/<letter>.txt, its first line "Subject: …", a blank line, then the text; parts that
 * letters share are <language>/_<part>.txt. A file in the operator's folder goes before ours, file by file and language by
 * language. Throws DeskError template-invalid where a file is missing or malformed, uses a name that its letter does not
 * know, or a fact that the operator has not stated; every problem in one message.
 */
export function loadTemplates(settings: TemplateSettings): Templates {
  const problems: string[] = [];
  const languages = new Map(settings.languages.map((l) => [l, loadLanguage(l, settings, problems)]));
  if (problems.length > 0)
    throw new DeskError('template-invalid', `the letters do not load:\n  ${problems.join('\n  ')}`);
  const writer = new Mustache.Writer();
  return {
    languageFor: (wanted) => {
      const base = wanted?.split('-')[0];
      return [wanted, base].find((l) => l != null && languages.has(l)) ?? settings.defaultLanguage;
    },
    render: (letter, input) => {
      const language = languages.get(input.language);
      if (language === undefined) throw new Error(`no letters in ${input.language}`);
      const view = withoutPrototype(letterView(letter, input));
      const fill = (template: string) =>
        writer.render(template, new StrictContext(view), (name) => language.partials.get(name)?.text, {
          escape: String,
        });
      const { subject, text } = language.letters[letter];
      return { subject: answerSubject(fill(subject), input.caseToken), text: wrapText(fill(text)) };
    },
  };
}

/** Where mustache would put nothing for a name that is not there, this throws: a letter with a hole does not leave. */
class StrictContext extends Mustache.Context {
  override push(view: unknown): Mustache.Context {
    return new StrictContext(view, this);
  }
  override lookup(name: string): unknown {
    const value: unknown = super.lookup(name);
    if (value === undefined) throw new Error(`a letter needs "${name}", which its view does not have`);
    return value;
  }
}

/** Objects without prototype, so that no name reaches what JavaScript puts on every object. */
function withoutPrototype(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPrototype);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, inner] of Object.entries(value)) copy[key] = withoutPrototype(inner);
  return copy;
}

function loadLanguage(language: string, settings: TemplateSettings, problems: string[]): Language {
  const facts = settings.facts[language] ?? {};
  const folders = [settings.templatesFolder, ownFolder].filter((f) => f !== null);
  const partials: PartialTexts = new Map();
  const readPartial = (name: string) => {
    const part = partials.get(name) ?? (partialName.test(name) ? readFirst(folders, language, name) : null);
    if (part !== null) partials.set(name, part);
    return part;
  };
  const loadLetter = (letter: LetterName): Template => {
    const found = readFirst(folders, language, letter);
    const template = found === null ? null : splitSubject(found);
    if (template === null) {
      const hint = `put it into letters.templatesFolder, or take "${language}" out of letters.languages`;
      problems.push(
        found === null
          ? `${language}/${letter}.txt is missing: ${hint}`
          : `${found.file} must begin with the line "Subject: …" and an empty line`,
      );
      return { file: '', subject: '', text: '' };
    }
    const view = letterView(letter, sampleInput(letter, language, facts));
    problems.push(
      ...checkNames(`${template.subject}\n${template.text}`, {
        file: template.file,
        language,
        view,
        facts,
        readPartial,
      }),
    );
    return template;
  };
  const letters = Object.fromEntries(letterNames.map((letter) => [letter, loadLetter(letter)])) as Language['letters'];
  return { letters, partials };
}

/** The file of the first folder that has it; null where none does. */
function readFirst(folders: readonly string[], language: string, name: string): { file: string; text: string } | null {
  for (const folder of folders) {
    const file = join(folder, language, `${name}.txt`);
    try {
      return {
        file,
        text: readFileSync(file, 'utf8')
          .replaceAll('\r\n', '\n')
          .replace(/^\ufeff/, ''),
      };
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
      if (code !== 'ENOENT' && code !== 'ENOTDIR')
        throw new DeskError('template-invalid', `cannot read ${file} (${code})`, { cause });
    }
  }
  return null;
}

function splitSubject({ file, text }: { readonly file: string; readonly text: string }): Template | null {
  const found = /^Subject:(.+)\n\n([^]+)/.exec(text);
  return found === null ? null : { file, subject: (found[1] ?? '').trimStart(), text: found[2] ?? '' };
}
