import { createHash } from 'node:crypto';
import type { App } from '../app.ts';
import type { TorSourceConfig } from '../config.ts';
import { identityOf, isComplete, requestUrls } from '../config/tor.ts';
import type { ReadDocument } from '../core/public-tor/document.ts';
import { judgeDocument, judgeUnchanged } from '../core/public-tor/judge-document.ts';
import { isDue, pauseAfter, politeMs } from '../core/public-tor/next-request.ts';
import { joinDocuments, readDocument } from '../core/public-tor/read-document.ts';
import { beginAttempt, sourceByIdentity, type SourceRow } from '../store/public-sources.ts';
import { purgePublic } from '../store/purge-public.ts';
import { type Collection, recordCollection } from '../store/record-collection.ts';
import type { Fetch, FetchedDocument } from '../tor/fetch.ts';
import type { FetchFailed } from '../tor/failure.ts';

/** What came of one collection. */
export type Collected = Pick<Collection, 'outcome' | 'note' | 'asOfMs' | 'bytes' | 'junk'> & {
  readonly source: string;
  /** How many exits it shows; null where it was not taken. */
  readonly exits: number | null;
  readonly begun: number;
  readonly ended: number;
};

/** Collects from every source whose time has come, all at once. Returns how many were asked. */
export async function collectDue(app: App, signal: AbortSignal): Promise<number> {
  const { tor } = app;
  if (tor === null) return 0;
  const due = app.config.tor.sources.filter((source) => {
    const row = sourceByIdentity(app.db, identityOf(source));
    return row !== null && isDue(row.nextAt, source.everyMs, app.now());
  });
  await Promise.all(due.map((source) => collect(app, tor, { source, signal, accepted: false })));
  return due.length;
}

/** Asks a source and judges what it says, for `doctor`: nothing is written down. */
export async function tryPublicSource(
  app: App,
  fetch: Fetch,
  source: TorSourceConfig,
): Promise<{ readonly ok: boolean; readonly says: string }> {
  const row = rowOf(app, source);
  const asking = { source, row, accepted: false, signal: new AbortController().signal };
  const result = judge(app, { ...asking, fetched: await fetchAll(fetch, asking) });
  const { exits, note } = told(source, result);
  const shows = exits === null ? result.outcome : `${exits} exits`;
  return { ok: isWell(result), says: [shows, note].filter((text) => text !== null).join('; ') };
}

export type Collecting = {
  readonly source: TorSourceConfig;
  readonly signal: AbortSignal;
  /** A handler looked at it: it counts although it is so much shorter or longer than the last. */
  readonly accepted: boolean;
};

/**
 * Fetches one source, judges what came and writes it down in one commit. The attempt is noted before: a process that dies on
 * the way leaves the server alone for a while and then begins anew; nothing of a collection is lost or half there.
 */
export async function collect(app: App, fetch: Fetch, { source, signal, accepted }: Collecting): Promise<Collected> {
  beginAttempt(app.db, rowOf(app, source).id, { now: app.now(), nextAt: app.now() + politeMs });
  const row = rowOf(app, source);
  const fetched = await fetchAll(fetch, { source, row, accepted, signal });
  const result = judge(app, { source, row, fetched, accepted });
  // Our own end is no fault of the source: it is asked again as if it had never been, after the polite pause.
  if (fetched.kind === 'failed' && fetched.reason === 'stopped') return { ...told(source, result), begun: 0, ended: 0 };
  const at = app.now();
  const retryAfterMs = fetched.kind === 'failed' ? (fetched.retryAfterMs ?? 0) : 0;
  const asked = { isWell: isWell(result), failures: row.failures, everyMs: source.everyMs, retryAfterMs };
  const nextAt = at + pauseAfter(asked, app.random());
  const changes = recordCollection(app.db, { ...result, sourceId: row.id, at, nextAt });
  purgePublic(app.db, at - app.config.tor.keepMs);
  const { outcome, note, exits } = told(source, result);
  const log = isWell(result) ? app.log.info : app.log.warn;
  log('public-data', { source: source.name, outcome, note, exits, ...changes });
  return { ...told(source, result), ...changes };
}

function rowOf(app: App, source: TorSourceConfig): SourceRow {
  const row = sourceByIdentity(app.db, identityOf(source));
  if (row === null) throw new Error(`the source ${source.name} is not registered`);
  return row;
}

