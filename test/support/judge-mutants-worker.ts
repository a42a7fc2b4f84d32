import { parentPort, workerData } from 'node:worker_threads';
import { judgeRaw } from './judging.ts';
import type { FromMutants, MutantTask } from './judge-mutants.ts';
import { mailsIn, mutant } from './mutants.ts';

/** Judges one mutant after the other; says what went wrong, and at last what it saw. */
const { folders, seed, from, count, progress } = workerData as MutantTask;
const at = new Int32Array(progress);
const mails = mailsIn(folders);
const post = (message: FromMutants): void => parentPort?.postMessage(message);

/** CPU time of one judgement; a whole process is counted, the compiler's and collector's threads too. */
async function msOf(raw: Buffer): Promise<{ ms: number; problem: string | null }> {
  const began = process.cpuUsage();
  const { problem } = await judgeRaw(raw);
  const { user, system } = process.cpuUsage(began);
  return { ms: (user + system) / 1000, problem };
}

/** 300 ms, and a millisecond for each KB: ten times what is usual. */
function ceilingMs(bytes: number): number {
  return 300 + bytes / 1024;
}

/** Null where all is well. A time over the ceiling counts only if it is so three times: other work may have disturbed one. */
async function troubleWith(raw: Buffer): Promise<{ ms: number; trouble: string | null; problem: string | null }> {
  try {
    let { ms, problem } = await msOf(raw);
    for (let again = 0; again < 2 && ms > ceilingMs(raw.length); again++) ms = Math.min(ms, (await msOf(raw)).ms);
    if (ms > ceilingMs(raw.length)) return { ms, problem, trouble: `${Math.round(ms)} ms for ${raw.length} bytes` };
    return { ms, problem, trouble: problem?.startsWith('reading failed') ? problem : null };
  } catch (error) {
    return { ms: 0, problem: null, trouble: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

await msOf(Buffer.from('Subject: the first loads the data\r\n\r\nx'));
let slowest = { index: from, ms: 0, bytes: 0 };
let bytes = 0;
let unreadable = 0;
const began = process.cpuUsage().user;
for (let index = from; index < from + count; index++) {
  Atomics.store(at, 0, index);
  const raw = mutant(mails, seed, index);
  const { ms, trouble, problem } = await troubleWith(raw);
  if (trouble !== null) post({ type: 'trouble', index, what: trouble });
  if (ms > slowest.ms) slowest = { index, ms: Math.round(ms), bytes: raw.length };
  bytes += raw.length;
  if (problem !== null) unreadable++;
}
const seconds = Math.round((process.cpuUsage().user - began) / 1e6);
post({ type: 'done', report: { mails: mails.length, judged: count, bytes, unreadable, slowest, seconds } });
