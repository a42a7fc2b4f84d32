import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import type { BuiltApp } from './build-app.ts';
import { buildApp } from './build-app.ts';
import { runBackup } from './cli/backup.ts';
import { runCase, runCases } from './cli/cases.ts';
import { runDigest } from './cli/digest.ts';
import { runDoctor } from './cli/doctor.ts';
import { exitCodeOf } from './cli/exit-code.ts';
import type { HandlerCommand, HandlerOptions } from './cli/handle.ts';
import { runHandle } from './cli/handle.ts';
import { runHealth } from './cli/health.ts';
import { runMail, runMails } from './cli/mails.ts';
import { clockOf, runOnce } from './cli/once.ts';
import { runNodes, runNodesAt } from './cli/nodes.ts';
import type { ImportOptions } from './cli/import-nodes.ts';
import { runImport } from './cli/import-nodes.ts';
import type { ExitCode } from './cli/output.ts';
import { standardOutput as out } from './cli/output.ts';
import type { ProbeOptions } from './cli/probe.ts';
import { runProbe } from './cli/probe.ts';
import { runRun } from './cli/run.ts';
import { type FetchNowOptions, runTor, runTorFetch } from './cli/tor.ts';
import { configSchema, loadConfig } from './config.ts';
import { DeskError } from './errors.ts';
import { createLog } from './log.ts';

/** argv to command: the composition root. What a command gives becomes the exit code; what it throws is told in one line. */

type Globals = { readonly config?: string };

process.umask(0o077);
const log = createLog(process.env['EXITDESK_LOG_LEVEL'] ?? 'info');
// An error that nobody awaited is a bug: say so and stop, the supervisor starts us again.
process.on('unhandledRejection', (error) => {
  log.fatal('crashed', { error });
  process.exit(1);
});

// A reader that has seen enough (`exitdesk cases | head`) is no error; whatever the command did is committed.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? undefined : 1));

/** Builds the desk for one command and takes it apart again. */
async function withApp(
  globals: Globals,
  work: (app: BuiltApp) => Promise<ExitCode> | ExitCode,
  { now, quiet = true }: { readonly now?: string | undefined; readonly quiet?: boolean } = {},
): Promise<void> {
  const path = globals.config ?? process.env['EXITDESK_CONFIG'];
  if (path === undefined) {
    throw new DeskError('config-missing', 'no configuration: give --config FILE, or set EXITDESK_CONFIG');
  }
  const config = loadConfig(path, process.env);
  const commandLog = quiet && process.env['EXITDESK_LOG_LEVEL'] === undefined ? createLog('warn') : log;
  const app = buildApp(config, { log: commandLog, clock: clockOf(config, now), rehearsed: now !== undefined });
  try {
    process.exitCode = await work(app);
  } finally {
    await app.close();
  }
}

