import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isIntact, openDatabase } from '../../src/store/open.ts';
import { scratchFolder } from '../support/servers.ts';
import { startWeb, type Web } from '../support/web.ts';

// Each test starts the whole program two or three times.
vi.setConfig({ testTimeout: 120_000 });

const program = fileURLToPath(new URL('../../src/exitdesk.mjs', import.meta.url));
const killer = fileURLToPath(new URL('../support/die-at-commit.ts', import.meta.url));
const list = Array.from({ length: 300 }, (_, i) => `198.18.${Math.floor(i / 250)}.${i % 250}\n`).join('');

let web: Web;
beforeAll(async () => {
  web = await startWeb();
});
afterAll(() => web.stop());

/** The process under test. */
let running: ChildProcess;

/** A desk with nothing to do but collecting, by its real commands in processes of their own. */
function aDesk() {
  const scratch = scratchFolder('tor-killed');
  for (const part of ['inbox', 'letters']) mkdirSync(join(scratch.path, part));
  const config = join(scratch.path, 'desk.yaml');
  const database = join(scratch.path, 'data', 'exitdesk.sqlite');
  writeFileSync(
    config,
    JSON.stringify({
      desk: { name: 'Abuse desk', organisation: 'Exits Example', addresses: ['abuse@exits.example'] },
      mailboxes: [{ name: 'abuse', maildir: { path: 'inbox' } }],
      sending: { folder: { path: 'letters' } },
      nodes: [{ name: 'helium', addresses: ['198.51.100.10'], check: { transport: 'none' } }],
      handlers: [{ name: 'ada', address: 'ada@exits.example' }],
      letters: { facts: { organisationDescription: 'a small association', noLogs: true, blocksOnRequest: true, smtpPortClosed: true } }, // prettier-ignore
      tor: { sources: [{ name: 'bulk', form: 'address-list', url: `${web.url}/list` }] },
      digest: { daily: false, weekly: false },
    }),
  );
  const look = <T>(sql: string): T[] => {
    const db = openDatabase(database, 0);
    try {
      expect(isIntact(db)).toBe(true);
      return db.prepare(sql).all() as T[];
    } finally {
      db.close();
    }
  };
  return {
    trace: join(scratch.path, 'trace'),
    /** `exitdesk once`; resolves with exit code or signal. */
    once: async (env: NodeJS.ProcessEnv = {}): Promise<number | NodeJS.Signals | null> => {
      // What keeps a server in peace after an attempt that died is not what is tested here.
      look('UPDATE public_sources SET next_at = 0 RETURNING id');
      const child = spawn(process.execPath, ['--import', killer, program, 'once', '--config', config], { env: { ...process.env, ...env, EXITDESK_LOG_LEVEL: 'silent' }, stdio: 'ignore' }); // prettier-ignore
      running = child;
      const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      return signal ?? code;
    },
    kept: () => ({
      spans: look<{ n: number }>('SELECT count(*) AS n FROM public_spans WHERE last_at IS NULL')[0]!.n,
      collections: look<{ outcome: string }>('SELECT outcome FROM public_collections ORDER BY id').map((c) => c.outcome), // prettier-ignore
      etag: look<{ etag: string | null }>('SELECT etag FROM public_sources')[0]!.etag,
    }),
    remove: scratch.remove,
  };
}

describe('a collection whose process is killed', () => {
  const whole = { spans: 300, collections: ['taken'], etag: '"one"' };
  const answers = (): void => void (web.answer = (_, response) => response.writeHead(200, { ETag: '"one"' }).end(list));

  it('while the server answers has left nothing behind, and is made up for', async () => {
    const desk = aDesk();
    web.answer = (_, response) => {
      response.write(list.slice(0, 1000));
      running.kill('SIGKILL');
    };
    expect(await desk.once()).toBe('SIGKILL');
    expect(desk.kept()).toEqual({ spans: 0, collections: [], etag: null });
    answers();
    expect(await desk.once()).toBe(0);
    expect(desk.kept()).toEqual(whole);
    desk.remove();
  });

  it.each<[string, object]>([
    ['before public_spans', { spans: 0, collections: [], etag: null }],
    ['after public_spans', whole],
  ])('%s was committed has left all of it or nothing', async (moment, left) => {
    const desk = aDesk();
    answers();
    expect(await desk.once({ DIE_AT: moment })).toBe('SIGKILL');
    expect(desk.kept()).toEqual(left);
    expect(await desk.once()).toBe(0);
    const { collections, ...rest } = desk.kept();
    expect(rest).toEqual({ spans: 300, etag: '"one"' });
    expect(collections).toEqual(moment.startsWith('after') ? ['taken', 'unchanged'] : ['taken']);
    desk.remove();
  });
});
