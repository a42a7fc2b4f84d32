import { DateTime } from 'luxon';
import { canonicalIp, isWithin, parsePrefix } from '../addresses/ip.ts';
import type { Baseline, CheckPart, CheckRequirements } from './check.ts';
import type { ProbeReading } from './read-probe.ts';

/** A process as ps and /proc together tell it; what neither could see is null. */
export type HostProcess = {
  readonly pid: string;
  readonly ppid: string | null;
  readonly uid: string | null;
  readonly kernel: boolean;
  readonly name: string;
  readonly exe: string | null;
  readonly args: string | null;
  readonly ageSeconds: number | null;
  /** What a finding quotes: "pid PID ACCOUNT: ARGUMENTS", without the figures of ps that differ each time. */
  readonly line: string;
};

/** A login of the past or a session that is open. `source` is null for a console. */
export type HostLogin = {
  readonly account: string;
  readonly source: string | null;
  readonly method: 'publickey' | 'password' | 'unknown';
  /** ms UTC, null where the line does not say. */
  readonly at: number | null;
  readonly line: string;
};

/** A line of a log in the syslog form: who said it, and what. */
export type LogLine = { readonly program: string; readonly message: string; readonly line: string };

/** The reading as the rules want it. */
export type HostView = {
  readonly facts: ReadonlyMap<string, string>;
  /** The host's own clock, ms UTC. */
  readonly now: number | null;
  readonly processes: ReadonlyMap<string, HostProcess>;
  /** Processes of the probe itself. */
  readonly own: ReadonlySet<string>;
  /** The processes from which the probe descends. */
  readonly ancestors: ReadonlySet<string>;
  readonly rows: (part: CheckPart, kind: string) => readonly string[];
  readonly log: (part: CheckPart) => readonly LogLine[];
  readonly isOwnAccount: (account: string) => boolean;
  readonly isOwnSource: (source: string) => boolean;
  readonly baseline: Baseline | null;
};

/** Joins the rows of a reading by process and reads its logs, for the rules to look at. */
export function viewHost(reading: ProbeReading, requirements: CheckRequirements): HostView {
  const rows = indexRows(reading);
  const own = new Set(rows('processes', 'own').map((text) => text.split(' ', 1)[0] ?? ''));
  const processes = joinProcesses(rows, own);
  const now = Number(reading.facts.get('now'));
  const prefixes = requirements.ownSources.map(parsePrefix).filter((p) => p !== null);
  const self = { user: reading.facts.get('self-user'), source: canonicalIp(reading.facts.get('self-source') ?? '') };
  return {
    facts: reading.facts,
    now: Number.isSafeInteger(now) && now > 0 ? now * 1000 : null,
    processes,
    own,
    ancestors: ancestorsOf(reading.facts.get('self-pid') ?? '', parentsOf(rows)),
    rows,
    baseline: requirements.baseline ?? null,
    log: (part) => rows(part, 'line').map(readLogLine),
    isOwnAccount: (account) => account === self.user || requirements.ownAccounts.includes(account),
    isOwnSource: (source) => {
      const ip = canonicalIp(source);
      return ip !== null && (ip === self.source || prefixes.some((p) => isWithin(ip, p)));
    },
  };
}

type Rows = HostView['rows'];

/** Rules ask for the same rows again and again, and a hostile host may send a hundred thousand of them. */
function indexRows(reading: ProbeReading): Rows {
  const index = new Map<string, string[]>();
  for (const [part, { rows }] of reading.parts) {
    for (const { kind, text } of rows) {
      const list = index.get(`${part} ${kind}`);
      if (list === undefined) index.set(`${part} ${kind}`, [text]);
      else list.push(text);
    }
  }
  return (part, kind) => index.get(`${part} ${kind}`) ?? [];
}

