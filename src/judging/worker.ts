import { parentPort, workerData } from 'node:worker_threads';
import { detectLanguage } from './detect-language.ts';
import { loadJudgementData } from './load-judgement-data.ts';
import type { JudgingContext } from '../core/judge/judging-context.ts';
import { DeskError, type ErrorCode } from '../errors.ts';
import type { ReadingResult } from './judge-bytes.ts';
import { judgeBytes, unreadable } from './judge-bytes.ts';
import type { ReadMailOptions } from './read-mail.ts';

/**
 * The worker thread in which mail is read: hostile bytes meet parser, charsets and phrases here, and the parent kills the
 * whole thread when a mail takes too long or too much memory.
 */
export type Task = { readonly id: number; readonly raw: Uint8Array; readonly truncated: boolean };
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'faulty'; readonly code: ErrorCode; readonly message: string }
  | { readonly type: 'answer'; readonly id: number; readonly result: ReadingResult };

const options = workerData as ReadMailOptions;
const post = (message: FromWorker): void => parentPort?.postMessage(message);

/** Faulty data of an operator is told as what it is: an error of the class and code does not survive the way between threads. */
function loadContext(): JudgingContext | null {
  try {
    return {
      inventory: options.inventory,
      data: loadJudgementData(options.judgementFolder),
      detectLanguage,
      letterLanguages: options.letterLanguages,
      handling: options.handling,
    };
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
    post({ type: 'faulty', code: error.code, message: error.message });
    return null;
  }
}

const context = loadContext();
if (context !== null) {
  parentPort?.on('message', (task: Task) => {
    void judgeBytes(Buffer.from(task.raw), { truncated: task.truncated }, context, options.limits)
      // A bug of ours must not make the desk stumble over the same mail for ever: it is kept, and a person looks.
      .catch((error: unknown) =>
        unreadable(`judging failed (${error instanceof Error ? error.name : 'unknown'}): a bug, please report it`),
      )
      .then((result) => post({ type: 'answer', id: task.id, result }));
  });
  post({ type: 'ready' });
}
