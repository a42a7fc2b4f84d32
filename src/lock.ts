import Database from 'better-sqlite3';
import { DeskError } from './errors.ts';

/**
 * Makes sure that one process only performs effects on this database: an exclusive transaction on a file beside it, held
 * for life. The system gives it back whenever the process ends, however it ends. Throws DeskError already-running.
 */
export function takeLock(databasePath: string): () => void {
  const lock = new Database(`${databasePath}.lock`, { timeout: 0 });
  try {
    lock.pragma('journal_mode = DELETE');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new DeskError(
      'already-running',
      'another exitdesk works on this database: stop it first (commands such as cases, approve and probe need no stop)',
      { cause },
    );
  }
  return () => lock.close();
}
