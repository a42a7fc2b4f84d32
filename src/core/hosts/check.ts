import type { HostFacts } from './host-facts.ts';

/** The host check (procedure.md §1.2): what a probe brings back, what it means, and the verdict. */

/** The parts of a check. Each is "done" by any named equivalent (ss or /proc for lsof, the journal for log files, wtmpdb for last). */
export const checkParts = [
  'logins', // last | wtmpdb
  'sessions', // who | loginctl | /run/utmp
  'processes', // ps auwx | /proc
  'open-files', // lsof | ss + /proc/*/fd
  'auth-log', // auth.log | secure | journal
  'syslog', // syslog | messages | journal
  'daemon-log', // daemon.log | journal
  // Beyond the procedure's list: what intruders leave.
  'accounts', // who may log in or become root
  'keys', // fingerprints of the keys that open accounts
  'autostart', // cron, units, rc files, preloaded libraries
  'packages', // programs that differ from their packages: dpkg | rpm
  'tor', // tor's own process, package and configuration
] as const;
export type CheckPart = (typeof checkParts)[number];

/** One line of the procedure's list: done and by what, or why not. */
export type PartResult = {
  readonly part: CheckPart;
  readonly required: boolean;
  readonly status: 'done' | 'empty' | 'missing' | 'denied' | 'failed';
  /** The equivalent that did it, for example "ss" or "journalctl"; null where none could. */
  readonly by: string | null;
  readonly note: string | null;
};

export type Severity = 'info' | 'notice' | 'suspicious';

/** Something the check saw. `line` is untrusted text from the host, escaped, at most 300 characters. */
export type Finding = {
  readonly rule: string;
  readonly severity: Severity;
  readonly part: CheckPart;
  readonly reason: string;
  readonly line: string;
};

export type Verdict = 'clean' | 'suspicious' | 'could-not-check';

/** The result that is stored and that a case relies on: findings and the lines that led to them, never dumps. */
export type HostCheck = {
  readonly node: string;
  /** ms UTC when the probe began, and how long it took. */
  readonly at: number;
  readonly tookMs: number;
  readonly verdict: Verdict;
  /** Why the verdict is not clean, one sentence each, in words for a handler. */
  readonly because: readonly string[];
  readonly parts: readonly PartResult[];
  readonly findings: readonly Finding[];
  /** Null where the probe did not come back; left out by checks of older versions. */
  readonly facts?: HostFacts | null;
  /** True where the cause is a host key that is unknown or changed: alerted at once. */
  readonly hostKeyTrouble: boolean;
};

/** What a transport (SSH or this machine) brings back: the probe script's output, or why there is none. Never throws. */
export type ProbeOutput =
  | { readonly ok: true; readonly text: string; readonly truncated: boolean; readonly tookMs: number }
  | {
      readonly ok: false;
      readonly reason:
        | 'unreachable'
        | 'timeout'
        | 'host-key-unknown'
        | 'host-key-changed'
        | 'auth-refused'
        | 'protocol'
        | 'cut-off'
        | 'output-cap'
        | 'key-unreadable';
      readonly detail: string;
      readonly tookMs: number;
    };

/** Which parts of the check a node requires; the default of procedure.md §3 is logins, sessions, processes, open files, one log. */
export type CheckRequirements = {
  readonly required: readonly CheckPart[];
  /** At least one of the three logs must be done. */
  readonly oneLog: boolean;
  /** Parts whose empty output is known to be right there (a bare container has no wtmp). */
  readonly emptyIsFine: readonly CheckPart[];
  /** Source addresses from which our own logins come, in canonical text. */
  readonly ownSources: readonly string[];
  /** Accounts that may log in without being a finding. */
  readonly ownAccounts: readonly string[];
  /** What was accepted as normal on this node; null or left out where nothing was yet. */
  readonly baseline?: Baseline | null;
  /** Findings that a handler looked at and cleared: the same line does not make the host suspicious again. */
  readonly cleared?: readonly Pick<Finding, 'rule' | 'line'>[];
};

/** What is normal on one node, as a handler accepted it: sets of lines, compared as they are. */
export type Baseline = {
  /** "account NAME UID SHELL", "group NAME MEMBERS", "sudoers SHA256 PATH", "suid PATH" of what runs as root for everybody */
  readonly accounts: readonly string[];
  /** "ACCOUNT SHA256:…" */
  readonly keys: readonly string[];
  /** "COMMAND PROTOCOL ADDRESS:PORT" */
  readonly listeners: readonly string[];
  /** "UID PROGRAM" of what had been running for minutes */
  readonly programs: readonly string[];
  /** "SHA256 PATH" of what starts by itself, and of tor's configuration */
  readonly files: readonly string[];
};