function told(
  source: TorSourceConfig,
  { outcome, note, asOfMs, bytes, junk, document }: Result,
): Omit<Collected, 'begun' | 'ended'> {
  const current = document?.sightings.filter((s) => s.untilMs === null).map((s) => s.address);
  const exits = current === undefined ? null : new Set(current).size;
  return { source: source.name, outcome, note, asOfMs, bytes, junk, exits };
}

function isWell({ outcome }: Pick<Result, 'outcome'>): boolean {
  return outcome === 'taken' || outcome === 'unchanged' || outcome === 'older';
}

type Answer =
  | { readonly kind: 'documents'; readonly documents: readonly FetchedDocument[] }
  | { readonly kind: 'not-modified' }
  | FetchFailed;

type Asking = Collecting & { readonly row: SourceRow };

/** Every request of the source, one after the other; the first that fails ends it. Only a single one can be conditional. */
async function fetchAll(fetch: Fetch, { source, row, accepted, signal }: Asking): Promise<Answer> {
  const urls = requestUrls(source);
  const conditional = urls.length === 1 && !accepted;
  const documents: FetchedDocument[] = [];
  for (const url of urls) {
    const validators = conditional
      ? { etag: row.etag, lastModified: row.lastModified }
      : { etag: null, lastModified: null };
    const fetched = await fetch({ url, ...validators, isolation: source.name }, signal);
    if (fetched.kind !== 'document') return fetched;
    documents.push(fetched);
  }
  return { kind: 'documents', documents };
}

type Result = Omit<Collection, 'sourceId' | 'at' | 'nextAt'>;
type Judging = Pick<Collecting, 'source' | 'accepted'> & { readonly row: SourceRow; readonly fetched: Answer };

const nothingNew = { asOfMs: null, document: null, bytes: 0, junk: 0 } as const;

function judge(app: App, { source, row, fetched, accepted }: Judging): Result {
  if (fetched.kind === 'failed') return { ...nothingNew, outcome: 'failed', note: fetched.detail };
  if (fetched.kind === 'not-modified') return unchanged(app, row, 0);
  const { documents } = fetched;
  const bytes = documents.reduce((sum, document) => sum + document.bytes, 0);
  const contentHash = createHash('sha256').update(documents.map((d) => d.text).join('\0')).digest('hex'); // prettier-ignore
  if (contentHash === row.contentHash) return unchanged(app, row, bytes);
  const nowMs = app.now();
  const { contact, staleAfterMs } = app.config.tor;
  const read = joinDocuments(documents.map((d) => readDocument(source.form, d.text, { nowMs, contact })));
  const verdict = judgeDocument(read, row, {
    nowMs,
    staleAfterMs,
    complete: isComplete(source),
    framed: documents.every((d) => d.framed),
    endsWithBreak: documents.every((d) => d.text.endsWith('\n')),
    accepted,
  });
  const { junk } = read;
  if (verdict.outcome !== 'taken') {
    return {
      ...nothingNew,
      outcome: verdict.outcome,
      note: 'because' in verdict ? verdict.because : null,
      bytes,
      junk,
    };
  }
  const { etag, lastModified } = documents.length === 1 && documents[0] !== undefined ? documents[0] : { etag: null, lastModified: null }; // prettier-ignore
  const dated = read.asOfMs !== null;
  return {
    outcome: 'taken',
    note: passedOver(read),
    asOfMs: verdict.asOfMs,
    bytes,
    junk,
    document: { sightings: read.sightings, dated, etag, lastModified, contentHash },
  };
}

/** The same as last time. */
function unchanged(app: App, row: SourceRow, bytes: number): Result {
  const verdict = judgeUnchanged(row, { nowMs: app.now(), staleAfterMs: app.config.tor.staleAfterMs });
  if (verdict.outcome === 'stale') return { ...nothingNew, outcome: 'stale', note: verdict.because, bytes };
  return { ...nothingNew, outcome: 'unchanged', note: null, asOfMs: verdict.asOfMs, bytes };
}

function passedOver({ junk, junkSample, others }: ReadDocument): string | null {
  const told = [
    ...(junk === 0 ? [] : [`${junk} lines are nothing of this form, for example "${junkSample ?? ''}"`]),
    ...(others === 0 ? [] : [`${others} relays are no exits`]),
  ];
  return told.length === 0 ? null : told.join('; ');
}
