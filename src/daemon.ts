import cron from 'node-cron';
import type { App } from './app.ts';
import type { Bell } from './bell.ts';
import { createBell } from './bell.ts';
import { DeskError } from './errors.ts';
import { collectDue } from './flow/collect-public.ts';
import { fireTimers } from './flow/fire-timers.ts';
import { takeIn } from './flow/intake.ts';
import { queueDigests } from './flow/queue-digests.ts';
import { readMails } from './flow/read-mails.ts';
import { recover, resolveDoubts } from './flow/recover.ts';
import { runNext } from './flow/run-outbox.ts';
import { reportTrouble } from './flow/report-trouble.ts';
import type { Mailbox } from './mail/mailbox.ts';
import type { Lane } from './store/outbox.ts';
import { nextOutboxAt } from './store/outbox.ts';
import { nextCollectionAt } from './store/public-sources.ts';
import { beat, missBeat } from './store/pulse.ts';
import { nextTimerAt } from './store/timers.ts';

/**
 * The daemon: dull loops over rows, until the signal aborts. Each loop takes one row, does it, settles it and goes on;
 * what it waits for is the bell or the next due instant. Nothing that matters is held in memory.
 *   intake   one a mailbox: fetch, commit, mirror; then wait for IDLE or the poll
 *   reading  judge what was filed, open or continue cases
 *   mail     letters, alerts, digests, copies: one at a time
 *   host     probes: several hosts at a time, never two on one
 *   public   public Tor data, each source when its time has come
 *   timers   what is due, digests, letters in doubt, the pulse for `health`
 */
export async function runDaemon(app: App, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const bell = createBell();
  recover(app);
  const schedule = wakeOnSchedule(app, bell);
  const watch = setInterval(watchOtherWriters(app, bell), 500);
  app.log.info('started', { mailboxes: app.mailboxes.length, nodes: app.config.nodes.length, mode: app.policy.mode });
  const lanes = Array.from({ length: app.config.limits.probe.concurrent }, () => outboxLoop(app, 'host', bell, both));
  const loops = [
    ...app.mailboxes.map((mailbox) => intakeLoop(app, mailbox, bell, both)),
    readingLoop(app, bell, both),
    outboxLoop(app, 'mail', bell, both),
    ...lanes,
    publicLoop(app, bell, both),
    timerLoop(app, bell, both),
  ];
  try {
    await Promise.all(loops);
  } catch (error) {
    app.log.fatal('loop-failed', { error });
    throw error;
  } finally {
    stop.abort();
    await Promise.allSettled(loops);
    clearInterval(watch);
    await schedule.stop();
    app.log.info('stopped');
  }
}

/** One full pass until nothing is due any more: for `once`, `replay` of a day, and tests. */
export async function drainOnce(app: App, signal: AbortSignal): Promise<void> {
  recover(app);
  const failures: unknown[] = [];
  await collectDue(app, signal);
  // One mailbox that is down does not keep back what the others brought; it is told at the end.
  for (const mailbox of app.mailboxes) await poll(app, mailbox, signal).catch((error: unknown) => failures.push(error));
  reportTrouble(app);
  for (let busy = true; busy && !signal.aborted;) {
    const read = await readMails(app, signal);
    const fired = fireTimers(app);
    const doubts = await resolveDoubts(app);
    queueDigests(app);
    let done = 0;
    while (await runNext(app, 'host', signal)) done += 1;
    while (await runNext(app, 'mail', signal)) done += 1;
    busy = read + fired + doubts + done > 0;
  }
  if (failures.length > 0) throw failures[0];
}

/** One poll of one mailbox, with the pulse that timers and `health` rely on. */
async function poll(app: App, mailbox: Mailbox, signal: AbortSignal): Promise<number> {
  const part = `mailbox:${mailbox.name}`;
  const began = app.now();
  try {
    const count = await takeIn(app, mailbox, signal);
    if (!signal.aborted) beat(app.db, part, began);
    return count;
  } catch (error) {
    const code = error instanceof DeskError ? error.code : 'mailbox-failed';
    missBeat(app.db, part, app.now(), code);
    throw error;
  }
}

