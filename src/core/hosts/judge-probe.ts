import { assertNever } from '../../errors.ts';
import { checkParts } from './check.ts';
import type { CheckPart, CheckRequirements, Finding, HostCheck, PartResult, ProbeOutput } from './check.ts';
import { escapeLine } from './escape-line.ts';
import { factsOf } from './host-facts.ts';
import { viewHost } from './host-view.ts';
import { readProbe } from './read-probe.ts';
import type { ProbeReading } from './read-probe.ts';
import { hostRules } from './rules.ts';

/** More lines of one rule than this say nothing new; the rest is counted. */
const linesPerRule = 20;
const logParts: readonly CheckPart[] = ['auth-log', 'syslog', 'daemon-log'];

/**
 * The verdict on one probe (procedure.md §3, "what a host check needs", "host suspicious", "host not checkable"): suspicious
 * where any finding is; else could-not-check where a required part was not done or the probe did not come back whole; else
 * clean. `at` is when the probe began (ms UTC). Total over any output: a hostile host gets at worst could-not-check.
 */
export function judgeProbe(output: ProbeOutput, node: string, requirements: CheckRequirements, at: number): HostCheck {
  const base = { node, at, tookMs: output.tookMs };
  if (!output.ok) {
    return {
      ...base,
      verdict: 'could-not-check',
      because: [whyNoOutput(output)],
      parts: checkParts.map((part) => notDone(part, requirements, 'the host was not reached')),
      findings: [],
      facts: null,
      hostKeyTrouble: output.reason === 'host-key-unknown' || output.reason === 'host-key-changed',
    };
  }
  const reading = readProbe(output.text);
  const parts = checkParts.map((part) => partResult(part, reading, requirements));
  const findings = reading === null ? [] : findIn(reading, requirements);
  const suspicions = because(findings);
  const gaps = gapsIn({ reading, truncated: output.truncated, parts, requirements });
  return {
    ...base,
    verdict: suspicions.length > 0 ? 'suspicious' : gaps.length > 0 ? 'could-not-check' : 'clean',
    because: [...suspicions, ...gaps],
    parts,
    findings,
    facts: reading === null ? null : factsOf(reading),
    hostKeyTrouble: false,
  };
}

function findIn(reading: ProbeReading, requirements: CheckRequirements): Finding[] {
  const host = viewHost(reading, requirements);
  const isCleared = (rule: string, line: string): boolean =>
    (requirements.cleared ?? []).some((c) => c.rule === rule && withoutNumber(c.line) === withoutNumber(line));
  return hostRules.flatMap(({ id: rule, part, severity, reason, find }) => {
    const lines = [...new Set(find(host).map(escapeLine))];
    const shown =
      lines.length > linesPerRule
        ? [...lines.slice(0, linesPerRule), `… and ${lines.length - linesPerRule} more`]
        : lines;
    return shown.map((line): Finding => ({
      rule,
      part,
      severity: isCleared(rule, line) ? 'info' : severity,
      reason,
      line,
    }));
  });
}

/** A line without the number of its process, which the same thing has anew after each start. */
function withoutNumber(line: string): string {
  return line.replace(/^((?:pid |listen |conn )?)\d+ /, '$1');
}

/** One sentence for each rule that makes the host suspicious, with how many lines it fired on. */
function because(findings: readonly Finding[]): string[] {
  const rules = new Map<string, { reason: string; count: number }>();
  for (const { rule, severity, reason } of findings) {
    if (severity === 'suspicious') rules.set(rule, { reason, count: (rules.get(rule)?.count ?? 0) + 1 });
  }
  return [...rules.values()].map(({ reason, count }) => `${reason} (${count === 1 ? '1 line' : `${count} lines`}).`);
}

function partResult(part: CheckPart, reading: ProbeReading | null, requirements: CheckRequirements): PartResult {
  const found = reading?.parts.get(part);
  if (found === undefined) return notDone(part, requirements, 'the probe did not come to it');
  return {
    part,
    required: requirements.required.includes(part),
    status: found.status,
    by: found.by === null ? null : escapeLine(found.by),
    note: found.note === null ? null : escapeLine(found.note),
  };
}

function notDone(part: CheckPart, requirements: CheckRequirements, note: string): PartResult {
  return { part, required: requirements.required.includes(part), status: 'failed', by: null, note };
}

type Judged = {
  readonly reading: ProbeReading | null;
  readonly truncated: boolean;
  readonly parts: readonly PartResult[];
  readonly requirements: CheckRequirements;
};

/** Why the check is not complete, a sentence each; none where every required part was done. */
function gapsIn({ reading, truncated, parts, requirements }: Judged): string[] {
  if (reading === null)
    return ['What came back is not the output of the host check: is another command forced for this key?'];
  const fine = (p: PartResult): boolean =>
    p.status === 'done' || (p.status === 'empty' && requirements.emptyIsFine.includes(p.part));
  const gaps = parts.filter((p) => p.required && !fine(p)).map(gapSentence);
  const logs = parts.filter((p) => logParts.includes(p.part));
  if (requirements.oneLog && !logs.some(fine)) {
    gaps.push(
      `None of the logs could be read: ${logs.map((p) => `${p.part}: ${p.status}${p.note === null ? '' : ` (${p.note})`}`).join(', ')}.`,
    );
  }
  if (!reading.whole || truncated) gaps.push('The output of the host check ended before its last line.');
  return gaps;
}

function gapSentence({ part, status, by, note }: PartResult): string {
  const detail = [by, note].filter((t) => t !== null).join(': ');
  const behind = detail === '' ? '' : ` (${detail})`;
  switch (status) {
    case 'done':
      return `The part ${part} was done${behind}.`;
    case 'empty':
      return `The part ${part} came back empty, which is not taken for clean${behind}.`;
    case 'missing':
      return `The part ${part} cannot be done on this host: nothing there does it${behind}.`;
    case 'denied':
      return `The part ${part} was denied to our account${behind}.`;
    case 'failed':
      return `The part ${part} failed${behind}.`;
    default:
      return assertNever(status);
  }
}

function whyNoOutput({ reason, detail }: Extract<ProbeOutput, { ok: false }>): string {
  const words = escapeLine(detail);
  switch (reason) {
    case 'unreachable':
      return `The host could not be reached: ${words}`;
    case 'timeout':
      return `The host did not answer in time: ${words}`;
    case 'host-key-unknown':
      return `The host shows a key that is not pinned, so we did not log in: ${words}`;
    case 'host-key-changed':
      return `The host key has CHANGED, so we did not log in: somebody may stand between, or the host was set up anew: ${words}`;
    case 'auth-refused':
      return `The host refused our key: ${words}`;
    case 'protocol':
      return `The host did not speak as expected: ${words}`;
    case 'cut-off':
      return `The connection broke before the check was over: ${words}`;
    case 'output-cap':
      return `The host sent more than a host check may: ${words}`;
    case 'key-unreadable':
      return `Our own key for this host cannot be used: ${words}`;
    default:
      return assertNever(reason);
  }
}
