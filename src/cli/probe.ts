import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { App } from '../app.ts';
import type { HostCheck } from '../core/hosts/check.ts';
import type { HostFacts, TorFacts } from '../core/hosts/host-facts.ts';
import { nodeSetup } from '../core/hosts/node-setup.ts';
import { readProbe } from '../core/hosts/read-probe.ts';
import type { Identity } from '../core/hosts/scrub-sample.ts';
import { scrubSample } from '../core/hosts/scrub-sample.ts';
import { shownLine } from '../core/hosts/shown-line.ts';
import { DeskError } from '../errors.ts';
import { checkNode, type NodeCheck, probeNode } from '../flow/check-node.ts';
import { clearSuspicion } from '../flow/clear-node.ts';
import { inTransaction } from '../store/open.ts';
import { probeScript } from '../hosts/probe-script.ts';
import { saveBaseline, saveCheck } from '../store/checks.ts';
import { handlerName } from './handle.ts';
import type { ExitCode, Output } from './output.ts';
import { printable, table } from './table.ts';

export type ProbeOptions = {
  readonly json?: boolean;
  readonly clear?: boolean;
  readonly accept?: boolean;
  readonly printSetup?: boolean;
  /** A file, or true for standard output. */
  readonly record?: string | boolean;
  readonly by?: string;
  readonly note?: string;
};

/**
 * `exitdesk probe NODE`: the host check now, findings and verdict. --clear lifts a suspicion, --accept takes what is there for
 * normal, --record makes a sample without names of what the host said, --print-setup prints how to set it up.
 */
export async function runProbe(app: App, name: string, options: ProbeOptions, out: Output): Promise<ExitCode> {
  // A node that left the configuration can still be cleared: its letters wait for that.
  if (options.clear !== true && !app.config.nodes.some((node) => node.name === name)) {
    const names = app.config.nodes.map((node) => node.name).join(', ');
    throw new DeskError('not-found', `there is no node "${name}" in the configuration: ${names}`);
  }
  if (options.clear === true) return clear(app, name, options, out);
  if (options.printSetup === true) return printSetup(app, name, out);
  if (options.record !== undefined && options.record !== false) return record(app, name, options.record, out);
  const accepting = options.accept === true ? { by: handlerName(options.by), json: options.json } : null;
  const checked = await checkNode(app, name, new AbortController().signal);
  const { check } = checked;
  inTransaction(app.db, () => saveCheck(app.db, check));
  if (accepting !== null) return accept(app, checked, accepting, out);
  if (options.json === true) out.write(JSON.stringify({ ...check, at: new Date(check.at).toISOString() }));
  else for (const line of describe(check)) out.write(line);
  return check.verdict === 'clean' ? 0 : 3;
}

type Accepting = { readonly by: string; readonly json: boolean | undefined };

/** What the host shows now is normal from here on: later checks report what differs. */
function accept(app: App, { check, state }: NodeCheck, { by, json }: Accepting, out: Output): ExitCode {
  if (state === null)
    throw new DeskError('refused', `${check.node}: ${check.because.join('; ')}; nothing was accepted`);
  saveBaseline(app.db, check.node, { baseline: state, at: check.at, by });
  const counts = Object.fromEntries(Object.entries(state).map(([part, lines]) => [part, lines.length]));
  if (json === true) out.write(JSON.stringify({ node: check.node, accepted: counts, by, verdict: check.verdict }));
  else {
    const told = Object.entries(counts).map(([part, count]) => `${count} ${part}`);
    out.write(`${check.node}: ${by} accepted as normal ${told.join(', ')}; this check itself was ${check.verdict}`);
  }
  return 0;
}

/** What an operator does on the node: an account of its own, a key that can run one program, the sudoers line. */
function printSetup(app: App, name: string, out: Output): ExitCode {
  const check = app.config.nodes.find((node) => node.name === name)?.check;
  if (check?.transport !== 'ssh') throw new DeskError('refused', `node ${name} is not reached over SSH`);
  const setup = nodeSetup({
    node: name,
    account: check.user,
    publicKey: readPublicKey(check.keyFile),
    sources: check.ownSources,
    script: probeScript,
  });
  for (const line of setup) out.write(line);
  return 0;
}

/** The one line of KEYFILE.pub. A second line would open the account without any restriction; a private key is not to be printed. */
function readPublicKey(keyFile: string): string {
  const file = `${keyFile}.pub`;
  const make = `make it with ssh-keygen -y -f ${keyFile} > ${file}`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new DeskError('file-unreadable', `cannot read ${file}: ${make}`, { cause });
  }
  if (!/^(?:ssh|ecdsa|sk)-\S+ AAAA[\w+/=]+(?: [^\r\n]*)?$/.test(text))
    throw new DeskError('file-unreadable', `${file} does not hold one public key: ${make}`);
  return text;
}