function joinProcesses(rows: Rows, own: ReadonlySet<string>): Map<string, HostProcess> {
  const exe = byPid(rows('processes', 'exe'));
  const args = byPid(rows('processes', 'args'));
  const age = byPid(rows('processes', 'age'));
  const ps = new Map<string, string>();
  for (const text of rows('processes', 'ps')) {
    // "USER PID ..." of procps and the BSDs, "PID USER ..." of BusyBox.
    const [, first = '', second = ''] = /^\s*(\S+)\s+(\S+)/.exec(text) ?? [];
    const pid = /^\d+$/.test(second) && !/^\d+$/.test(first) ? second : /^\d+$/.test(first) ? first : second;
    if (/^\d+$/.test(pid)) ps.set(pid, text);
  }
  const joined = new Map<string, HostProcess>();
  for (const text of rows('processes', 'stat')) {
    const [pid = '', ppid = '', uid = '', state = '', kind = ''] = text.split(' ', 5);
    const name = text.split(' ').slice(5).join(' ');
    const kernel = kind === 'kernel' && state !== 'Z' && (pid === '2' || ppid === '2' || ppid === '0');
    const words = args.get(pid) ?? null;
    const account = /^[a-z_][\w.+-]*/i.exec(ps.get(pid) ?? '')?.[0] ?? `uid ${uid}`;
    const line = `pid ${pid} ${account}: ${words?.trim() || `[${name}]`}`;
    const seconds = age.get(pid);
    const ageSeconds = seconds !== undefined && /^\d+$/.test(seconds) ? Number(seconds) : null;
    joined.set(pid, { pid, ppid, uid, kernel, name, exe: exe.get(pid) ?? null, args: words, ageSeconds, line });
  }
  if (joined.size === 0) {
    for (const [pid, line] of ps) {
      const args = psArguments(line);
      const name = (/^\S*/.exec(args)?.[0] ?? '').replace(/^.*\//, '');
      joined.set(pid, { pid, ppid: null, uid: null, kernel: false, name, exe: null, args, ageSeconds: null, line });
    }
  }
  for (const pid of own) joined.delete(pid);
  return joined;
}

/** The command of a row of `ps auwx`: behind the tenth column; of any other form, the whole row. */
function psArguments(row: string): string {
  return row.replace(/^\s*(?:\S+\s+){10}/, '');
}

function byPid(rows: readonly string[]): Map<string, string> {
  return new Map(
    rows.map((text) => {
      const space = text.indexOf(' ');
      return [text.slice(0, space), text.slice(space + 1)];
    }),
  );
}

function parentsOf(rows: Rows): Map<string, string> {
  return new Map(
    [...rows('processes', 'stat'), ...rows('processes', 'own')].map((text) => {
      const [pid = '', ppid = ''] = text.split(' ', 2);
      return [pid, ppid];
    }),
  );
}

function ancestorsOf(pid: string, parents: ReadonlyMap<string, string>): Set<string> {
  const found = new Set<string>();
  for (let at = parents.get(pid); at !== undefined && !found.has(at); at = parents.get(at)) found.add(at);
  return found;
}

/** "TIME HOST [FACILITY.LEVEL] PROGRAM[PID]: MESSAGE" as syslog daemons and the journal write it (RFC 3164 §4.1). */
function readLogLine(line: string): LogLine {
  const found = /^(?:\d{4}-\S+|\S+\s+\S+\s+\S+) \S+ (?:[a-z0-9]+\.[a-z]+ )?([^\s:[]+)(?:\[\d+\])?: ?(.*)$/su.exec(line);
  const program = found?.[1] ?? '';
  return { program: program.replace(/^.*\//, ''), message: found?.[2] ?? '', line };
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * "Tue May 20 10:00:00 2025", or without seconds or year, as instant (ms UTC): the probe runs in UTC. A year that is not
 * written is the latest one that does not lie in the future. Null where there is no such time.
 */
export function readLastTime(text: string, now: number | null): number | null {
  const found =
    /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d)(?::(\d\d))?(?: (\d{4}))?/.exec(text);
  if (found === null) return null;
  const [, name = '', day, hour, minute, second = '0', year] = found;
  const month = months.indexOf(name) + 1;
  if (month === 0) return null;
  const at = (y: number): number =>
    DateTime.utc(y, month, Number(day), Number(hour), Number(minute), Number(second)).toMillis();
  if (year !== undefined) return Number.isFinite(at(Number(year))) ? at(Number(year)) : null;
  if (now === null) return null;
  const thisYear = DateTime.fromMillis(now, { zone: 'utc' }).year;
  const guess = at(thisYear) > now + 86_400_000 ? at(thisYear - 1) : at(thisYear);
  return Number.isFinite(guess) ? guess : null;
}
