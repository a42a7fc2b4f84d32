import { DateTime } from 'luxon';
import type { BuiltApp } from '../build-app.ts';
import type { Config } from '../config.ts';
import { drainOnce } from '../daemon.ts';
import { DeskError } from '../errors.ts';
import { takeLock } from '../lock.ts';
import { passSummary, passStart } from '../store/pass-summary.ts';
import type { ExitCode, Output } from './output.ts';
import { table } from './table.ts';

/**
 * The clock of a pass: the real one, or for `--now` a fixed instant (ms UTC), which is refused unless letters go to a folder
 * or the configuration says rehearsal. Throws DeskError usage or rehearsal-refused.
 */
export function clockOf(config: Config, now: string | undefined): () => number {
  if (now === undefined) return Date.now;
  if (config.sending.type !== 'folder' && !config.rehearsal) {
    throw new DeskError(
      'rehearsal-refused',
      '--now plays another instant: only with sending.folder, or with "rehearsal: true" in the configuration',
    );
  }
  const at = DateTime.fromISO(now, { zone: 'utc' });
  if (!at.isValid) throw new DeskError('usage', `--now "${now}" is no time: write it as in 2026-11-22T08:00:00Z`);
  return () => at.toMillis();
}

/** `exitdesk once`: one full pass, then exit. */
export async function runOnce(app: BuiltApp, options: { readonly json?: boolean }, out: Output): Promise<ExitCode> {
  const unlock = takeLock(app.config.storage.path);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGTERM', onSignal);
  process.once('SIGINT', onSignal);
  const start = passStart(app.db);
  try {
    await drainOnce(app, stop.signal);
  } finally {
    process.off('SIGTERM', onSignal);
    process.off('SIGINT', onSignal);
    unlock();
  }
  const summary = passSummary(app.db, start);
  if (options.json === true) {
    out.write(JSON.stringify({ now: new Date(app.now()).toISOString(), ...summary }));
    return 0;
  }
  out.write(
    `${summary.mails.length} mails read, ${summary.letters.length} letters, ${summary.checks.length} host checks`,
  );
  if (summary.cases.length > 0) {
    const rows = summary.cases.map((kase) => [
      `${app.config.desk.tokenPrefix}-${kase.id}`,
      kase.category ?? '-',
      kase.risk ?? '-',
      kase.state + (kase.outcome === null ? '' : ` (${kase.outcome})`),
      kase.because,
    ]);
    out.write(table(['CASE', 'CATEGORY', 'RISK', 'STATE', 'BECAUSE'], rows));
  }
  return 0;
}
