import type { HostProcess, HostView } from '../host-view.ts';
import type { HostRule } from '../rule.ts';

/** What runs. An ordinary system upgrades its programs while they run, and starts scripts of packages for moments from /tmp. */
export const processRules: readonly HostRule[] = [
  {
    id: 'program-in-open-folder',
    part: 'processes',
    severity: 'suspicious',
    reason: 'A program runs from a folder where anybody may write',
    find: (host) => processes(host, (p) => p.exe !== null && isInOpenFolder(p.exe) && !isRuntime(host, p)),
  },
  {
    id: 'program-deleted',
    part: 'processes',
    severity: 'suspicious',
    reason: 'A program runs whose file was deleted, and no upgrade of packages explains it',
    find: (host) => processes(host, deletedHow(host, 'unexplained')),
  },
  {
    id: 'program-replaced',
    part: 'processes',
    severity: 'info',
    reason: 'A program still runs in the version from before an upgrade',
    find: (host) => processes(host, deletedHow(host, 'upgraded')),
  },
  {
    id: 'program-in-memory',
    part: 'processes',
    severity: 'suspicious',
    reason: 'A program runs that exists in memory only',
    find: (host) => processes(host, (p) => inMemory(p) && !isRuntime(host, p)),
  },
  {
    id: 'program-in-memory-of-runtime',
    part: 'processes',
    severity: 'info',
    reason: 'The program from which this very session descends exists in memory only, as some container runtimes do',
    find: (host) =>
      [...host.processes.values()].filter((p) => inMemory(p) && isRuntime(host, p)).map((p) => p.exe ?? ''),
  },
  {
    id: 'program-in-hidden-folder',
    part: 'processes',
    severity: 'suspicious',
    reason: 'A program runs from a hidden folder or file of the system',
    find: (host) =>
      processes(
        host,
        (p) =>
          p.exe !== null &&
          /^\/(?:usr|etc|var\/(?:log|spool|cache|run)|lib|lib64|bin|sbin|dev|run|boot)\/(?:.*\/)?\.[^/]/.test(p.exe),
      ),
  },
  {
    id: 'poses-as-kernel-thread',
    part: 'processes',
    severity: 'suspicious',
    reason: 'An ordinary process poses as a thread of the kernel',
    find: (host) => processes(host, posesAsKernel),
  },
  {
    id: 'known-bad-program',
    part: 'processes',
    severity: 'suspicious',
    reason: 'A process has the name or the arguments of a known coin miner, scanner or backdoor',
    find: (host) =>
      processes(
        host,
        (p) => knownBadName.test(baseName(p)) || knownBadName.test(p.name) || minerArguments.test(p.args ?? ''),
      ),
  },
  {
    id: 'reverse-shell',
    part: 'processes',
    severity: 'suspicious',
    reason: 'A process has the arguments of a shell that is bound to the network',
    find: (host) => processes(host, (p) => opensReverseShell(p.args ?? '')),
  },
  {
    id: 'download-to-shell',
    part: 'processes',
    severity: 'suspicious',
    reason: 'A process feeds a download or a decoded text to a shell',
    find: (host) => processes(host, (p) => runsDownload(p.args ?? '')),
  },
  {
    id: 'script-in-open-folder',
    part: 'processes',
    severity: 'suspicious',
    reason: 'A script has been running for more than ten minutes from a folder where anybody may write',
    find: (host) => processes(host, (p) => runsOpenScript(p) && !isRuntime(host, p) && (p.ageSeconds ?? 601) > 600),
  },
  {
    id: 'script-in-open-folder-briefly',
    part: 'processes',
    severity: 'notice',
    reason: 'A script runs from a folder where anybody may write, since less than ten minutes',
    find: (host) => processes(host, (p) => runsOpenScript(p) && !isRuntime(host, p) && (p.ageSeconds ?? 601) <= 600),
  },
  {
    id: 'hidden-from-ps',
    part: 'processes',
    severity: 'suspicious',
    reason: 'The kernel knows a process that ps does not show',
    find: hiddenFromPs,
  },
  {
    id: 'arguments-erased',
    part: 'processes',
    severity: 'notice',
    reason: 'A process has erased its own arguments',
    find: (host) => processes(host, (p) => p.args?.trim() === '' && p.exe !== null && !deletedMark.test(p.exe)),
  },
];

