import { accessSync, constants, statSync } from 'node:fs';
import type { BuiltApp } from '../build-app.ts';
import type { NodeConfig, TorSourceConfig } from '../config.ts';
import { handlerOnDuty } from '../config.ts';
import { differenceWords } from '../core/public-tor/differences.ts';
import { isIntact } from '../store/open.ts';
import { pulses } from '../store/pulse.ts';
import { checkNode } from '../flow/check-node.ts';
import { tryPublicSource } from '../flow/collect-public.ts';
import { publicDifferences } from '../flow/public-differences.ts';
import type { ExitCode, Output } from './output.ts';
import { table } from './table.ts';

type Finding = { readonly part: string; readonly ok: boolean | null; readonly says: string };

/**
 * `exitdesk doctor`: tries the whole set-up (mailboxes, folders, SMTP, each node's host key and probe, templates, clock,
 * database) and sends nothing. ok null is a warning. 0 if all is fine, 3 if something is wrong.
 */
export async function runDoctor(app: BuiltApp, options: { readonly json?: boolean }, out: Output): Promise<ExitCode> {
  const findings = [
    ...app.config.warnings.map((says): Finding => ({ part: 'configuration', ok: null, says })),
    { part: 'configuration', ok: true, says: app.config.file },
    { part: 'letters', ok: true, says: `every template loads (${app.config.letters.languages.join(', ')})` },
    { part: 'mode', ok: true, says: app.policy.mode === 'observe' ? 'observe: nothing is sent' : app.policy.mode },
    { part: 'rota', ok: true, says: `on duty now: ${handlerOnDuty(app.config, app.now()).name}` },
    await tried('judgement', async () => {
      await app.prepareReading();
      return 'words, rules and languages load';
    }),
    databaseFinding(app),
    clockFinding(app),
    ...(await Promise.all(app.mailboxes.map((mailbox) => tried(`mailbox ${mailbox.name}`, mailbox.verify)))),
    await tried('sending', app.sender.verify),
    ...(await Promise.all(app.config.nodes.map((node) => nodeFinding(app, node)))),
    ...(await Promise.all(app.config.tor.sources.map((source) => sourceFinding(app, source)))),
    ...publicDifferences(app).map(({ kind, what, why }): Finding => ({
      part: 'public Tor data',
      ok: null,
      says: `${differenceWords[kind]}: ${what}: ${why}`,
    })),
  ];
  const wrong = findings.some((finding) => finding.ok === false);
  if (options.json === true) for (const finding of findings) out.write(JSON.stringify(finding));
  else {
    const word = (ok: boolean | null): string => (ok === null ? 'warning' : ok ? 'fine' : 'WRONG');
    out.write(
      table(
        ['', 'PART', 'SAYS'],
        findings.map((f) => [word(f.ok), f.part, f.says]),
      ),
    );
  }
  return wrong ? 3 : 0;
}

async function tried(part: string, verify: () => Promise<string>): Promise<Finding> {
  try {
    return { part, ok: true, says: await verify() };
  } catch (error) {
    return { part, ok: false, says: error instanceof Error ? error.message : String(error) };
  }
}

function databaseFinding(app: BuiltApp): Finding {
  const { path, folder } = app.config.storage;
  if (!isIntact(app.db)) return { part: 'database', ok: false, says: `${path} is damaged: restore a backup` };
  const open = (statSync(folder).mode & 0o077) !== 0 || (statSync(path).mode & 0o077) !== 0;
  return open
    ? { part: 'database', ok: null, says: `others can read ${folder} or the database: chmod 700 and 600` }
    : { part: 'database', ok: true, says: path };
}

/** The last pulse stands in the future only where the clock was set back. */
function clockFinding(app: BuiltApp): Finding {
  const last = Math.max(0, ...pulses(app.db, app.mailboxes).map((pulse) => pulse.okAt ?? 0));
  const ahead = last > app.now() + 60_000;
  const says = ahead ? `the clock stands before the desk's last pulse (${new Date(last).toISOString()})` : '';
  return { part: 'clock', ok: !ahead, says: ahead ? says : new Date(app.now()).toISOString() };
}

async function nodeFinding(app: BuiltApp, node: NodeConfig): Promise<Finding> {
  const part = `node ${node.name}`;
  if (node.until !== null && node.until <= app.now()) return { part, ok: true, says: 'ours no more: not looked at' };
  if (node.check.transport === 'none') {
    return { part, ok: null, says: 'no check is configured: every letter for it waits for a person' };
  }
  if (node.check.transport === 'ssh' && !isReadable(node.check.keyFile)) {
    return { part, ok: false, says: `the key file ${node.check.keyFile} cannot be read` };
  }
  const { check } = await checkNode(app, node.name, new AbortController().signal);
  const says = [check.verdict, ...check.because].join('; ');
  return { part, ok: check.verdict === 'clean', says };
}

/** Asks the source as the daemon would, and keeps nothing of the answer. */
async function sourceFinding(app: BuiltApp, source: TorSourceConfig): Promise<Finding> {
  const part = `public Tor data ${source.name}`;
  if (app.tor === null) return { part, ok: null, says: 'not asked in a rehearsal' };
  const found = await tryPublicSource(app, app.tor, source);
  return { part, ok: found.ok, says: found.says };
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
