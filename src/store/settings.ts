import type { Db } from './open.ts';

type SettingName = 'installed-at' | 'secret' | `mailbox-since:${string}`;

/** Reads a setting; null where it was never written. */
export function readSetting(db: Db, name: SettingName): string | null {
  const row = db.prepare('SELECT value FROM settings WHERE name = ?').get(name) as { value: string } | undefined;
  return row?.value ?? null;
}

/** Writes a setting that must never change once it stands (the installation's instant, its secret). Returns what stands. */
export function settleSetting(db: Db, name: SettingName, value: string): string {
  db.prepare('INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING').run(name, value);
  return readSetting(db, name) ?? value;
}
