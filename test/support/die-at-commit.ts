/**
 * Loaded into the daemon before its program (node --import): counts the commits of the desk's database, writes what each one
 * wrote to the file TRACE_COMMITS, and dies by SIGKILL where DIE_AT says: "before 7" (the changes of the seventh commit are
 * lost), "after 7", "before checks" (the first commit that writes to this table), or "reading" (a mail went to the thread that
 * reads it). The program itself knows nothing of this.
 */
import { appendFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';

type Statement = Database.Statement & { readonly source: string };
type Run = (this: Statement, ...args: unknown[]) => unknown;

const [moment, place = ''] = (process.env['DIE_AT'] ?? '').split(' ');
const trace = process.env['TRACE_COMMITS'];
const memory = new Database(':memory:');
const statements = Object.getPrototypeOf(memory.prepare('SELECT 1')) as Record<'run' | 'get' | 'all', Run>;
memory.close();

let commits = 0;
/** What the present transaction has written. */
let written = new Set<string>();

const plainRun = statements.run;
const execute = (db: Database.Database, sql: string): unknown => plainRun.call(db.prepare(sql) as Statement);

for (const name of ['run', 'get', 'all'] as const) {
  const original = statements[name];
  statements[name] = function (...args) {
    if (/^COMMIT$/i.test(this.source)) return commit(() => original.apply(this, args));
    if (this.readonly || /^(?:BEGIN|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|VACUUM)\b/i.test(this.source))
      return original.apply(this, args);
    if (this.database.inTransaction) return note(this, original.apply(this, args));
    // A statement of its own is a transaction of its own: taken apart, so that it can be stopped before its commit.
    execute(this.database, 'BEGIN IMMEDIATE');
    try {
      const result = note(this, original.apply(this, args));
      commit(() => execute(this.database, 'COMMIT'));
      return result;
    } finally {
      if (this.database.inTransaction) execute(this.database, 'ROLLBACK');
    }
  };
}

function note(statement: Statement, result: unknown): unknown {
  const table = /\b(?:INTO|UPDATE|FROM)\s+(\w+)/i.exec(statement.source)?.[1] ?? '?';
  // The pulse says that a loop is alive, at any time: no step of a mail's journey.
  if (table !== 'pulse' && changed(result)) written.add(table);
  return result;
}

function changed(result: unknown): boolean {
  if (typeof result === 'object' && result !== null && 'changes' in result) return result.changes !== 0;
  return Array.isArray(result) ? result.length > 0 : result !== undefined;
}

function commit(make: () => unknown): unknown {
  const what = [...written].join('+');
  written = new Set();
  if (what === '') return make();
  commits += 1;
  const here = place === String(commits) || what.split('+').includes(place);
  if (here && moment === 'before') die();
  const result = make();
  if (trace !== undefined) appendFileSync(trace, `${what}\n`);
  if (here && moment === 'after') die();
  return result;
}

if (moment === 'reading') {
  const threads = Worker.prototype as unknown as { postMessage: (this: Worker, ...args: unknown[]) => void };
  const plainPost = threads.postMessage;
  threads.postMessage = function (...args) {
    plainPost.apply(this, args);
    die();
  };
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
