import type { Db } from './open.ts';

export type Pulse = {
  readonly part: string;
  readonly okAt: number | null;
  readonly failedAt: number | null;
  /** Since when it fails without a success in between, ms UTC; null while it is well. */
  readonly failingSince: number | null;
  readonly detail: string | null;
};

/** A loop or connection of the daemon did its work. */
export function beat(db: Db, part: string, now: number): void {
  db.prepare(
    `INSERT INTO pulse (part, ok_at) VALUES (?, ?)
     ON CONFLICT (part) DO UPDATE SET ok_at = excluded.ok_at, failing_since = NULL, detail = NULL`,
  ).run(part, now);
}

/** A loop or connection failed; `detail` says how, without personal data. Returns since when it has been failing. */
export function missBeat(db: Db, part: string, now: number, detail: string): number {
  const row = db
    .prepare(
      `INSERT INTO pulse (part, failed_at, failing_since, detail) VALUES (?, ?, ?, ?)
       ON CONFLICT (part) DO UPDATE SET failed_at = excluded.failed_at, detail = excluded.detail,
         failing_since = coalesce(failing_since, excluded.failing_since)
       RETURNING failing_since AS since`,
    )
    .get(part, now, now, detail) as { since: number };
  return row.since;
}

/** The pulse of every part; what a mailbox left that is not configured any more is not told. */
export function pulses(db: Db, mailboxes: readonly { readonly name: string }[]): readonly Pulse[] {
  const rows = db
    .prepare(
      `SELECT part, ok_at AS okAt, failed_at AS failedAt, failing_since AS failingSince, detail FROM pulse ORDER BY part`,
    )
    .all() as Pulse[];
  const named = new Set(mailboxes.map((mailbox) => `mailbox:${mailbox.name}`));
  return rows.filter((row) => !row.part.startsWith('mailbox:') || named.has(row.part));
}