const program = new Command('exitdesk')
  .description('The abuse desk of people who run Tor exit relays.')
  .version(
    (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version,
  )
  .exitOverride()
  .showHelpAfterError()
  .addHelpText(
    'after',
    `
Examples:
  exitdesk doctor --config desk.yaml          try the whole set-up, send nothing
  exitdesk run --config desk.yaml             the daemon
  exitdesk cases --state needs-person         what waits for you
  exitdesk approve 17 --by ada                let the drafted letter of case 17 go

--config FILE may stand in EXITDESK_CONFIG. Exit codes: 0 fine, 1 a bug, 2 usage, 3 something is wrong, 75 try again
later, 78 configuration.`,
  );

function command(name: string, description: string, examples: readonly string[]): Command {
  const made = program
    .command(name)
    .description(description)
    .option('--config <file>', 'the configuration (or EXITDESK_CONFIG)')
    .exitOverride();
  return made.addHelpText('after', `\nExamples:\n${examples.map((example) => `  exitdesk ${example}`).join('\n')}`);
}

const json = new Option('--json', 'one JSON object a line, for programs');

command('run', 'the daemon, until SIGTERM or SIGINT', ['run --config desk.yaml']).action((options: Globals) =>
  withApp(options, (app) => runRun(app), { quiet: false }),
);

command('once', 'one full pass (intake, probes, letters, due timers, digests), then exit', [
  'once --config desk.yaml',
  'once --config rehearsal.yaml --now 2026-12-01T08:00:00Z --json',
])
  .option('--now <time>', 'rehearse another instant (ISO 8601); only where letters go to a folder, or in a rehearsal')
  .addOption(json)
  .action((options: Globals & { now?: string; json?: boolean }) =>
    withApp(options, (app) => runOnce(app, options, out), { now: options.now }),
  );

command('judge', 'judge raw mails: stores nothing, sends nothing, needs no mailbox', [
  'judge complaint.eml --inventory inventory.json',
  'judge mails/ --config desk.yaml --json',
  'judge - < complaint.eml',
])
  .argument('<file...>', 'raw mails; a folder means every .eml file in it; - reads standard input')
  .option('--inventory <file>', 'nodes and desk as JSON, in place of a configuration')
  .addOption(json)
  .action(async (files: string[], options: Globals & { inventory?: string; json?: boolean }) => {
    const config = options.config ?? (options.inventory === undefined ? process.env['EXITDESK_CONFIG'] : undefined);
    // Its data and language models are loaded here only: no other command waits for them.
    const { runJudge } = await import('./cli/judge.ts');
    process.exitCode = await runJudge(files, { ...options, config }, out);
  });

command('cases', 'list the cases, newest first', ['cases', 'cases --state needs-person', 'cases --json'])
  .option('--state <state>', 'only cases in this state')
  .option('--limit <n>', 'at most so many', '1000')
  .addOption(json)
  .action((options: Globals & { state?: string; json?: boolean; limit?: string }) =>
    withApp(options, (app) => runCases(app, options, out)),
  );

command('case', 'one case with its journal, judgement, probe, letters and timers', ['case 17', 'case EX-17 --json'])
  .argument('<id>', 'the case, as in 17 or EX-17')
  .addOption(json)
  .action((id: string, options: Globals & { json?: boolean }) =>
    withApp(options, (app) => runCase(app, id, options, out)),
  );

handlerCommand('approve', 'let the drafted letters of a case go', [
  'approve 17 --by ada',
  'approve 17 --text-file own.txt',
]).option('--text-file <file>', "your own words in place of the template's; - reads standard input");
handlerCommand('hold', 'stop everything for a case: no letter, no timer, no closing', ['hold 17 --by ada']).option(
  '--note <text>',
  'why',
);
handlerCommand('release', 'let a case on hold go on where it stood', ['release 17 --by ada']);
handlerCommand('take', 'make a case yours: its automation stops', ['take 17 --by ada']);
handlerCommand('close', 'close a case', ['close 17 --by ada', 'close 17 --outcome unrelated']).option(
  '--outcome <outcome>',
  'the true outcome, where it is another than the case tells',
);
handlerCommand('reopen', 'open a closed case again', ['reopen 17 --by ada']);
handlerCommand('judge-as', 'correct the judgement; it is kept beside the original', [
  'judge-as 17 --risk non-threatening --category scan --sender robot',
])
  .option('--risk <risk>', 'threatening, non-threatening or unsure')
  .option('--category <category>', 'for example scan, spam, stalking')
  .option('--sender <sender>', 'robot or person');

command('note', 'write a note into the journal of a case', ['note 17 "called them back" --by ada'])
  .argument('<id>', 'the case')
  .argument('<text>', 'the note')
  .option('--by <name>', 'who gives the command')
  .addOption(json)
  .action((id: string, text: string, options: Globals & HandlerOptions) =>
    withApp(options, (app) => runHandle(app, 'note', { id, text, options }, out)),
  );

/** approve, hold, release, take, close, reopen, judge-as: one shape. */
function handlerCommand(
  name: Exclude<HandlerCommand, 'note'>,
  description: string,
  examples: readonly string[],
): Command {
  return command(name, description, examples)
    .argument('<id>', 'the case, as in 17 or EX-17')
    .option('--by <name>', 'who gives the command (or EXITDESK_HANDLER)')
    .addOption(json)
    .action((id: string, options: Globals & HandlerOptions) =>
      withApp(options, (app) => runHandle(app, name, { id, text: null, options }, out)),
    );
}

command('mails', 'list the mails and what became of them', ['mails', 'mails --to-person'])
  .option('--to-person', 'only those that a person has to look at')
  .addOption(json)
  .action((options: Globals & { json?: boolean; toPerson?: boolean }) =>
    withApp(options, (app) => runMails(app, options, out)),
  );

command('mail', 'the raw bytes of a mail as they came', ['mail 42 > complaint.eml'])
  .argument('<id>', 'the number that mails shows')
  .action((id: string, options: Globals) =>
    withApp(options, (app) => {
      process.stdout.write(runMail(app, id));
      return 0;
    }),
  );

command('probe', 'run the host check of a node now', [
  'probe helium',
  'probe helium --clear --by ada --note "our own backup job"',
  'probe helium --accept --by ada',
  'probe helium --print-setup > setup.sh',
  'probe helium --record sample.txt',
])
  .argument('<node>', "the node's name in the configuration")
  .option('--clear', 'lift the suspicion: letters that waited go on')
  .option('--accept', 'take what the host shows now as normal: later checks report what differs')
  .option('--print-setup', 'print a script that sets up the account on the node')
  .option('--record [file]', 'write what the check brings, without names, to send it to the project; shows no verdict')
  .option('--by <name>', 'who clears or accepts it')
  .option('--note <text>', 'what you found')
  .addOption(json)
  .action((node: string, options: Globals & ProbeOptions) =>
    withApp(options, (app) => runProbe(app, node, options, out)),
  );

const nodes = command('nodes', 'the dated inventory: which address was what, and since when', [
  'nodes',
  'nodes at 198.51.100.10 2026-03-01T11:04Z',
  'nodes at 198.51.100.10 "2026-03-01 11:04"      the zone is unknown: every one is looked at',
  'nodes import /etc/tor/torrc /var/lib/tor/fingerprint',
  'nodes import details.json --contact abuse@exits.example',
])
  .addOption(json)
  .action((options: Globals & { json?: boolean }) => withApp(options, (app) => runNodes(app, options, out)));

nodes
  .command('at')
  .description('what an address was at a time, and why')
  .argument('<address>', 'IPv4 or IPv6')
  .argument('<time...>', 'ISO 8601, with its zone where it is known; or a day (UTC)')
  .exitOverride()
  .action((address: string, time: string[], _: unknown, self: Command) => {
    const options: Globals & { json?: boolean } = self.optsWithGlobals();
    return withApp(options, (app) => runNodesAt(app, [address, ...time], options, out));
  });

nodes
  .command('import')
  .description("nodes for the configuration out of tor's own files: torrc, fingerprint, Onionoo details")
  .argument(
    '<file...>',
    'torrc files, fingerprint files of a DataDirectory, Onionoo details as JSON; - reads standard input',
  )
  .option('--fingerprint <fingerprint...>', 'of an Onionoo document: only these relays')
  .option('--contact <text>', 'of an Onionoo document: only relays whose contact holds this')
  .exitOverride()
  .action((files: string[], _: unknown, self: Command) => {
    process.exitCode = runImport(files, self.optsWithGlobals<ImportOptions>(), out);
  });

const tor = command('tor', 'public Tor data: how the sources stand', ['tor', 'tor --json'])
  .addOption(json)
  .action((options: Globals & { json?: boolean }) => withApp(options, (app) => runTor(app, options, out)));

tor
  .command('fetch')
  .description('collect now')
  .argument('[source...]', 'by name; default: all')
  .option('--accept', 'take it although it is so much shorter or longer than the last')
  .exitOverride()
  .action((names: string[], _: unknown, self: Command) => {
    const options: Globals & FetchNowOptions = self.optsWithGlobals();
    return withApp(options, (app) => runTorFetch(app, names, options, out));
  });

command('digest', "send the day's digest, or print it", ['digest --print', 'digest --day 2026-11-22'])
  .option('--day <day>', 'YYYY-MM-DD; default: today')
  .option('--print', 'print it, send nothing')
  .action((options: Globals & { day?: string; print?: boolean }) =>
    withApp(options, (app) => runDigest(app, options, out)),
  );

command('doctor', 'try the whole set-up: mailboxes, SMTP, nodes, letters, clock, database', [
  'doctor --config desk.yaml',
])
  .addOption(json)
  .action((options: Globals & { json?: boolean }) => withApp(options, (app) => runDoctor(app, options, out)));

command('health', 'is the running daemon well', ['health --config desk.yaml'])
  .addOption(json)
  .action((options: Globals & { json?: boolean }) => withApp(options, (app) => runHealth(app, options, out)));

command('backup', 'a whole copy of the database while the daemon runs', ['backup /var/backups/exitdesk.sqlite'])
  .argument('<file>', 'a file that does not exist yet')
  .action((file: string, options: Globals) => withApp(options, (app) => runBackup(app, file, out)));

program
  .command('config-schema')
  .description('the JSON Schema of the configuration, from which editors complete')
  .exitOverride()
  .action(() => out.write(JSON.stringify(configSchema(), null, 2)));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.exitCode = exitCodeOf(error);
    const text =
      error instanceof DeskError ? `exitdesk: ${error.message}` : String(error instanceof Error ? error.stack : error);
    process.stderr.write(`${text}\n`);
  }
}
