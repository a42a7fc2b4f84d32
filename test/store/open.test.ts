import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyDatabase, isIntact, openDatabase, readMigrations } from '../../src/store/open.ts';
import { t0 } from '../support/a-case.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exitdesk-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const schemaFile = new URL('../../migrations/schema.sql', import.meta.url);

/** The schema as SQLite holds it, in the order of its making. */
function schemaOf(db: Database.Database): string {
  const rows = db
    .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name <> 'migrations' ORDER BY rowid")
    .all();
  return `${(rows as { sql: string }[]).map((row) => `${row.sql};`).join('\n\n')}\n`;
}

describe('the database', () => {
  it('is made by the migrations, and schema.sql shows what they come to', () => {
    const db = openDatabase(join(folder, 'desk.sqlite'), t0);
    const schema = schemaOf(db);
    if (process.env['EXITDESK_WRITE_SCHEMA'] === '1') writeFileSync(schemaFile, schema);
    expect(schema).toBe(readFileSync(schemaFile, 'utf8'));
    db.close();
  });

  it('opens a second time without doing anything', () => {
    const path = join(folder, 'desk.sqlite');
    openDatabase(path, t0).close();
    const db = openDatabase(path, t0 + 1);
    const rows = db.prepare('SELECT applied_at AS at FROM migrations').all() as { at: number }[];
    expect(rows.map((row) => row.at)).toEqual(readMigrations().map(() => t0));
    db.close();
  });

  it('is readable by its owner only, and so is the folder that it makes', () => {
    const path = join(folder, 'data', 'desk.sqlite');
    openDatabase(path, t0).close();
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
    expect((statSync(join(folder, 'data')).mode & 0o777).toString(8)).toBe('700');
  });

  it('loses nothing at a power cut: every commit is synchronous', () => {
    const db = openDatabase(join(folder, 'desk.sqlite'), t0);
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    db.close();
  });

  it('of a newer exitdesk is refused', () => {
    const path = join(folder, 'desk.sqlite');
    const db = openDatabase(path, t0);
    db.prepare('INSERT INTO migrations VALUES (9999, ?, ?, ?)').run('9999-later.sql', 'x', t0);
    db.close();
    expect(() => openDatabase(path, t0)).toThrow(expect.objectContaining({ code: 'database-newer' }));
  });

  it('made by a migration that has changed since is refused', () => {
    const path = join(folder, 'desk.sqlite');
    const db = openDatabase(path, t0);
    db.prepare("UPDATE migrations SET hash = 'other' WHERE number = 1").run();
    db.close();
    expect(() => openDatabase(path, t0)).toThrow(expect.objectContaining({ code: 'database-changed' }));
  });

  it('is backed up before a migration is applied to it', () => {
    const path = join(folder, 'desk.sqlite');
    openDatabase(path, t0).close();
    const next = {
      number: 9990,
      name: '9990-more.sql',
      sql: 'CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT',
      hash: 'h',
    };
    const db = openDatabase(path, t0 + 1, [...readMigrations(), next]);
    expect(schemaOf(db)).toContain('CREATE TABLE more');
    db.close();
    const backup = openDatabase(`${path}.before-9990-more`, t0);
    expect(schemaOf(backup)).not.toContain('CREATE TABLE more');
    expect((statSync(`${path}.before-9990-more`).mode & 0o777).toString(8)).toBe('600');
    backup.close();
  });

  it('stays as it was where a migration fails', () => {
    const path = join(folder, 'desk.sqlite');
    openDatabase(path, t0).close();
    const faulty = {
      number: 9990,
      name: '9990-faulty.sql',
      sql: 'CREATE TABLE half (id INTEGER) STRICT; NONSENSE',
      hash: 'h',
    };
    expect(() => openDatabase(path, t0, [...readMigrations(), faulty])).toThrow();
    const db = openDatabase(path, t0);
    expect(schemaOf(db)).not.toContain('half');
    db.close();
  });

  it('that is no database is refused with what to do', () => {
    const path = join(folder, 'desk.sqlite');
    writeFileSync(path, 'this is not a database, it is a text of some length');
    expect(() => openDatabase(path, t0)).toThrow(expect.objectContaining({ code: 'database-unusable' }));
  });

  it('is copied whole while it is in use', () => {
    const db = openDatabase(join(folder, 'desk.sqlite'), t0);
    db.prepare("INSERT INTO settings VALUES ('secret', 'kept')").run();
    copyDatabase(db, join(folder, 'copy.sqlite'));
    const copy = openDatabase(join(folder, 'copy.sqlite'), t0);
    expect(isIntact(copy)).toBe(true);
    expect(copy.prepare('SELECT value FROM settings').get()).toEqual({ value: 'kept' });
    copy.close();
    db.close();
  });
});

describe('what the loops ask', () => {
  it.each([
    ['mails to read', "SELECT id FROM mails WHERE stage = 'filed' ORDER BY id LIMIT 20"],
    ['due timers', 'SELECT case_id FROM timers WHERE due_at <= 1 ORDER BY due_at LIMIT 100'],
    [
      'the next outbox row',
      "SELECT id FROM outbox WHERE status = 'due' AND lane = 'mail' AND not_before <= 1 ORDER BY not_before, id LIMIT 1",
    ],
    ['doubtful rows', "SELECT id FROM outbox WHERE status = 'unknown' ORDER BY id"],
    ['an event that was applied', "SELECT 1 FROM journal WHERE key = 'k'"],
    ['a mail that is known', "SELECT 1 FROM mails WHERE mailbox = 'm' AND uid_validity = '1' AND uid = '2'"],
    [
      'letters to an address',
      "SELECT count(*) FROM letters WHERE automatic = 1 AND case_id IS NOT NULL AND recipient = 'a' AND left_at > 1",
    ],
    ['letters of the hour', 'SELECT count(*) FROM letters WHERE automatic = 1 AND case_id IS NOT NULL AND left_at > 1'],
    ['our Message-ID', "SELECT id FROM letters WHERE message_id = '<x>'"],
    ['the latest check', "SELECT id FROM checks WHERE node = 'n' ORDER BY at DESC LIMIT 1"],
  ])('%s is served by an index: costs what is due, not what is stored', (_, sql) => {
    const db = openDatabase(join(folder, 'desk.sqlite'), t0);
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
    const details = plan.map((row) => row.detail).join('; ');
    expect(details).toMatch(/USING (COVERING )?INDEX|USING PRIMARY KEY/);
    expect(details).not.toMatch(/TEMP B-TREE|^SCAN (?!.*USING)/);
    db.close();
  });
});