/** A command (without schedule or user before it) as no cron job or unit of a clean host holds. */
export function isBadCommand(command: string): boolean {
  return (
    runsDownload(command) ||
    minerArguments.test(command) ||
    opensReverseShell(command) ||
    openFolderCommand.test(command)
  );
}

/** Is this a path below a folder where anybody, or any account of its own, may write? */
export function isInOpenFolder(path: string): boolean {
  return openFolder.test(path);
}

/**
 * The same program as one from which the probe descends: what brought up the whole environment in which the desk's login runs
 * (a container runtime, a test runner). An sshd is not taken for that: it may be the intruder's own.
 */
export function isRuntime(host: HostView, p: HostProcess | undefined): boolean {
  if (p === undefined || p.exe === null || p.name.startsWith('sshd')) return false;
  return [...host.ancestors].some((pid) => host.processes.get(pid)?.exe === p.exe);
}

const openFolder = /^\/(?:tmp|var\/tmp|dev\/shm|run\/shm|dev\/mqueue|run\/user)\//;
const openFolderCommand =
  /(?:^|[;&|(]|\b(?:sh|bash|dash|nohup|exec|setsid|perl|python[\d.]*)\s)\s*\/(?:tmp|var\/tmp|dev\/shm|run\/shm)\/\S/;
const deletedMark = / \(deleted\)$/;
const packaged = /^\/(?:usr\/(?:bin|sbin|lib|lib64|libexec|share)|bin|sbin|lib|lib64)\//;

const knownBadName =
  /^(?:xmrig|xmr-stak|minerd|cpuminer|ccminer|ethminer|nbminer|t-rex|lolminer|kinsing|kdevtmpfsi|kthrotlds|watchbog|sysrv\d*|ddgs?\.\d+|masscan|zmap|pnscan|tsm(?:32|64)|dota\d?|rsync-miner|stealth|tinyshell|bvp47|diamorphine|reptile|bpfdoor|chisel|gost)$/i;
const minerArguments =
  /\bstratum\+(?:tcp|ssl|tls)\b|--donate-level\b|\bpool\.(?:minexmr|supportxmr|hashvault)\b|--coin[= ]monero\b/i;
/** Signs that stand in a command one behind the other: a single pattern with ".*" between them would take quadratic time. */
type Signs = readonly RegExp[];
const reverseShells: readonly Signs[] = [
  [/\/dev\/(?:tcp|udp)\/[^\s/]+\/\d+/],
  [
    /(?:^|[\s/])(?:nc|ncat|netcat)(?:\.\w+)?(?= )/,
    / (?:-[a-z]*[ec] \S*sh\b|-[abdf-z]*[ec]\S*sh\b|--(?:exec|sh-exec)\b)/,
  ],
  [/\bsocat\b/i, /\b(?:exec|system):["']?(?:\/[^\s:]*\/)?(?:ba|da|z)?sh\b/i],
  [/\bpty\.spawn\(/],
  [/\bsocket\b/, /\b(?:dup2|subprocess|exec)\b/, /\/(?:ba|da)?sh\b/],
  [/\bmkfifo\b/, /\|/, /\b(?:nc|ncat|telnet|openssl)\b/],
];
const downloadThenShell: Signs = [
  /\b(?:curl|wget|fetch|base64 -d|base64 --decode)\b/,
  /\|\s*(?:sudo\s+)?(?:\/[^\s|]*\/)?(?:ba|da|z|k)?sh\b/,
];
const shellOfDownload = /\b(?:ba|da|z)?sh\s+<\(\s*(?:curl|wget)\b|\b(?:ba)?sh -c ["']?\$\((?:curl|wget)\b/;
const kernelName =
  /^\[?(?:(?:kworker|ksoftirqd|migration|cpuhp|idle_inject|irq|jbd2)\/|rcu_(?:preempt|sched|bh|gp|par_gp|exp|tasks)|kswapd\d|scsi_eh_|md\d+_|ata_sff|mm_percpu_wq|kthreadd|khugepaged|kdevtmpfs|khungtaskd|kauditd|kcompactd|oom_reaper|kblockd|kthrotld|kintegrityd|ksmd\b)/;
const interpreter =
  /^(?:\/\S*\/)?(?:sh|bash|dash|zsh|ash|perl|python[\d.]*|php[\d.]*|ruby[\d.]*|node|lua[\d.]*)\s+(?:-[a-zA-Z]+\s+)*(\/\S+)/;

function opensReverseShell(command: string): boolean {
  return reverseShells.some((signs) => holdsInTurn(command, signs));
}

function runsDownload(command: string): boolean {
  return command.split(/[;&]/).some((one) => holdsInTurn(one, downloadThenShell)) || shellOfDownload.test(command);
}

function holdsInTurn(command: string, signs: Signs): boolean {
  let rest = command;
  return signs.every((sign) => {
    const found = sign.exec(rest);
    if (found !== null) rest = rest.slice(found.index + found[0].length);
    return found !== null;
  });
}

function processes(host: HostView, fires: (process: HostProcess) => boolean): readonly string[] {
  return [...host.processes.values()].filter((p) => !p.kernel && fires(p)).map((p) => quoted(p));
}

/** What ps shows of a process may be a lie of its own arguments; the program is told beside it. */
function quoted(p: HostProcess): string {
  return p.exe === null || p.line.includes(p.exe) ? p.line : `${p.line} (program: ${p.exe})`;
}

function baseName(p: HostProcess): string {
  return (p.exe ?? '').replace(deletedMark, '').replace(/^.*\//, '');
}

function inMemory(p: HostProcess): boolean {
  return p.exe !== null && p.exe.startsWith('/memfd:') && !/^\/memfd:(?:runc_cloned|crun_cloned|lxc)/.test(p.exe);
}

/** A file that is there again, or packages that changed after the process began, explain a program without its file. */
function deletedHow(host: HostView, how: 'upgraded' | 'unexplained'): (process: HostProcess) => boolean {
  const again = new Set(host.rows('processes', 'again'));
  const packagesChanged = Number(host.facts.get('packages-changed'));
  return (p) => {
    if (p.exe === null || !deletedMark.test(p.exe) || p.exe.startsWith('/memfd:') || isInOpenFolder(p.exe))
      return false;
    const began = host.now === null || p.ageSeconds === null ? null : host.now / 1000 - p.ageSeconds;
    const upgraded = packaged.test(p.exe) && began !== null && packagesChanged > 0 && packagesChanged >= began;
    return (again.has(p.pid) || upgraded ? 'upgraded' : 'unexplained') === how;
  };
}

/** True where the name is one of the kernel's own threads but the process has a program or arguments, which those never have. */
function posesAsKernel(p: HostProcess): boolean {
  if (p.args !== null && p.args.startsWith('[') && kernelName.test(p.args)) return true;
  return kernelName.test(p.name) && p.exe !== null && !packaged.test(p.exe);
}

function runsOpenScript(p: HostProcess): boolean {
  const script = interpreter.exec(p.args ?? '')?.[1];
  return script !== undefined && isInOpenFolder(script);
}

/** Processes that /proc showed before and after ps ran, and ps itself did not. Nothing is said where the lists were cut. */
function hiddenFromPs(host: HostView): readonly string[] {
  const shown = new Set(host.rows('processes', 'pids').flatMap((row) => row.split(' ')));
  if (shown.size < 2) return [];
  const before = new Set(host.rows('processes', 'before').flatMap((row) => row.split(' ')));
  return [...host.processes.values()]
    .filter((p) => before.has(p.pid) && !shown.has(p.pid) && (p.ageSeconds ?? 0) > 2)
    .map(quoted);
}
