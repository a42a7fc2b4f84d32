import { canonicalIp } from '../addresses/ip.ts';
import { checkParts } from './check.ts';
import { isCommonAccount, standIns } from './sample-names.ts';
import type { StandIns } from './sample-names.ts';

/** What the desk knows of the node and of itself, none of which a sample may name. */
export type Identity = {
  readonly addresses: readonly string[];
  readonly hosts: readonly string[];
  readonly accounts: readonly string[];
};

export const sampleNotice: readonly string[] = [
  'A sample of what the host check of exitdesk brings back from one host, to find out whether it works on such a system.',
  'Kept: the form of each line, names of systems, programs of the system itself and their versions, times, numbers of processes and ports.',
  'Replaced, the same by the same: addresses (by ones for documentation), names of hosts, accounts that not every system has,',
  'digests of keys and files, mail addresses, files and programs of your own. Left out: the arguments of programs and jobs, and',
  'everything that the check itself never brings (see docs/node-setup.md). Read it before you send it.',
];

/**
 * The output of a probe without whose host it is: what may be sent to the project from a system on which the check is not
 * proved. Throws nothing. Where a name of `identity` would be left, the text of that line is left out; of an output that is not
 * the script's nothing is taken.
 */
export function scrubSample(output: string, identity: Identity): string {
  const names = standIns();
  const lines = linesOfScript(output).map((line) => line.slice(0, longestLine));
  const accounts = accountsIn(lines, identity);
  const hosts = hostsIn(lines, identity);
  const known = { names, accounts: new Set(accounts), hosts: new Set(hosts), programs: programsIn(lines) };
  // Whatever form they had in, the names that the desk knows must be gone.
  const told = [...identity.addresses, ...identity.hosts, ...identity.accounts]
    .filter((word) => word.length > 2 && !isCommonAccount(word))
    .map((word) => word.toLowerCase());
  const isTold = (text: string): boolean => told.some((word) => holds(text.toLowerCase(), word));
  const scrubbed = lines.map((line) => {
    const head = /^(?:exitdesk-probe (?:1|end)|f \S+ |[=#] \S+ \S+ ?)/.exec(line)?.[0] ?? '';
    const text = scrubRest(head.split(' '), line.slice(head.length), known);
    return `${head}${isTold(text) ? '(left out)' : text}`;
  });
  return [...sampleNotice.map((line) => `; ${line}`), ...scrubbed, ''].join('\n');
}

/** A plain word has to stand for itself ("sys" is not in "system"); anything else, as an address or a name with dots, in any place. */
function holds(text: string, word: string): boolean {
  return text.includes(word) && (!/^[a-z0-9]+$/.test(word) || text.split(/[^a-z0-9]+/).includes(word));
}

const mostLines = 20_000;
const longestLine = 1_000;

type Knowledge = {
  readonly names: StandIns;
  readonly accounts: ReadonlySet<string>;
  readonly hosts: ReadonlySet<string>;
  /** Names of running programs that packages bring. */
  readonly programs: ReadonlySet<string>;
};

/** From the script's first line to its last, those of its forms: a greeting of a login shell before it, or anything between, is not ours to send. */
function linesOfScript(output: string): readonly string[] {
  const lines = output.split('\n');
  const start = lines.indexOf('exitdesk-probe 1');
  if (start < 0) return [];
  const end = lines.indexOf('exitdesk-probe end', start);
  return lines
    .slice(start, end < 0 ? undefined : end + 1)
    .slice(0, mostLines)
    .filter(isScriptLine);
}

function isScriptLine(line: string): boolean {
  const match = /^(?:exitdesk-probe (?:1|end)$|f [a-z-]+ |[=#] ([a-z-]+) [a-z]+(?: |$))/.exec(line);
  if (match === null) return false;
  const part = match[1];
  return part === undefined || checkParts.some((one) => one === part);
}

function scrubRest([mark = '', name = '', kind = '']: readonly string[], text: string, known: Knowledge): string {
  switch (mark) {
    case 'f':
      if (name === 'kernel') return /^[\d.]+/.exec(text)?.[0] ?? '?';
      if (name === 'init') return replaceWord(text, 0, known);
      return name === 'self-user' ? known.names.account(text) : scrubText(text, known);
    case '=':
      return scrubText(withoutArguments(`${name} ${kind}`, text, known), known);
    default:
      return scrubText(text, known);
  }
}

/** Arguments and commands are their owner's: of them the first word stays, and how many there were. */
function withoutArguments(kind: string, text: string, known: Knowledge): string {
  switch (kind) {
    case 'processes ps': {
      if (/^\s*(?:USER|PID)\b/.test(text)) return text;
      // "USER PID" and eight more columns before the command; of BusyBox "PID USER" and at most one.
      const columns = /^\s*\d/.test(text) ? 2 : 10;
      return firstOf(text, columns, known);
    }
    case 'processes args':
      return firstOf(text, 1, known);
    case 'processes stat':
    case 'processes own':
      return firstOf(text, 5, known);
    case 'autostart job':
    case 'autostart exec':
      return firstOf(text, 1, known);
    case 'open-files listen':
    case 'open-files conn':
      return replaceWord(text, 2, known);
    default: {
      const command = /\bCMD \(|\bCOMMAND=/.exec(text);
      if (command === null) return text;
      const at = command.index + command[0].length;
      return `${text.slice(0, at)}${firstOf(text.slice(at), 0, known)}`;
    }
  }
}

/** So many columns, then the first word of the rest and how many there are behind it. */
function firstOf(text: string, columns: number, known: Knowledge): string {
  const words = text.trim().split(/\s+/);
  const rest = words.length - columns - 1;
  return `${replaceWord(words.slice(0, columns + 1).join(' '), columns, known)}${rest > 0 ? ` (and ${rest} more)` : ''}`;
}

/** The word at this place is a program: one without a path stays where a package brings a program of that name. */
function replaceWord(text: string, place: number, { names, programs }: Knowledge): string {
  const words = text.split(' ');
  const word = words[place];
  const name = /^[-(]?([^():]*)/.exec(word ?? '')?.[1] ?? '';
  if (word === undefined || /^(?:[\d/[{*@-]|$)/.test(word) || programs.has(name)) return text;
  return words.map((w, i) => (i === place ? names.own(name) : w)).join(' ');
}

function programsIn(lines: readonly string[]): ReadonlySet<string> {
  const names = lines.map(
    (line) => /^= processes exe \d+ \/(?:usr\/)?(?:s?bin|lib\w*|libexec)\/(?:\S*\/)?([^\s/]+)/.exec(line)?.[1] ?? '',
  );
  return new Set([...names, 'init', 'sd-pam', 'tor', 'sshd', 'sh', 'PID', 'COMMAND']);
}

function scrubText(text: string, known: Knowledge): string {
  return text.replace(/[^\s,;'"()=<>{}|]+/g, (token) => scrubToken(token, known));
}

/** By its form, and by the names that were found elsewhere. */
function scrubToken(token: string, known: Knowledge): string {
  const { names, hosts } = known;
  const bare = token.replace(/[.:!]$/, '');
  const end = token.slice(bare.length);
  if (/^(?:SHA256|MD5|sha256):|^[0-9a-f]{32,}$|^[0-9a-f]{2}(?::[0-9a-f]{2}){5,}$/i.test(bare))
    return `${names.key(bare)}${end}`;
  const address = scrubAddress(bare, names);
  if (address !== null) return `${address}${end}`;
  if (bare.includes('://')) return '(a link)';
  const domain = bare.slice(bare.lastIndexOf('@') + 1);
  if (domain !== bare && isHostName(domain)) return `${names.mail(bare.toLowerCase())}${end}`;
  if (bare.startsWith('/')) return `${scrubPath(bare, known)}${end}`;
  if (hosts.has(bare.toLowerCase()) || isHostName(bare)) return `${names.host(bare.toLowerCase())}${end}`;
  return `${scrubWords(bare, known)}${end}`;
}

/** Names inside a token: all of it, what stands between other signs, and the pieces of those. */
function scrubWords(text: string, { names, accounts, hosts }: Knowledge): string {
  const standIn = (word: string): string | null =>
    accounts.has(word) ? names.account(word) : hosts.has(word.toLowerCase()) ? names.host(word.toLowerCase()) : null;
  return text.replace(
    /[\w.+$-]+/g,
    (word) =>
      standIn(word) ??
      word.replace(/[\w-]+/g, (part) => standIn(part) ?? part.replace(/\w+/g, (piece) => standIn(piece) ?? piece)),
  );
}

/** "ADDRESS", with a port behind ":" or, as the BSDs write it, "."; in brackets; with a prefix length. Null for anything else. */
function scrubAddress(word: string, names: StandIns): string | null {
  const inBrackets = /^\[([0-9a-f:.%a-z]+)\](.*)$/i.exec(word);
  if (inBrackets !== null)
    return canonicalIp(inBrackets[1] ?? '') === null
      ? null
      : `[${names.address(inBrackets[1] ?? '')}]${inBrackets[2] ?? ''}`;
  if (canonicalIp(word) !== null) return names.address(word);
  const at = Math.max(word.lastIndexOf(':'), word.lastIndexOf('.'), word.lastIndexOf('/'));
  if (at <= 0 || !/^[\d*]+$/.test(word.slice(at + 1)) || canonicalIp(word.slice(0, at)) === null) return null;
  return `${names.address(word.slice(0, at))}${word.slice(at)}`;
}

/** Paths of what packages bring stay; anywhere else, each name of its own has a stand-in. */
function scrubPath(path: string, known: Knowledge): string {
  if (/^\/(?:usr\/(?:s?bin|lib\w*|libexec|share)|s?bin|lib\w*|proc|sys|dev)\//.test(path))
    return scrubWords(path, known);
  const { names, accounts } = known;
  return path
    .split('/')
    .map((part) =>
      part === '' || commonNames.has(part) ? part : accounts.has(part) ? names.account(part) : names.own(part),
    )
    .join('/');
}

const commonNames: ReadonlySet<string> = new Set(
  'etc var log spool lib run usr local bin sbin home root opt tmp srv mail cron crontabs cron.d cron.hourly cron.daily cron.weekly cron.monthly systemd system init.d rc.d rc.local profile.d modules-load.d ssh sshd_config sshd_config.d sudoers sudoers.d passwd group shadow crontab anacrontab tor torrc torrc.d instances profile .profile .bashrc .bash_profile .ssh authorized_keys authorized_keys2 wtmp wtmp.db wtmpdb btmp auth.log authlog syslog messages secure daemon daemon.log ld.so.preload exitdesk probe'.split(
    ' ',
  ),
);

/** With dots, and not the name of a unit, a file or a version. */
function isHostName(word: string): boolean {
  if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i.test(word) || !/\.[a-z]{2,24}$/i.test(word)) return false;
  return !/\.(?:service|timer|socket|slice|scope|target|mount|path|conf|cfg|sh|py|pl|rb|so|log|db|list|daily|hourly|weekly|monthly|local|allow|deny|key|pub|old|real|gz|deb)$/i.test(
    word,
  );
}

/** The accounts that the output itself names. */
function accountsIn(lines: readonly string[], identity: Identity): string[] {
  const found = lines.flatMap((line) => {
    const [mark, part = '', kind = '', ...words] = line.split(/\s+/);
    if (mark === 'f') return part === 'self-user' ? [kind] : [];
    if (mark !== '=') return [];
    const first = words[0] ?? '';
    switch (`${part} ${kind}`) {
      case 'accounts account':
      case 'accounts open':
      case 'keys key':
      case 'keys file':
      case 'logins row':
      case 'logins lastlog':
      case 'sessions who':
      case 'sessions loginctl':
        return [first, ...homesIn(line)];
      case 'accounts group':
        return [first, ...(words[1] ?? '').split(',')];
      case 'processes ps':
        return [/^\d+$/.test(first) ? (words[1] ?? '') : first, ...homesIn(line)];
      case 'open-files listen':
      case 'open-files conn':
        return [words[1] ?? ''];
      default:
        return kind === 'line' ? [...loggedIn(line), ...homesIn(line)] : homesIn(line);
    }
  });
  const all = [...found, ...identity.accounts].filter((name) => /^[A-Za-z_][\w.+-]*\$?$/.test(name));
  return [...new Set(all)].filter((name) => !isCommonAccount(name));
}

const before: ReadonlySet<string> = new Set(['for', 'user', 'User', 'name', 'by', 'add', 'group', 'sudo']);
const noAccount: ReadonlySet<string> = new Set([
  'user',
  'invalid',
  'from',
  'to',
  'group',
  'shadow',
  'session',
  'by',
  'new',
  'password',
]);

/** What a line of a log calls an account: the word behind "for", "user" and the like, and before "CMD". */
function loggedIn(line: string): string[] {
  const words = line.split(/[\s'(),;:=[\]]+/);
  return words.filter((word, i) => {
    if (noAccount.has(word)) return false;
    const last = words[i - 1] ?? '';
    return (
      before.has(last) ||
      words[i + 1] === 'CMD' ||
      (last === 'root' && words[i - 2] === 'to') ||
      /^sudo$/.test(words[i - 2] ?? '')
    );
  });
}

function homesIn(line: string): string[] {
  return [...line.matchAll(/\/(?:home|Users|crontabs)\/([\w.-]+)/g)].map((m) => m[1] ?? '');
}

/** The names under which logs, `last` and `who` know machines. */
function hostsIn(lines: readonly string[], identity: Identity): string[] {
  const found = lines.flatMap((line) => {
    const logged = /^= \S+ line (?:\d{4}-\S+|\S+\s+\S+\s+\S+) (\S+) \S+:/.exec(line)?.[1];
    const from = /^= (?:logins (?:row|lastlog)|sessions who) \S+\s+\S+\s+([\w.-]+)\s/.exec(line)?.[1];
    const where = /^= sessions who .*\(([\w.-]+)\)\s*$/.exec(line)?.[1];
    return [logged ?? '', from ?? '', where ?? ''];
  });
  return [...new Set([...found.filter(isMachine), ...identity.hosts].map((name) => name.toLowerCase()))].filter(
    (name) => name !== '',
  );
}

function isMachine(word: string): boolean {
  if (!/[a-z]/i.test(word) || /^\d{4}-\d\d-\d\d/.test(word) || canonicalIp(word) !== null) return false;
  return !/^(?:system|Mon|Tue|Wed|Thu|Fri|Sat|Sun|tmux|still|pts|boot|localhost|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|.$)/.test(
    word,
  );
}