/** What the check brings from this host, without its names, for systems on which the check is not proved: to be sent to the project. */
async function record(app: App, name: string, file: string | boolean, out: Output): Promise<ExitCode> {
  const output = await probeNode(app, name, new AbortController().signal);
  if (!output.ok) throw new DeskError('refused', `${name} could not be checked (${output.reason}): ${output.detail}`);
  if (readProbe(output.text) === null)
    throw new DeskError('refused', `what came back from ${name} is not the output of the host check`);
  const sample = scrubSample(output.text, identityOf(app, name));
  if (typeof file !== 'string') {
    out.write(sample.trimEnd());
    return 0;
  }
  try {
    writeFileSync(file, sample, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it is there already' : (code ?? 'unknown');
    throw new DeskError('file-unreadable', `cannot write ${file}: ${why}`, { cause });
  }
  out.write(`${file} was written: ${sample.split('\n').length - 1} lines of what the check brings from ${name}.`);
  out.write('What was kept and what was replaced stands at its head. Read it before you send it.');
  return 0;
}

/** Every name under which the configuration knows this node and this desk. */
function identityOf(app: App, name: string): Identity {
  const node = app.config.nodes.find((n) => n.name === name);
  const { nodes, desk } = app.config;
  const mailHosts = desk.addresses.map((address) => address.replace(/^.*@/, ''));
  return {
    addresses: [...nodes.flatMap((n) => n.addresses.map((a) => a.address)), ...(node?.check.ownSources ?? [])],
    hosts: [...nodes.flatMap((n) => [n.name, ...n.hostnames]), node?.check.host ?? '', ...mailHosts],
    accounts: [node?.check.user ?? '', ...(node?.check.ownAccounts ?? [])].filter((account) => account !== ''),
  };
}

function clear(app: App, name: string, options: ProbeOptions, out: Output): ExitCode {
  const by = handlerName(options.by);
  const note = (options.note ?? '').trim();
  if (note === '') throw new DeskError('usage', '--clear takes a --note that says what you found');
  const cases = clearSuspicion(app, name, { by, note, key: randomUUID() });
  if (cases === null) throw new DeskError('refused', `node ${name} is under no suspicion`);
  out.write(
    options.json === true
      ? JSON.stringify({ node: name, cleared: true, by, cases })
      : `${name} is cleared by ${by}; ${cases.length} cases go on`,
  );
  return 0;
}

function describe(check: HostCheck): readonly string[] {
  const parts = check.parts.map((part) => [
    part.part,
    part.status,
    part.by ?? '-',
    part.required ? 'required' : 'optional',
    part.note ?? '',
  ]);
  const findings = check.findings.map((finding) => [
    finding.severity,
    finding.rule,
    finding.reason,
    shownLine(finding),
  ]);
  return [
    `${check.node}: ${check.verdict} (${check.tookMs} ms)`,
    ...check.because.map((because) => `  ${printable(because)}`),
    ...(check.facts == null ? [] : describeFacts(check.node, check.facts)),
    ...(parts.length === 0 ? [] : ['', table(['PART', 'STATUS', 'BY', '', 'NOTE'], parts)]),
    ...(findings.length === 0 ? [] : ['', table(['SEVERITY', 'RULE', 'REASON', 'LINE (untrusted)'], findings)]),
  ];
}

function describeFacts(node: string, { system, proved, tor }: HostFacts): readonly string[] {
  const unproved = `  not proved on this system yet: please record what it says (exitdesk probe ${node} --record FILE), read it, and send it to us`;
  return [
    `  system: ${printable(system ?? 'it does not say')}`,
    ...(proved ? [] : [unproved]),
    `  tor: ${printable(describeTor(tor))}`,
  ];
}

function describeTor({ running, version, since, configChangedAt }: TorFacts): string {
  const at = (ms: number | null): string | null =>
    ms === null ? null : new Date(ms).toISOString().replace('.000Z', 'Z');
  return [
    running ? `running since ${at(since) ?? 'an unknown time'}` : 'does not run, or is not seen from there',
    ...(version === null ? [] : [`version ${version}`]),
    ...(configChangedAt === null ? [] : [`configuration last changed ${at(configChangedAt)}`]),
  ].join(', ');
}
