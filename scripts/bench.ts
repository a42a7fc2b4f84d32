import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildApp } from '../src/build-app.ts';
import { loadConfig } from '../src/config.ts';
import { drainOnce } from '../src/daemon.ts';
import { createLog } from '../src/log.ts';
import { table } from '../src/cli/table.ts';
import { measureJudging } from './bench-judging.ts';
import { measureNodes } from './bench-nodes.ts';
import { measurePublicTor } from './bench-public-tor.ts';

/**
 * `npm run bench [MAILS]`: how fast the desk reads and answers, how soon the daemon stands, and what it holds in memory, on the
 * samples of the demo. Letters go into a temporary folder. Numbers of one machine, to compare with the same machine.
 */
const root = join(import.meta.dirname, '..');
const mails = join(root, 'config', 'demo', 'mails');
const count = Number(process.argv[2] ?? 500);
const base = mkdtempSync(join(tmpdir(), 'exitdesk-bench-'));

try {
  const rows = [
    ...(await measureJudging(root)),
    ...(await measureReading()),
    ...(await measurePass()),
    ...(await measureDaemon()),
    ...(await measureNodes(base)),
    ...measurePublicTor(base),
  ];
  console.log(table(['WHAT', 'VALUE', ''], rows));
} finally {
  rmSync(base, { recursive: true, force: true });
}

/** A desk of its own: the demo's, whose exit is not looked at, so that only mail is measured; ceilings out of the way. */
function prepareDesk(name: string, inbox: readonly (readonly [string, string])[]): string {
  const folder = join(base, name);
  for (const part of ['inbox', 'sent']) mkdirSync(join(folder, part), { recursive: true });
  const config = readFileSync(join(root, 'config', 'demo.yaml'), 'utf8')
    .replace(/ +transport: local[\s\S]*?emptyIsFine: .*\n/, '      transport: none\n')
    .replace('  mode: auto\n', '  mode: auto\n  budgets: { domainPerDay: 1000000, perHour: 1000000, personAddressPerDay: 1000000 }\n'); // prettier-ignore
  writeFileSync(join(folder, 'desk.yaml'), config);
  for (const [file, text] of inbox) writeFileSync(join(folder, 'inbox', file), text);
  return join(folder, 'desk.yaml');
}

/** Reading and judging in the worker thread, one mail at a time, as the daemon does. */
async function measureReading(): Promise<string[][]> {
  const app = buildApp(loadConfig(prepareDesk('reading', []), {}), { log: createLog('silent'), clock: Date.now });
  const samples = readdirSync(mails).map((name) => readFileSync(join(mails, name)));
  const times: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    for (const raw of samples) {
      const began = performance.now();
      await app.readMail(raw, { truncated: false, size: raw.length });
      if (round > 1) times.push(performance.now() - began);
    }
  }
  await app.close();
  times.sort((a, b) => a - b);
  const at = (part: number): string => `${(times[Math.floor(times.length * part)] ?? 0).toFixed(1)} ms`;
  return [
    ['reading and judging a mail, half of them under', at(0.5), `${times.length} readings`],
    ['… 99 of 100 under', at(0.99), ''],
  ];
}

/** A whole pass over complaints about an exit that was given back: intake, case, letter into the folder, every commit on disk. */
async function measurePass(): Promise<string[][]> {
  const sample = readFileSync(join(mails, '09-given-back.eml'), 'utf8');
  const inbox = Array.from({ length: count }, (_, i) => [`${i}.eml`, sample.replace('<late-report-2@', `<late-report-2-${i}@`)] as const); // prettier-ignore
  const app = buildApp(loadConfig(prepareDesk('pass', inbox), {}), { log: createLog('silent'), clock: Date.now });
  const began = performance.now();
  await drainOnce(app, new AbortController().signal);
  const seconds = (performance.now() - began) / 1000;
  await app.close();
  const letters = readdirSync(join(base, 'pass', 'letters', 'new')).length;
  return [['complaints taken in and answered', `${(count / seconds).toFixed(0)} a second`, `${count} mails, ${letters} letters`]]; // prettier-ignore
}

/** The daemon as a process of its own, over the database that the pass left behind. */
async function measureDaemon(): Promise<string[][]> {
  const config = join(base, 'pass', 'desk.yaml');
  copyFileSync(join(mails, '11-child-protection.eml'), join(base, 'pass', 'inbox', 'last.eml'));
  const began = performance.now();
  const daemon = spawn(process.execPath, ['src/exitdesk.mjs', 'run', '--config', config], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let startedMs = 0;
  for await (const line of createInterface({ input: daemon.stderr })) {
    const { msg } = JSON.parse(line) as { msg: string };
    if (msg === 'started') startedMs = performance.now() - began;
    // The one new mail is read: the worker thread stands, and nothing is left to do.
    if (msg === 'mail-read') break;
  }
  const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8');
  const rss = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
  const ending = performance.now();
  daemon.kill('SIGTERM');
  await once(daemon, 'exit');
  return [
    ['start of the daemon until its loops run', `${startedMs.toFixed(0)} ms`, `database with ${count} cases`],
    ['memory of the daemon, language models loaded', `${rss.toFixed(0)} MB`, 'resident'],
    ['end of the daemon after SIGTERM', `${(performance.now() - ending).toFixed(0)} ms`, ''],
  ];
}
