import { Worker } from 'node:worker_threads';
import type { Inventory } from '../core/exits.ts';
import { DeskError } from '../errors.ts';
import type { Category, Handling } from '../core/judgement.ts';
import type { ParseLimits } from '../mail/parse-limits.ts';
import type { ReadingResult } from './judge-bytes.ts';
import { unreadable } from './judge-bytes.ts';
import type { FromWorker, Task } from './worker.ts';

export type ReadMailOptions = {
  readonly inventory: Inventory;
  /** The operator's own judgement data over ours; null for ours alone. */
  readonly judgementFolder: string | null;
  readonly letterLanguages: readonly string[];
  readonly handling: Partial<Record<Category, Handling>>;
  readonly limits: ParseLimits;
  /** How long one mail may take before the worker is killed. */
  readonly deadlineMs: number;
};

export type MailReader = {
  /** One mail at a time; a mail that takes longer than the deadline is `unreadable`, and so is one that kills the worker. */
  readonly read: (raw: Buffer, meta: { readonly truncated: boolean }) => Promise<ReadingResult>;
  /** Starts the worker before the first mail. Throws DeskError judgement-data-invalid where the data does not load. */
  readonly prepare: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Reads mail in a worker thread with a memory limit, killed at the deadline and started anew for the next mail. */
export function createMailReader(options: ReadMailOptions): MailReader {
  let worker: MailWorker | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const stop = async (): Promise<void> => {
    const old = worker;
    worker = null;
    await old?.stop();
  };
  const start = async (): Promise<void> => {
    worker ??= await startWorker(options);
  };
  const readNow = async (raw: Buffer, truncated: boolean): Promise<ReadingResult> => {
    worker ??= await startWorker(options);
    const outcome = await worker.ask({ raw, truncated }, options.deadlineMs);
    if (outcome.alive) return outcome.result;
    await stop();
    return unreadable(outcome.why);
  };
  return {
    read: (raw, { truncated }) => {
      const mine = last.then(() => readNow(raw, truncated));
      last = mine.catch(() => undefined);
      return mine;
    },
    prepare: () => {
      const mine = last.then(start);
      last = mine.catch(() => undefined);
      return mine;
    },
    close: async () => {
      await last;
      await stop();
    },
  };
}

type Outcome =
  { readonly alive: true; readonly result: ReadingResult } | { readonly alive: false; readonly why: string };

type MailWorker = {
  readonly ask: (task: Omit<Task, 'id'>, deadlineMs: number) => Promise<Outcome>;
  readonly stop: () => Promise<unknown>;
};

/** Resolves when the worker has loaded its data: a mail's deadline does not pay for that. Rejects where it cannot load. */
function startWorker(options: ReadMailOptions): Promise<MailWorker> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: options,
    resourceLimits: { maxOldGenerationSizeMb: 1024, stackSizeMb: 8 },
    // The parent's own flags (a test runner's loaders) are not the worker's.
    execArgv: [],
  });
  let onMessage: (message: FromWorker) => void = () => undefined;
  let onDeath: (error: Error & { code?: string }) => void = () => undefined;
  worker.on('message', (message: FromWorker) => onMessage(message));
  worker.on('error', (error: Error & { code?: string }) => onDeath(error));
  let nextId = 1;
  const ask: MailWorker['ask'] = (task, deadlineMs) =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      const settle = (outcome: Outcome): void => {
        clearTimeout(timer);
        worker.unref();
        resolve(outcome);
      };
      const timer = setTimeout(
        () => settle({ alive: false, why: `reading took longer than ${deadlineMs} ms` }),
        deadlineMs,
      );
      onMessage = (message) => {
        if (message.type === 'answer' && message.id === id) settle({ alive: true, result: message.result });
      };
      onDeath = (error) => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') settle({ alive: false, why: 'reading took too much memory' });
        else reject(error);
      };
      worker.ref();
      worker.postMessage({ id, ...task } satisfies Task);
    });
  return new Promise((resolve, reject) => {
    onDeath = reject;
    onMessage = (message) => {
      if (message.type === 'faulty') reject(new DeskError(message.code, message.message));
      if (message.type !== 'ready') return;
      worker.unref();
      resolve({ ask, stop: () => worker.terminate() });
    };
  });
}
