import type { App } from '../app.ts';
import type { TorSourceConfig } from '../config.ts';
import { identityOf, isComplete } from '../config/tor.ts';
import { nearestName } from '../core/nearest-name.ts';
import { differenceWords } from '../core/public-tor/differences.ts';
import { utcTime } from '../core/utc-time.ts';
import { DeskError } from '../errors.ts';
import { collect, type Collected } from '../flow/collect-public.ts';
import { publicDifferences } from '../flow/public-differences.ts';
import { latestCollections, sourceByIdentity, type SourceRow } from '../store/public-sources.ts';
import { type ExitCode, iso, type Output } from './output.ts';
import { table } from './table.ts';

type Options = { readonly json?: boolean };
export type FetchNowOptions = Options & { readonly accept?: boolean };

/** `exitdesk tor`: how each source stands, and what does not agree with the inventory; 3 where a source is in trouble. */
export function runTor(app: App, options: Options, out: Output): ExitCode {
  const sources = app.config.tor.sources.map((source) => ({ source, row: rowOf(app, source) }));
  const differences = publicDifferences(app);
  if (options.json === true) {
    for (const { source, row } of sources) out.write(JSON.stringify(sourceJson(app, source, row)));
    for (const d of differences) out.write(JSON.stringify({ difference: d.kind, what: d.what, why: d.why, since: iso(d.sinceMs) })); // prettier-ignore
  } else if (sources.length === 0) out.write('no public Tor data are collected: tor.sources is empty');
  else {
    out.write(table(['SOURCE', 'EXITS', 'AS OF', 'WITHOUT GAP SINCE', 'NEXT', ''], sources.map(({ source, row }) => sourceLine(source, row)))); // prettier-ignore
    if (differences.length > 0) {
      out.write('');
      out.write(table(['DIFFERENCE', 'WHAT', 'WHY'], differences.map((d) => [differenceWords[d.kind], d.what, d.why]))); // prettier-ignore
    }
  }
  return sources.some(({ row }) => row.failingSince !== null) ? 3 : 0;
}

function sourceLine({ name }: TorSourceConfig, row: SourceRow): string[] {
  const stands =
    row.failingSince !== null
      ? `TROUBLE since ${minute(row.failingSince)}: ${row.trouble ?? ''}`
      : row.asOfMs === null
        ? 'nothing collected yet'
        : 'well';
  return [name, String(row.count ?? '-'), minute(row.asOfMs), minute(row.coveredFromMs), minute(row.nextAt), stands];
}

function sourceJson(app: App, source: TorSourceConfig, row: SourceRow): object {
  return {
    source: source.name,
    form: source.form,
    url: source.url,
    complete: isComplete(source),
    exits: row.count,
    asOf: iso(row.asOfMs),
    coveredFrom: iso(row.coveredFromMs),
    attempted: iso(row.attemptedAt),
    next: iso(row.nextAt),
    failingSince: iso(row.failingSince),
    trouble: row.trouble,
    collections: latestCollections(app.db, row.id, 10).map(({ at: when, asOfMs, ...rest }) => ({ at: iso(when), asOf: iso(asOfMs), ...rest })), // prettier-ignore
  };
}

/** A source that was asked this recently is left alone, whoever asks. */
const leftAloneMs = 60_000;

/** `exitdesk tor fetch [NAME…]`: collects now; 3 where something could not be taken. */
export async function runTorFetch(
  app: App,
  names: readonly string[],
  options: FetchNowOptions,
  out: Output,
): Promise<ExitCode> {
  const { tor } = app;
  if (tor === null) throw new DeskError('refused', 'nothing is fetched in a rehearsal');
  const sources = names.length === 0 ? app.config.tor.sources : names.map((name) => sourceNamed(app, name));
  if (sources.length === 0) throw new DeskError('refused', 'no public Tor data are configured: tor.sources is empty');
  if (options.accept === true && names.length !== 1)
    throw new DeskError('usage', '--accept takes the name of one source: look at it first');
  for (const source of sources) {
    const { attemptedAt } = rowOf(app, source);
    if (attemptedAt !== null && app.now() - attemptedAt < leftAloneMs && app.now() >= attemptedAt)
      throw new DeskError(
        'refused',
        `${source.name} was asked less than a minute ago: servers are to be left in peace`,
      );
  }
  const { signal } = new AbortController();
  const collected = await Promise.all(
    sources.map((source) => collect(app, tor, { source, signal, accepted: options.accept === true })),
  );
  if (options.json === true)
    for (const { asOfMs, ...one } of collected) out.write(JSON.stringify({ ...one, asOf: iso(asOfMs) }));
  else out.write(table(['SOURCE', 'OUTCOME', 'EXITS', 'NEW', 'GONE', ''], collected.map(collectedLine)));
  return collected.some(({ outcome }) => ['failed', 'stale', 'implausible'].includes(outcome)) ? 3 : 0;
}

function collectedLine({ source, outcome, exits, begun, ended, note }: Collected): string[] {
  const hint = outcome === 'implausible' ? `; if it is right: exitdesk tor fetch ${source} --accept` : '';
  return [source, outcome, String(exits ?? '-'), String(begun), String(ended), `${note ?? ''}${hint}`];
}

function sourceNamed(app: App, name: string): TorSourceConfig {
  const found = app.config.tor.sources.find((source) => source.name === name);
  if (found !== undefined) return found;
  const names = app.config.tor.sources.map((source) => source.name);
  if (names.length === 0) throw new DeskError('not-found', `there is no source "${name}": tor.sources is empty`);
  const meant = nearestName(name, names);
  const hint = meant === null ? `: ${names.join(', ')}` : `; did you mean "${meant}"?`;
  throw new DeskError('not-found', `there is no source "${name}"${hint}`);
}

function rowOf(app: App, source: TorSourceConfig): SourceRow {
  const row = sourceByIdentity(app.db, identityOf(source));
  if (row === null)
    throw new DeskError('refused', `the source ${source.name} is not known yet: nothing is kept in a rehearsal`);
  return row;
}

function minute(ms: number | null): string {
  return ms === null ? '-' : utcTime(ms);
}
