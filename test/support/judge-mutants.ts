import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

export type MutantTask = {
  readonly folders: readonly string[];
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  /** Holds the index of the mutant that is being judged. */
  readonly progress: SharedArrayBuffer;
};

export type MutantReport = {
  readonly mails: number;
  readonly judged: number;
  readonly bytes: number;
  readonly unreadable: number;
  readonly slowest: { readonly index: number; readonly ms: number; readonly bytes: number };
  readonly seconds: number;
};

export type Trouble = { readonly index: number; readonly what: string };
export type FromMutants =
  { readonly type: 'trouble'; readonly index: number; readonly what: string } | { readonly type: 'done'; readonly report: MutantReport }; // prettier-ignore

const root = join(import.meta.dirname, '..', '..');
const corpus = process.env['EXITDESK_CORPUS'] ?? join(root, '..', 'shared', 'corpus');

/** Collected mails where there are any (EXITDESK_CORPUS, else ../shared/corpus), and the project's own. */
const folders = [join(corpus, 'collected'), join(root, 'test', 'corpus'), join(root, 'config', 'demo')];

/** A mutant that takes longer hangs. */
const hangsAfterMs = 60_000;

/**
 * Judges `count` mutants of real mails in a thread of its own, by the very function that the desk's worker runs. `troubles`
 * are throws, times over the ceiling, and a mutant that hangs. `EXITDESK_MUTANTS=SEED:INDEX` repeats a single one.
 */
export async function judgeMutants(
  seed: number,
  count: number,
): Promise<{ readonly troubles: readonly Trouble[]; readonly report: MutantReport | null }> {
  const [oneSeed, oneIndex] = (process.env['EXITDESK_MUTANTS'] ?? '').split(':');
  const progress = new SharedArrayBuffer(4);
  const task: MutantTask = {
    folders,
    seed: oneSeed ? Number(oneSeed) : seed,
    from: oneIndex ? Number(oneIndex) : 0,
    count: oneIndex ? 1 : count,
    progress,
  };
  process.stderr.write(
    `mutants: EXITDESK_MUTANTS=${task.seed} repeats them, EXITDESK_MUTANTS=${task.seed}:INDEX one of them\n`,
  );
  const troubles: Trouble[] = [];
  const report = await run(task, troubles);
  if (report !== null) process.stderr.write(`mutants: ${JSON.stringify(report)}\n`);
  return { troubles, report };
}

function run(task: MutantTask, troubles: Trouble[]): Promise<MutantReport | null> {
  const worker = new Worker(new URL('./judge-mutants-worker.ts', import.meta.url), { workerData: task, execArgv: [] });
  return new Promise((resolve) => {
    const end = (report: MutantReport | null): void => {
      clearInterval(watch);
      void worker.terminate();
      resolve(report);
    };
    let last = { index: -1, since: Date.now() };
    const watch = setInterval(() => {
      const index = Atomics.load(new Int32Array(task.progress), 0);
      if (index !== last.index) last = { index, since: Date.now() };
      if (Date.now() - last.since < hangsAfterMs) return;
      troubles.push({ index, what: 'hangs' });
      end(null);
    }, 1000);
    worker.on('error', (error) => {
      troubles.push({ index: last.index, what: error instanceof Error ? (error.stack ?? error.message) : 'dies' });
      end(null);
    });
    worker.on('message', (message: FromMutants) => {
      if (message.type === 'done') end(message.report);
      else {
        // Told at once: the rest may take an hour.
        process.stderr.write(`mutant ${message.index}: ${message.what}\n`);
        troubles.push({ index: message.index, what: message.what });
      }
    });
  });
}