const firstBackoffMs = 1000;
const maxBackoffMs = 300_000;

async function intakeLoop(app: App, mailbox: Mailbox, bell: Bell, signal: AbortSignal): Promise<void> {
  const pollEveryMs = app.config.mailboxes.find((m) => m.name === mailbox.name)?.pollEveryMs ?? 60_000;
  let backoffMs = 0;
  while (!signal.aborted) {
    try {
      if ((await poll(app, mailbox, signal)) > 0) bell.ring();
      if (backoffMs > 0) app.log.info('mailbox-back', { mailbox: mailbox.name });
      backoffMs = 0;
      await mailbox.waitForChange(pollEveryMs, signal);
    } catch (error) {
      if (!(error instanceof DeskError)) throw error;
      // A refused password is tried seldom: servers lock accounts.
      const next = error.code === 'mailbox-auth' ? maxBackoffMs : Math.max(firstBackoffMs, backoffMs * 2);
      backoffMs = Math.min(maxBackoffMs, next);
      app.log.warn('mailbox-failed', { mailbox: mailbox.name, code: error.code, message: error.message, backoffMs });
      await bellLess(backoffMs * (1 + app.random() / 4), signal);
    }
  }
  await mailbox.close();
}

/** Waits without listening to the bell: a failing server is left alone for that long. */
function bellLess(ms: number, signal: AbortSignal): Promise<void> {
  return createBell().wait(0, ms, signal);
}

async function readingLoop(app: App, bell: Bell, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const ticket = bell.ticket();
    if ((await readMails(app, signal)) > 0) bell.ring();
    else await bell.wait(ticket, 60_000, signal);
  }
}

async function outboxLoop(app: App, lane: Lane, bell: Bell, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const ticket = bell.ticket();
    if (await runNext(app, lane, signal)) bell.ring();
    else await bell.wait(ticket, untilDue(app, nextOutboxAt(app.db, lane)), signal);
  }
}

/** What it brings waits for no other loop: the bell need not ring. */
async function publicLoop(app: App, bell: Bell, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const ticket = bell.ticket();
    if ((await collectDue(app, signal)) === 0) await bell.wait(ticket, untilDue(app, nextCollectionAt(app.db)), signal);
  }
}

const beatEveryMs = 10_000;

async function timerLoop(app: App, bell: Bell, signal: AbortSignal): Promise<void> {
  let beatAt = -Infinity;
  while (!signal.aborted) {
    const ticket = bell.ticket();
    const now = app.now();
    if (now - beatAt >= beatEveryMs || now < beatAt) {
      beat(app.db, 'daemon', now);
      beatAt = now;
    }
    queueDigests(app);
    reportTrouble(app);
    const done = fireTimers(app) + (await resolveDoubts(app));
    if (done > 0) bell.ring();
    else await bell.wait(ticket, Math.min(beatEveryMs, untilDue(app, nextTimerAt(app.db))), signal);
  }
}

/** How long until the next row is due; at most a minute, so that a clock that was set does not strand a loop. */
function untilDue(app: App, at: number | null): number {
  // A row that is overdue and was not taken waits for something else (a mailbox to be read): look again in a moment.
  return at === null ? 60_000 : Math.min(60_000, Math.max(250, at - app.now()));
}

/** A handler's command is another process: its commits change data_version, and the loops look again at once. */
function watchOtherWriters(app: App, bell: Bell): () => void {
  let seen: unknown = app.db.pragma('data_version', { simple: true });
  return () => {
    const version: unknown = app.db.pragma('data_version', { simple: true });
    if (version !== seen) bell.ring();
    seen = version;
  };
}

/** node-cron only wakes the loops, at every full minute; what is due stands in the rows, so a missed wake loses nothing. */
function wakeOnSchedule(app: App, bell: Bell): { readonly stop: () => Promise<void> } {
  const task = cron.schedule('* * * * *', () => bell.ring(), {
    timezone: app.config.digest.timeZone,
    missedExecutionTolerance: 60_000,
  });
  task.on('execution:missed', () => {
    app.log.warn('cron-missed');
    bell.ring();
  });
  return { stop: async () => task.destroy() };
}
