import type { BuiltApp } from '../build-app.ts';
import { runDaemon } from '../daemon.ts';
import { takeLock } from '../lock.ts';
import type { ExitCode } from './output.ts';

/** `exitdesk run`: the daemon until SIGTERM or SIGINT; what is under way is finished, then exit 0. */
export async function runRun(app: BuiltApp): Promise<ExitCode> {
  const unlock = takeLock(app.config.storage.path);
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    app.log.info('stopping', { signal });
    stop.abort();
  };
  process.once('SIGTERM', onSignal);
  process.once('SIGINT', onSignal);
  for (const warning of app.config.warnings) app.log.warn('config-warning', { warning });
  try {
    await app.prepareReading();
    await runDaemon(app, stop.signal);
  } finally {
    process.off('SIGTERM', onSignal);
    process.off('SIGINT', onSignal);
    unlock();
  }
  return 0;
}
