import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { App } from '../app.ts';
import type { CaseEvent, Outcome } from '../core/case.ts';
import { outcomes } from '../core/case.ts';
import { categories, riskLevels } from '../core/judgement.ts';
import { DeskError } from '../errors.ts';
import { applyEvent } from '../flow/apply-event.ts';
import { findCaseByText } from './case-view.ts';
import type { ExitCode, Output } from './output.ts';

export type HandlerOptions = {
  readonly by?: string;
  readonly json?: boolean;
  readonly textFile?: string;
  readonly note?: string;
  readonly outcome?: string;
  readonly risk?: string;
  readonly category?: string;
  readonly sender?: string;
};

export type HandlerCommand = 'approve' | 'hold' | 'release' | 'take' | 'close' | 'reopen' | 'note' | 'judge-as';

/** A handler's command is an event in the case's journal, decided like any other; the running daemon sees it at once. */
export function runHandle(
  app: App,
  command: HandlerCommand,
  { id, text, options }: { readonly id: string; readonly text: string | null; readonly options: HandlerOptions },
  out: Output,
): ExitCode {
  const kase = findCaseByText(app, id);
  const by = handlerName(options.by);
  const decision = applyEvent(app, kase.id, eventFor(app, command, { by, text, options }), `handler:${randomUUID()}`);
  if (decision === null) throw new Error('a fresh event key was known already');
  if (decision.refused !== null) throw new DeskError('refused', `${command} ${id}: ${decision.refused}`);
  const { next, because } = decision;
  const answer = { id: next.id, state: next.state, because };
  out.write(
    options.json === true
      ? JSON.stringify(answer)
      : `${app.config.desk.tokenPrefix}-${next.id} is ${next.state}: ${because}`,
  );
  return 0;
}

/** Who gives the command: --by, else EXITDESK_HANDLER, else the name of the account. One line, or it is refused. */
export function handlerName(by: string | undefined): string {
  const name = (by ?? process.env['EXITDESK_HANDLER'] ?? accountName()).trim();
  if (name === '' || name.length > 80 || /[\u0000-\u001f\u007f]/.test(name)) {
    throw new DeskError('usage', 'say who you are: --by NAME (on one line), or EXITDESK_HANDLER');
  }
  return name;
}

/** An account that the system cannot name (a container under a number of its own) has none. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

function eventFor(
  app: App,
  command: HandlerCommand,
  { by, text, options }: { by: string; text: string | null; options: HandlerOptions },
): CaseEvent {
  switch (command) {
    case 'approve':
      return { type: 'approved', by, text: options.textFile === undefined ? null : readText(options.textFile) };
    case 'hold':
      return { type: 'held', by, note: options.note ?? null };
    case 'release':
      return { type: 'released', by };
    case 'take':
      return { type: 'taken', by };
    case 'close':
      return { type: 'closed-by-handler', by, outcome: outcomeOf(options.outcome) };
    case 'reopen':
      return { type: 'reopened-by-handler', by };
    case 'note':
      return { type: 'noted', by, text: noteOf(text) };
    case 'judge-as':
      return { type: 'judged-as', correction: correctionOf(app, by, options) };
  }
}

function noteOf(text: string | null): string {
  const note = (text ?? '').trim();
  if (note === '') throw new DeskError('usage', 'the note is empty');
  return note;
}

function readText(file: string): string {
  try {
    const text = readFileSync(file === '-' ? 0 : file, 'utf8');
    if (text.trim() === '') throw new DeskError('usage', `${file} is empty: there is nothing to send`);
    return text;
  } catch (cause) {
    if (cause instanceof DeskError) throw cause;
    throw new DeskError('file-unreadable', `cannot read ${file}`, { cause });
  }
}

function outcomeOf(text: string | undefined): Outcome | null {
  return text === undefined ? null : oneOf('--outcome', text, outcomes);
}

function oneOf<T extends string>(option: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new DeskError('usage', `${option} "${text}": one of ${allowed.join(', ')}`);
  return found;
}

function correctionOf(
  app: App,
  by: string,
  options: HandlerOptions,
): Extract<CaseEvent, { type: 'judged-as' }>['correction'] {
  const { risk, category, sender } = options;
  if (risk === undefined && category === undefined && sender === undefined) {
    throw new DeskError('usage', 'judge-as takes at least one of --risk, --category, --sender');
  }
  return {
    risk: risk === undefined ? null : oneOf('--risk', risk, riskLevels),
    category: category === undefined ? null : oneOf('--category', category, categories),
    automated: sender === undefined ? null : oneOf('--sender', sender, ['robot', 'person'] as const) === 'robot',
    by,
    at: app.now(),
  };
}
