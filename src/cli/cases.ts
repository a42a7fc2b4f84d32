import type { App } from '../app.ts';
import type { StateName } from '../core/case.ts';
import { judgedAs } from '../core/case.ts';
import { whyWaiting } from '../core/digest.ts';
import { DeskError } from '../errors.ts';
import { listCases } from '../store/cases.ts';
import { caseDetails, caseSummary, findCaseByText } from './case-view.ts';
import type { ExitCode, Output } from './output.ts';
import { printable, table } from './table.ts';

const states: readonly StateName[] = [
  'received',
  'checking',
  'needs-person',
  'answering',
  'awaiting-answer',
  'followed-up',
  'in-discussion',
  'reopened',
  'closed',
];

type ListOptions = { readonly state?: string; readonly json?: boolean; readonly limit?: string };

/** `exitdesk cases`: newest first. */
export function runCases(app: App, options: ListOptions, out: Output): ExitCode {
  const state = options.state === undefined ? null : stateOf(options.state);
  const limit = Number(options.limit ?? '1000');
  if (!Number.isInteger(limit) || limit < 1) throw new DeskError('usage', '--limit takes a number from 1');
  const cases = listCases(app.db, state, limit);
  if (options.json === true) {
    for (const kase of cases) out.write(JSON.stringify(caseSummary(app, kase)));
    return 0;
  }
  if (cases.length === 0) {
    out.write(state === null ? 'No cases yet.' : `No cases in state ${state}.`);
    return 0;
  }
  const rows = cases.map((kase) => {
    const { risk, category, automated } = judgedAs(kase);
    return [
      `${app.config.desk.tokenPrefix}-${kase.id}`,
      kase.state,
      category ?? '-',
      risk ?? '-',
      automated === null ? 'unsure' : automated ? 'robot' : 'person',
      kase.hosts.map((host) => host.node).join(',') || '-',
      new Date(kase.openedAt).toISOString().slice(0, 16).replace('T', ' '),
      whyWaiting(kase) || (kase.state === 'closed' ? `${kase.label} (${kase.outcome})` : ''),
    ];
  });
  out.write(table(['CASE', 'STATE', 'CATEGORY', 'RISK', 'SENDER', 'NODE', 'OPENED (UTC)', 'WAITS FOR'], rows));
  return 0;
}

function stateOf(text: string): StateName {
  const state = states.find((s) => s === text);
  if (state === undefined) throw new DeskError('usage', `no state "${text}": one of ${states.join(', ')}`);
  return state;
}

/** `exitdesk case ID`: one case with its journal, judgement, probe, letters and timers. */
export function runCase(app: App, id: string, options: { readonly json?: boolean }, out: Output): ExitCode {
  const kase = findCaseByText(app, id);
  const details = caseDetails(app, kase);
  if (options.json === true) out.write(JSON.stringify(details));
  else for (const line of describe(details)) out.write(line);
  return 0;
}

type Details = Readonly<Record<string, unknown>>;

function draftLine(draft: Details): string {
  const to = printable(String(draft['to']));
  return draft['ownWords'] === true
    ? `your own words to ${to} (approve --text-file)`
    : `${String(draft['letter'])} to ${to}`;
}

function describe(details: Details): readonly string[] {
  const list = (name: string): readonly Details[] => details[name] as readonly Details[];
  const text = (value: unknown): string =>
    typeof value === 'string' ? printable(value) : JSON.stringify(value ?? null);
  const judgement = details['judgement'] as Details;
  const reasons = (part: string): readonly string[] =>
    ((judgement[part] as Details)['because'] as readonly { rule: string; text: string }[]).map(
      (reason) => `    ${reason.rule}${reason.text === '' ? '' : `: "${printable(reason.text)}"`}`,
    );
  const block = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
  return [
    `${text(details['token'])} ${text(details['state'])}${details['waitsFor'] === null ? '' : `: ${text(details['waitsFor'])}`}`,
    `  from      ${text(details['sender'])}`,
    `  subject   ${details['sealed'] === true ? '(sealed)' : text(details['subject'])}`,
    `  risk      ${text(details['risk'])}, ${text(details['category'])}`,
    ...reasons('risk'),
    `  sender    ${details['automated'] === null ? 'robot or person: open' : details['automated'] === true ? 'robot' : 'person'}`,
    ...reasons('sender'),
    ...block(
      'Addresses',
      (judgement['addresses'] as readonly Details[]).map(
        (a) =>
          `${text(a['ip'])} ${text(a['role'])}, ${text(a['standing'])}${a['node'] === null ? '' : ` (${text(a['node'])})`}: ${text(a['because'])}`,
      ),
    ),
    ...block('What the addresses were then', (details['statement'] as readonly string[]).map(printable)),
    ...block(
      'Host checks',
      list('probe').flatMap((host) => {
        const check = host['check'] as Details | null;
        const because = (check?.['because'] ?? []) as readonly string[];
        return [`${text(host['node'])}: ${text(host['status'])}`, ...because.map((b) => `  ${printable(b)}`)];
      }),
    ),
    ...block('Drafts', list('drafts').map(draftLine)),
    ...block(
      'Letters',
      list('letters').map(
        (l) => `${text(l['letter'])} to ${text(l['to'])}: ${text(l['status'])} ${text(l['left'] ?? '')}`,
      ),
    ),
    ...block(
      'Timers',
      list('timers').map((t) => `${text(t['kind'])} at ${text(t['due'])}`),
    ),
    ...block(
      'Journal',
      list('journal').map(
        (j) =>
          `${text(j['at'])} ${text(j['type'])}${j['by'] === null ? '' : ` by ${text(j['by'])}`} -> ${text(j['state'])}: ${text(j['because'])}`,
      ),
    ),
  ];
}
