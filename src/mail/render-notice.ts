import { readFileSync } from 'node:fs';
import Mustache from 'mustache';
import type { AlertView } from '../core/alert.ts';
import type { DigestView } from '../core/digest.ts';

/** What goes to handlers: text and HTML of the same view. HTML is escaped, text is not; values are never templates. */
export type Notice = { readonly subject: string; readonly text: string; readonly html: string };

const folder = new URL('../../templates/desk/', import.meta.url);

export function renderAlert(view: AlertView): Notice {
  return render('alert', { ...view, hasQuotes: view.quotes.length > 0 }, view.title);
}

export function renderDigest(view: DigestView): Notice {
  const sections = view.sections.map((section) => ({
    ...section,
    more: section.count > section.rows.length ? section.count - section.rows.length : null,
    rows: section.rows.map((row) => ({ ...row, line: lineOf(row) })),
  }));
  return render('digest', { ...view, sections }, view.title);
}

function lineOf(row: DigestView['sections'][number]['rows'][number]): string {
  return [row.token, row.what, row.when === '' ? '' : `(${row.when})`, row.why]
    .filter((part) => part !== '')
    .join('  ');
}

function render(name: 'alert' | 'digest', view: object, subject: string): Notice {
  const template = (kind: 'txt' | 'html'): string => readFileSync(new URL(`${name}.${kind}`, folder), 'utf8');
  return {
    subject,
    text: Mustache.render(template('txt'), view, {}, { escape: String }),
    html: Mustache.render(template('html'), view),
  };
}
