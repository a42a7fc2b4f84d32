/** Where public Tor data come from: the section `tor` as the desk reads it, and what is asked of each source. */
import type { DocumentForm } from '../core/public-tor/document.ts';
import type { Proxy } from '../tor/dial.ts';
import type { Written } from './schema.ts';
import { readText, type SecretReader } from './secrets.ts';

export type TorSourceConfig = {
  readonly name: string;
  readonly form: DocumentForm;
  readonly url: string;
  readonly everyMs: number;
  /** onionoo: only relays whose contact holds this, or only these; null and empty: every exit. */
  readonly contact: string | null;
  readonly fingerprints: readonly string[];
};

export type TorConfig = {
  readonly sources: readonly TorSourceConfig[];
  readonly proxy: Proxy | null;
  /** PEM text of the certificate authority to trust; null: the system's. */
  readonly ca: string | null;
  /** What stands in the ContactInfo of our relays; null: not stated. */
  readonly contact: string | null;
  readonly gapMs: number;
  readonly staleAfterMs: number;
  readonly unseenAfterMs: number;
  readonly keepMs: number;
};

/** What makes a source this one, for its history: another URL, form or question is another source. */
export function identityOf({ form, url, contact, fingerprints }: TorSourceConfig): string {
  return JSON.stringify({ form, url, contact, fingerprints });
}

/** Parameters of Onionoo that leave no exit out. */
const harmless = new Set(['fields', 'type', 'running', 'order']);

/** It shows every exit there is, so that an address it does not show was none. */
export function isComplete({ form, url, contact, fingerprints }: TorSourceConfig): boolean {
  if (form !== 'onionoo') return true;
  if (contact !== null || fingerprints.length > 0) return false;
  const asked = [...new URL(url).searchParams].filter(([name]) => !harmless.has(name));
  return asked.every(([name, value]) => name === 'flag' && value.toLowerCase() === 'exit');
}

const fields = 'fingerprint,or_addresses,exit_addresses,flags,running,last_seen,contact,exit_policy_v6_summary';

/** The requests of one collection: one, but where Onionoo is asked for single relays. What the URL says itself goes before. */
export function requestUrls({ form, url, contact, fingerprints }: TorSourceConfig): readonly string[] {
  if (form !== 'onionoo') return [url];
  const narrowed = contact !== null || fingerprints.length > 0 || new URL(url).search !== '';
  const common = { type: 'relay', fields, ...(narrowed ? {} : { flag: 'exit' }) };
  const questions: readonly Readonly<Record<string, string>>[] =
    fingerprints.length > 0
      ? fingerprints.map((fingerprint) => ({ lookup: fingerprint }))
      : [contact === null ? {} : { contact }];
  return questions.map((question) => {
    const asked = new URL(url);
    for (const [name, value] of Object.entries({ ...common, ...question }))
      if (!asked.searchParams.has(name)) asked.searchParams.set(name, value);
    return asked.href;
  });
}

/** Cross-checked text to values. */
export function normaliseTor(tor: Written['tor'], reader: SecretReader): TorConfig {
  return {
    sources: tor.sources.map((source) => ({
      name: source.name,
      form: source.form,
      url: source.url,
      everyMs: source.every,
      contact: source.contact ?? null,
      fingerprints: source.fingerprints ?? [],
    })),
    proxy: tor.proxy ?? null,
    ca: readText(reader, tor.caFile, ['tor', 'caFile']),
    contact: tor.contact ?? tor.sources.find((source) => source.contact !== undefined)?.contact ?? null,
    gapMs: tor.gap,
    staleAfterMs: tor.staleAfter,
    unseenAfterMs: tor.unseenAfter,
    keepMs: tor.keep,
  };
}
