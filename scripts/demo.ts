import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { DateTime } from 'luxon';
import { buildApp, type BuiltApp } from '../src/build-app.ts';
import { loadConfig } from '../src/config.ts';
import type { Case } from '../src/core/case.ts';
import type { HostCheck } from '../src/core/hosts/check.ts';
import { drainOnce } from '../src/daemon.ts';
import { takeLock } from '../src/lock.ts';
import { createLog } from '../src/log.ts';
import { nameForMessageId } from '../src/mail/maildir-files.ts';
import { caseById } from '../src/store/cases.ts';
import { latestCheck } from '../src/store/checks.ts';
import { lettersOfCase } from '../src/store/letters.ts';
import { latestMails, type MailRow } from '../src/store/mails.ts';
import { printable } from '../src/cli/table.ts';
import { meaningOf, stepOf, titleOf, writerOf } from './demo-story.ts';
import { wrappedTable } from './wrapped-table.ts';

/**
 * `npm run demo [FOLDER]`: the daemon's full pass on the sample complaints of config/demo, and two more one and two weeks
 * later. Everything is real but the clock and the way out: letters go into a folder, nothing leaves the machine, and the
 * exit that is looked at is this machine.
 */
const samples = join(import.meta.dirname, '..', 'config');
const folder = resolve(process.argv[2] ?? 'demo-run');
const configFile = join(folder, 'demo.yaml');
const thisMachine = 'this-machine';

/** The samples were written on the days before; a week is 7 x 24 hours. */
const firstDay = Date.parse('2026-10-05T09:00:00Z');
const weekMs = 7 * 86_400_000;
const passes = [firstDay, firstDay + weekMs, firstDay + 2 * weekMs] as const;

process.umask(0o077);
// Piped into `head`, the rest of the story is not wanted.
process.stdout.on('error', () => process.exit());
await main();

async function main(): Promise<void> {
  prepareFolder();
  let clock: number = firstDay;
  const app = buildApp(loadConfig(configFile, process.env), { log: createLog('warn'), clock: () => clock });
  const unlock = takeLock(app.config.storage.path);
  try {
    tellBeginning(app);
    const steps = new Map<number, string[]>();
    let before = new Map<number, Case>();
    for (const at of passes) {
      clock = at;
      if (at === passes[1]) deliverAnswers(app);
      await drainOnce(app, new AbortController().signal);
      before = noteSteps(app, at, steps, before);
    }
    tellMachine(app);
    tellTable(app, steps);
    tellWhereToLook(app);
  } finally {
    unlock();
    await app.close();
  }
}

/** A fresh folder each time; one that is not the demo's is left alone. */
function prepareFolder(): void {
  if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(configFile)) {
    throw new Error(`${folder} is not a folder of the demo: name another one (npm run demo -- FOLDER)`);
  }
  rmSync(folder, { recursive: true, force: true });
  for (const name of ['inbox', 'sent']) mkdirSync(join(folder, name), { recursive: true });
  copyFileSync(join(samples, 'demo.yaml'), configFile);
  for (const name of emlFiles('mails')) deliver('mails', name);
}

function emlFiles(kind: 'mails' | 'answers'): readonly string[] {
  return readdirSync(join(samples, 'demo', kind)).filter((name) => name.endsWith('.eml')).toSorted(); // prettier-ignore
}

/** The file's time is the mail's time of arrival: the mails come in the order of their names. */
function deliver(kind: 'mails' | 'answers', name: string): void {
  const target = join(folder, 'inbox', name);
  copyFileSync(join(samples, 'demo', kind, name), target);
  const date = DateTime.fromRFC2822(/^Date: (.+)$/m.exec(readFileSync(target, 'utf8'))?.[1] ?? '');
  if (!date.isValid) throw new Error(`${name} has no Date`);
  utimesSync(target, date.toSeconds(), date.toSeconds());
}

/** What came during the first week. Nobody answers a letter that did not leave. */
function deliverAnswers(app: BuiltApp): void {
  for (const name of emlFiles('answers')) {
    const id = Number(name.slice(0, 2)) as Case['id'];
    if (lettersOfCase(app.db, id).some((letter) => letter.status === 'accepted')) deliver('answers', name);
  }
}

function complaints(app: BuiltApp): readonly MailRow[] {
  return latestMails(app.db, { toPerson: false, limit: 1000 })
    .filter((mail) => mail.stage !== 'linked' && mail.stage !== 'own-copy')
    .toReversed();
}

function noteSteps(
  app: BuiltApp,
  at: number,
  steps: Map<number, string[]>,
  before: ReadonlyMap<number, Case>,
): Map<number, Case> {
  const after = new Map<number, Case>();
  for (const mail of complaints(app)) {
    const kase = mail.caseId === null ? null : caseById(app.db, mail.caseId);
    const step =
      kase === null
        ? at === firstDay ? 'filed and listed; nobody is answered' : ''
        : stepOf(app, kase.id, at, before.get(mail.id) ?? null); // prettier-ignore
    steps.set(mail.id, [...(steps.get(mail.id) ?? []), step]);
    if (kase !== null) after.set(mail.id, kase);
  }
  return after;
}

