import { randomUUID } from 'node:crypto';
import type { App } from '../app.ts';
import type { HostCheck } from '../core/hosts/check.ts';
import { DeskError } from '../errors.ts';
import { checkNode } from '../flow/check-node.ts';
import { clearSuspicion } from '../flow/clear-node.ts';
import { inTransaction } from '../store/open.ts';
import { saveCheck } from '../store/checks.ts';
import { handlerName } from './handle.ts';
import type { ExitCode, Output } from './output.ts';
import { printable, table } from './table.ts';

export type ProbeOptions = {
  readonly json?: boolean;
  readonly clear?: boolean;
  readonly by?: string;
  readonly note?: string;
};

/** `exitdesk probe NODE`: the host check now, findings and verdict; with --clear a handler lifts a suspicion. */
export async function runProbe(app: App, name: string, options: ProbeOptions, out: Output): Promise<ExitCode> {
  if (!app.config.nodes.some((node) => node.name === name)) {
    const names = app.config.nodes.map((node) => node.name).join(', ');
    throw new DeskError('not-found', `there is no node "${name}" in the configuration: ${names}`);
  }
  if (options.clear === true) return clear(app, name, options, out);
  const { check } = await checkNode(app, name, new AbortController().signal);
  inTransaction(app.db, () => saveCheck(app.db, check));
  if (options.json === true) out.write(JSON.stringify({ ...check, at: new Date(check.at).toISOString() }));
  else for (const line of describe(check)) out.write(line);
  return check.verdict === 'clean' ? 0 : 3;
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
  const findings = check.findings.map((finding) => [finding.severity, finding.rule, finding.reason, finding.line]);
  return [
    `${check.node}: ${check.verdict} (${check.tookMs} ms)`,
    ...check.because.map((because) => `  ${printable(because)}`),
    ...(parts.length === 0 ? [] : ['', table(['PART', 'STATUS', 'BY', '', 'NOTE'], parts)]),
    ...(findings.length === 0 ? [] : ['', table(['SEVERITY', 'RULE', 'REASON', 'LINE (untrusted)'], findings)]),
  ];
}
