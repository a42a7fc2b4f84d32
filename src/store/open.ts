import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { DeskError } from '../errors.ts';

export type Db = Database.Database;

export type Migration = { readonly number: number; readonly name: string; readonly sql: string; readonly hash: string };

const migrationsFolder = new URL('../../migrations/', import.meta.url);

/**
 * Opens the database at `path` (created with its folder, readable by the owner only) and brings its schema up to date:
 * each migration in its own transaction, recorded with its hash, after a backup beside the file (VACUUM INTO).
 * `now` (ms UTC) dates the migrations; `migrations` are those of migrations/ unless a test brings its own. Throws DeskError database-newer, database-changed or database-unusable.
 */
export function openDatabase(path: string, now: number, migrations: readonly Migration[] = readMigrations()): Db {
  const db = openFile(path);
  migrate(db, path, { known: migrations, now });
  return db;
}

function openFile(path: string): Db {
  const folder = dirname(path);
  const created = !existsSync(path);
  try {
    if (path !== ':memory:' && !existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    const db = new Database(path, { timeout: 5000 });
    if (created && path !== ':memory:') chmodSync(path, 0o600);
    // WAL alone makes better-sqlite3 fall back to synchronous=NORMAL, which may lose the last commits at power loss:
    // a letter sent twice. FULL is the promise of this desk.
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('busy_timeout = 5000');
    return db;
  } catch (cause) {
    throw new DeskError(
      'database-unusable',
      `the database ${path} cannot be opened: check that the folder exists, is on a local disk and is writable`,
      { cause },
    );
  }
}

/** Reads migrations/NNNN-name.sql in order. */
export function readMigrations(): readonly Migration[] {
  return readdirSync(migrationsFolder)
    .filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const sql = readFileSync(new URL(name, migrationsFolder), 'utf8');
      return { number: Number(name.slice(0, 4)), name, sql, hash: createHash('sha256').update(sql).digest('hex') };
    });
}

function migrate(
  db: Db,
  path: string,
  { known, now }: { readonly known: readonly Migration[]; readonly now: number },
): void {
  db.exec(`CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`);
  const applied = db.prepare('SELECT number, name, hash FROM migrations ORDER BY number').all() as {
    number: number;
    name: string;
    hash: string;
  }[];
  for (const row of applied) {
    const file = known.find((migration) => migration.number === row.number);
    if (file === undefined) {
      throw new DeskError(
        'database-newer',
        `the database was migrated by a newer exitdesk (${row.name}): run that version, or restore a backup`,
      );
    }
    if (file.hash !== row.hash) {
      throw new DeskError(
        'database-changed',
        `migration ${row.name} is not the one that this database was made with: run an unmodified exitdesk`,
      );
    }
  }
  const missing = known.filter((migration) => !applied.some((row) => row.number === migration.number));
  for (const migration of missing) apply(db, path, migration, { fresh: applied.length === 0, now });
}

function apply(
  db: Db,
  path: string,
  migration: Migration,
  { fresh, now }: { readonly fresh: boolean; readonly now: number },
): void {
  if (!fresh && path !== ':memory:') {
    const copy = `${path}.before-${migration.name.replace(/\.sql$/, '')}`;
    if (!existsSync(copy)) {
      copyDatabase(db, copy);
      chmodSync(copy, 0o600);
    }
  }
  db.transaction(() => {
    // Another process may have been faster: the transaction is immediate, so what it sees now is the truth.
    const there = db.prepare('SELECT 1 FROM migrations WHERE number = ?').get(migration.number);
    if (there !== undefined) return;
    db.exec(migration.sql);
    db.prepare('INSERT INTO migrations (number, name, hash, applied_at) VALUES (?, ?, ?, ?)').run(
      migration.number,
      migration.name,
      migration.hash,
      now,
    );
  }).immediate();
}

/** Runs `work` in one immediate transaction: nothing slips between what it reads and what it writes. */
export function inTransaction<T>(db: Db, work: () => T): T {
  return db.inTransaction ? work() : db.transaction(work).immediate();
}

/** Writes a whole, compact copy of the database to a new file: consistent, also while others write. */
export function copyDatabase(db: Db, path: string): void {
  db.prepare('VACUUM INTO ?').run(path);
}

/** SQLite's own quick check of the file. */
export function isIntact(db: Db): boolean {
  return db.pragma('quick_check', { simple: true }) === 'ok';
}