function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

function tellBeginning(app: BuiltApp): void {
  const { organisation } = app.config.desk;
  say(
    `exitdesk plays the abuse desk of “${organisation}”, which runs Tor exits. ${emlFiles('mails').length} mails lie in its mailbox.`,
  );
  say('For each one it finds out what it is, who wrote it and which exit it is about, looks whether that machine was'); // prettier-ignore
  say('broken into, and answers, or calls a person. Then the demo turns the clock forward: one week, two weeks.');
  say('Letters go into a folder. Nothing leaves this machine.');
  say();
}

/** The look at this machine is real: its verdict is told as it is. */
function tellMachine(app: BuiltApp): void {
  const check = latestCheck(app.db, thisMachine);
  if (check === null) return;
  const named = (status: string): string =>
    check.parts.filter((part) => part.status === status).map((part) => part.part).join(', ') || 'nothing'; // prettier-ignore
  say(`The exit of the demo is this machine, and it was really looked at (${check.tookMs} ms): ${check.verdict}.`);
  say(`  looked at: ${named('done')}; found empty: ${named('empty')}; not there or not allowed: ${notDone(check)}`);
  for (const because of check.because) say(`  ${printable(because)}`);
  if (check.verdict === 'suspicious') {
    for (const finding of check.findings.filter((f) => f.severity === 'suspicious').slice(0, 5)) say(`    ${printable(finding.line)}`); // prettier-ignore
    say(
      '  So this run shows the other half of the desk: no letter leaves for a machine that looks suspicious. A handler is',
    );
    say('  alerted, and the letters wait until somebody has looked and lifts the suspicion. To play that, and the two weeks:'); // prettier-ignore
    say(`    ${command(`probe ${thisMachine} --clear --by ada --note "what it was"`)}`);
    for (const days of [0, 7, 14]) say(`    ${command(`once${days === 0 ? '' : ` --now ${dayFromToday(days)}`}`)}`);
  }
  if (check.verdict === 'could-not-check') {
    say('  No letter leaves for a machine that could not be checked: the desk tries again, for a day, then a person decides.'); // prettier-ignore
  }
  const notices = check.findings.filter((finding) => finding.severity === 'notice').length;
  if (check.verdict === 'clean' && notices > 0) {
    const worth = notices === 1 ? 'one line is worth a glance and' : `${notices} lines are worth a glance and`;
    say(`  ${worth} no sign of a break-in:  ${command(`probe ${thisMachine}`)}`);
  }
  say();
}

/** Commands of handlers happen now, by the real clock: what follows is counted from today. */
function dayFromToday(days: number): string {
  return DateTime.utc().plus({ days, hours: 1 }).startOf('hour').toISO({ suppressMilliseconds: true });
}

function notDone(check: HostCheck): string {
  const parts = check.parts.filter((part) => part.status !== 'done' && part.status !== 'empty');
  return parts.map((part) => part.part).join(', ') || 'nothing';
}

function tellTable(app: BuiltApp, steps: ReadonlyMap<number, readonly string[]>): void {
  const head = ['COMPLAINT', 'WHAT IT IS', 'FROM', 'AT ONCE', 'AFTER 1 WEEK', 'AFTER 2 WEEKS'];
  const rows = complaints(app).map((mail) => {
    const kase = mail.caseId === null ? null : caseById(app.db, mail.caseId);
    return [titleOf(app, mail), meaningOf(mail, kase), writerOf(kase), ...(steps.get(mail.id) ?? [])];
  });
  say(wrappedTable(head, rows, [24, 18, 8, 26, 23, 15]));
  say();
}

function tellWhereToLook(app: BuiltApp): void {
  const here = relative(process.cwd(), folder) || '.';
  const letters = readdirSync(join(folder, 'letters', 'new')).length;
  const threat = lettersOfCase(app.db, 3 as Case['id'])[0]?.messageId ?? null;
  say('Where to look');
  say(`  ${here}/letters/new   ${letters} mails that the desk wrote: letters, alerts and digests for its handlers`);
  if (threat !== null) say(`  the letter for EX-3:  cat ${here}/letters/new/${nameForMessageId(threat)}`);
  say(`  ${here}/inbox         the complaints as they came (from config/demo)`);
  say(`  ${here}/demo.yaml     the configuration: change it, then run the demo's commands again`);
  say();
  say('Commands to try');
  for (const [what, why] of [
    ['cases', 'all cases'],
    ['case 3', 'one case: why it was judged so, the look at the machine, its letters, its journal'],
    ['approve 8 --by ada', 'let the drafted letter of case 8 go: the next pass sends it'],
    ['once', 'one more pass, now; with --now TIME, at another instant'],
    ['digest --day 2026-10-19 --print', "a handler's morning mail"],
  ] as const) {
    say(`  ${command(what)}`);
    say(`      ${why}`);
  }
}

function command(text: string): string {
  return `npm run -s exitdesk -- ${text} --config ${relative(process.cwd(), configFile)}`;
}
