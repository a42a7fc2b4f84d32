import { canonicalIp } from '../addresses/ip.ts';
import { standIns } from './sample-names.ts';
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
 * proved. Throws nothing; where a name of `identity` would be left, the line that holds it is dropped.
 */
export function scrubSample(output: string, identity: Identity): string {
  const names = standIns();
  const lines = output
    .split('\n')
    .slice(0, mostLines)
    .map((line) => line.slice(0, longestLine));
  const accounts = accountsIn(lines, identity);
  const hosts = hostsIn(lines, identity);
  const known = { names, accounts: wordsOf(accounts), hosts: wordsOf(hosts) };
  const told = wordsOf([...identity.addresses, ...hosts, ...accounts]);
  const scrubbed = lines.filter(isOurs).map((line) => {
    const head = /^(?:exitdesk-probe (?:1|end)|f \S+ |[=#] \S+ \S+ ?)/.exec(line)?.[0] ?? '';
    const text = scrubRest(head.split(' '), line.slice(head.length), known);
    return `${head}${text.search(told) >= 0 ? '(left out)' : text}`;
  });
  return [...sampleNotice.map((line) => `; ${line}`), ...scrubbed, ''].join('\n');
}

const mostLines = 20_000;
const longestLine = 1_000;
/** More names than this no host has; what is beyond is left to the forms by which names are known. */
const mostNames = 1_000;

type Knowledge = { readonly names: StandIns; readonly accounts: RegExp; readonly hosts: RegExp };

/** A greeting of a login shell may stand before the script's lines: those are not ours to send. */
function isOurs(line: string): boolean {
  return /^(?:exitdesk-probe (?:1|end)|f \S+ .*|= \S+ \S+.*|# \S+ \S+.*)$/s.test(line);
}

function scrubRest([mark = '', name = '', kind = '']: readonly string[], text: string, known: Knowledge): string {
  switch (mark) {
    case 'f':
      return scrubFact(name, text, known);
    case '=':
      return scrubText(withoutArguments(name, kind, text, known.names), known);
    default:
      return scrubText(text, known);
  }
}

function scrubFact(name: string, value: string, known: Knowledge): string {
  if (name === 'kernel') return /^[\d.]+/.exec(value)?.[0] ?? '?';
  if (name === 'self-user') return known.names.account(value);
  return scrubText(value, known);
}

/** Arguments and commands are their owner's: of them the first word stays, and how many there were. */
function withoutArguments(part: string, kind: string, text: string, names: StandIns): string {
  const first = (words: string): string => {
    const [program = '', ...rest] = words.trim().split(/\s+/);
    return `${ownPath(program, names)}${rest.length > 0 ? ` (${rest.length} words)` : ''}`;
  };
  const cut = (pattern: RegExp): string | null => {
    const found = pattern.exec(text);
    return found === null ? null : `${found[1] ?? ''}${first(found[2] ?? '')}`;
  };
  switch (`${part} ${kind}`) {
    case 'processes ps':
      return (
        (/^USER|^\s*PID/.test(text)
          ? text
          : (cut(/^(\s*(?:\S+\s+){10})(.*)$/s) ?? cut(/^(\s*\d+\s+\S+\s+\S+\s+)(.*)$/s))) ?? '(left out)'
      );
    case 'processes args':
      return cut(/^(\d+ )(.*)$/s) ?? '(left out)';
    case 'processes stat':
    case 'processes own':
      return cut(/^((?:\S+ ){5})(.*)$/s) ?? '(left out)';
    case 'autostart job':
      return `${text.split(' ', 1)[0] ?? ''} ${first(text.replace(/^\S+ /, ''))}`;
    case 'autostart exec':
      return `${text.split(' ', 1)[0] ?? ''} ${first(text.replace(/^\S+ /, ''))}`;
    default:
      return text.replace(
        /\b(CMD \(|COMMAND=)(.*)$/s,
        (_all, before: string, words: string) => `${before}${first(words)}`,
      );
  }
}

/** Paths below what packages bring stay; anywhere else, each name of its own is a stand-in. */
function ownPath(word: string, names: StandIns): string {
  if (!word.startsWith('/')) return /^[a-z][\w.+:@()-]{0,30}$/i.test(word) || word.startsWith('[') ? word : '(a word)';
  if (/^\/(?:usr\/(?:s?bin|lib\w*|libexec|share)|s?bin|lib\w*|proc|sys|dev)\//.test(word)) return word;
  const known =
    /^\/(?:etc\/(?:[a-z.]+(?:\.d)?\/)*|var\/(?:log|spool|lib|run)\/|usr\/local\/(?:s?bin|lib|etc)\/|home\/|root\/|opt\/|tmp\/|run\/|srv\/)/.exec(
      word,
    )?.[0] ?? '/';
  const rest = word.slice(known.length).replace(/ \(deleted\)$/, '');
  if (rest === '' || systemFiles.test(rest)) return word;
  return `${known}${rest
    .split('/')
    .map((part) => (part === '' ? '' : names.path(part)))
    .join('/')}`;
}

const systemFiles =
  /^(?:passwd|group|shadow|sudoers|crontab|anacrontab|rc\.local|torrc|profile|wtmp(?:\.db)?|btmp|auth\.log|authlog|syslog|messages|secure|daemon(?:\.log)?|authorized_keys2?|\.ssh\/authorized_keys2?|\.profile|\.bashrc|\.bash_profile|ld\.so\.preload)$/;

/** Everything else: by form wherever it stands, and by the names that were found. */
function scrubText(text: string, { names, accounts, hosts }: Knowledge): string {
  const bySyntax = text
    .replace(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, (mail) =>
      /\.(?:service|timer|socket)$/.test(mail) ? mail : names.mail(mail.toLowerCase()),
    )
    .replace(
      /(?:SHA256:|MD5:|sha256:)?\b(?:[0-9a-f]{64}|(?:[0-9a-f]{2}:){15}[0-9a-f]{2})\b|SHA256:[A-Za-z0-9+/]{20,}=*/g,
      (key) => names.key(key),
    )
    .replace(/\[?[0-9a-f.]*:[0-9a-f:.]*:[0-9a-f:.]*(?:%[\w.-]+)?\]?|\b\d{1,3}(?:\.\d{1,3}){3}\b/gi, (word) =>
      scrubAddress(word, names),
    )
    .replace(
      /(^|[\s=:([,'"])(\/[^\s,:;'")\]]+)/g,
      (_all, before: string, path: string) => `${before}${ownPath(path, names)}`,
    )
    .replace(/(?<![\w./-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}(?![\w/-])/gi, (word) =>
      isFileName(word) ? word : names.host(word.toLowerCase()),
    );
  return bySyntax
    .replace(hosts, (word) => names.host(word.toLowerCase()))
    .replace(accounts, (word) => names.account(word));
}

function scrubAddress(word: string, names: StandIns): string {
  const open = word.startsWith('[') ? '[' : '';
  const close = word.endsWith(']') ? ']' : '';
  const bare = word.slice(open.length, word.length - close.length);
  if (canonicalIp(bare) !== null) return `${open}${names.address(bare)}${close}`;
  // "2001:db8::7:22", "198.51.100.7:22": a port behind it; a time of day ("03:12:44") is no address.
  const cut = bare.lastIndexOf(':');
  return cut > 0 && canonicalIp(bare.slice(0, cut)) !== null
    ? `${open}${names.address(bare.slice(0, cut))}${bare.slice(cut)}${close}`
    : word;
}

/** What has dots and is no host: units, files, versions. */
function isFileName(word: string): boolean {
  return (
    /\.(?:service|timer|socket|slice|scope|target|mount|path|conf|cfg|sh|py|pl|rb|so|log|db|list|daily|hourly|weekly|monthly|d|local|allow|deny|key|pub|old|real|gz|deb|example)$/i.test(
      word,
    ) || /^(?:user|host)\d/.test(word)
  );
}

/** The accounts that the output itself names, the longest first. */
function accountsIn(lines: readonly string[], identity: Identity): string[] {
  const found = lines.flatMap((line) => {
    const [mark, part = '', kind = '', ...words] = line.split(/\s+/);
    if (mark === 'f') return part === 'self-user' ? [kind] : [];
    if (mark !== '=') return [];
    const log = /\b(?:for|user|name=|session for|to root\)|User) ?'?([\w.-]+)'?(?: from|,| on |\(|$)/.exec(line)?.[1];
    const sudo = / sudo(?:\[\d+\])?:\s+([\w.-]+) :/.exec(line)?.[1];
    const home = [...line.matchAll(/\/(?:home|Users|var\/spool\/cron(?:\/crontabs)?)\/([\w.-]+)/g)].map(
      (m) => m[1] ?? '',
    );
    const job = /\((\S+)\) CMD/.exec(line)?.[1];
    const byKind: Readonly<Record<string, readonly string[]>> = {
      'accounts account': [words[0] ?? ''],
      'accounts open': [words[0] ?? ''],
      'accounts group': [words[0] ?? '', ...(words[1] ?? '').split(',')],
      'keys key': [words[0] ?? ''],
      'keys file': [words[0] ?? ''],
      'logins row': [words[0] ?? ''],
      'logins lastlog': [words[0] ?? ''],
      'sessions who': [words[0] ?? ''],
      'sessions loginctl': [words[0] ?? ''],
      'processes ps': [/^\d+$/.test(words[0] ?? '') ? (words[1] ?? '') : (words[0] ?? '')],
      'open-files listen': [words[1] ?? ''],
      'open-files conn': [words[1] ?? ''],
    };
    return [...(byKind[`${part} ${kind}`] ?? []), log ?? '', sudo ?? '', job ?? '', ...home];
  });
  const names = standIns();
  return longestFirst(
    [...found, ...identity.accounts].filter(
      (name) => /^[A-Za-z_][\w.+-]*\$?$/.test(name) && names.account(name) !== name,
    ),
  );
}

/** The names under which logs, `last` and `who` know machines. */
function hostsIn(lines: readonly string[], identity: Identity): string[] {
  const found = lines.flatMap((line) => {
    const logged = /^= \S+ line (?:\d{4}-\S+|\S+\s+\S+\s+\S+) (\S+) \S+:/.exec(line)?.[1];
    const from = /^= (?:logins (?:row|lastlog)|sessions who) \S+\s+\S+\s+([\w.-]+)\s/.exec(line)?.[1];
    const where = /^= sessions who .*\(([\w.-]+)\)\s*$/.exec(line)?.[1];
    return [logged ?? '', from ?? '', where ?? ''];
  });
  const isHost = (word: string): boolean =>
    word.length > 1 &&
    /[a-z]/i.test(word) &&
    !/^(?:system|Mon|Tue|Wed|Thu|Fri|Sat|Sun|tmux|still|pts|boot|localhost|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/.test(
      word,
    ) &&
    !/^\d{4}-\d\d-\d\d/.test(word) &&
    canonicalIp(word) === null;
  return longestFirst([...found.filter(isHost), ...identity.hosts]);
}

function longestFirst(words: readonly string[]): string[] {
  return [...new Set(words)].filter((word) => word !== '').sort((a, b) => b.length - a.length);
}

/** Any of these words, standing for itself; nothing where there is none. */
function wordsOf(words: readonly string[]): RegExp {
  if (words.length === 0) return /(?!)/g;
  return new RegExp(`(?<![\\w-])(?:${words.slice(0, mostNames).map(escaped).join('|')})(?![\\w-])`, 'gi');
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
