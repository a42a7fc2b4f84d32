import type { Sighting } from '../addresses/find.ts';
import { isPrivate } from '../addresses/ip.ts';
import type { Clue } from './clues.ts';
import { cueAfter, cueBefore } from './cues.ts';
import type { CueHit, Spoken } from './cues.ts';
import type { Unit } from './material.ts';

/** Weights, in one place: a field's own label, a log format's position, a table column, words in prose. */
export const weights = {
  label: 4,
  column: 4,
  position: 3.5,
  nearLabel: 3,
  address: 2,
  prose: 2.5,
  farProse: 1.5,
  other: -3.5,
  /** At most this in the head of an attached mail: evidence, asked only where the report itself names nobody. */
  header: 1.4,
  bare: 0,
};

export type Verdict = {
  readonly weight: number;
  readonly because: string;
  /** It stands in one list with the address before it. */
  readonly sameList?: boolean;
  /** The words say expressly that this address did nothing. */
  readonly clears?: boolean;
};
/** The address before: `count` is how many stand in its line. */
export type Previous = { readonly line: number; readonly clue: Clue; readonly start: number; readonly count: number };

/** An address in its line: its neighbours in the line and the address before it in the text. */
export type InLine = {
  readonly unit: Unit;
  readonly line: number;
  readonly text: string;
  readonly count: number;
  readonly s: Sighting;
  readonly before: Sighting | undefined;
  readonly after: Sighting | undefined;
  readonly last: Previous | null;
};

/** What the words and signs around an address in a line say about it. */
export function lineVerdict(p: InLine, labels: Spoken): Verdict {
  if (p.unit.place === 'hidden') return { weight: weights.other, because: 'stands in hidden text' };
  const after = cueAfter(labels, p.text.slice(p.s.end, p.after?.start ?? p.text.length));
  if (after?.cue.role === 'other')
    return { weight: weights.other, because: `"${after.words}" behind it`, clears: true };
  const position = byPosition(p);
  if (position !== null && p.after !== undefined && position.weight > 0) {
    const remark = cueAfter(labels, p.text.slice(p.after.end));
    if (remark?.cue.id === 'not-yours-after')
      return { weight: weights.other, because: `"${remark.words}" behind its line` };
  }
  if (position !== null) return position;
  const left = p.text.slice(p.before?.end ?? 0, p.s.start);
  if (p.before !== undefined && isListGap(left) && p.last !== null) return inherited(p.last.clue);
  const hit = cueBefore(labels, left);
  // "Hello Anna, somebody attacks your server 192.0.2.1": said to whoever passed it on to us.
  const isTheirs = p.unit.depth > 0 && hit?.cue.id === 'yours-before';
  const own = weigh(isTheirs ? null : hit, after, isLogLine(p.text));
  const sameList = isSameColumn(p);
  // Rows that name another thing ("Attacker |", "Node |") are no list.
  if (own !== null) return { ...own, sameList: sameList && own.because === p.last?.clue.because };
  const above = fromAbove(p, labels);
  if (above !== null) return above;
  return { weight: isLogLine(p.text) && p.count === 1 ? 1.5 : weights.bare, because: 'stands in the text', sameList };
}

/**
 * The only address of its line, right below the only one of the line before: rows of one log or list; or the next item of a
 * list whose items have lines of their own below them.
 */
function isSameColumn(p: InLine): boolean {
  if (p.count !== 1 || p.last === null || p.last.count !== 1 || p.last.clue.unit !== p.unit) return false;
  const gap = p.line - p.last.line;
  const above = p.unit.lines[p.last.line] ?? '';
  if (gap === 1) return Math.abs(p.last.start - p.s.start) <= 2 || (isLogLine(p.text) && isLogLine(above));
  const before = p.text.slice(0, p.s.start);
  return gap > 1 && gap <= 8 && p.s.start <= 6 && above.slice(0, p.last.start) === before;
}

/** Positions that a format fixes: an access log's first field, both sides of an arrow, the clauses of a Received line. */
function byPosition(p: InLine): Verdict | null {
  const { text, s } = p;
  if (registryEntry.test(text))
    return { weight: weights.other, because: 'an entry of a network registry', clears: true };
  const received = /^[>\s]{0,4}(?:x-)?received(?::|-spf:)/i.test(text);
  if (received) return receivedSide(text, s);
  if (/\d(?:\.\d{1,3})? ms\b/.test(text.slice(s.end)) && !isLogLine(text))
    return { weight: -1.5, because: 'a hop of a route' };
  const isFirst = /^\s{0,4}(?:[\w.:-]+\s{1,2})?\[?$/.test(text.slice(0, s.start));
  if (isFirst && /^\]?,?\s(?:\S{1,40}\s){0,3}\[\d{1,2}\/\w{3}\/\d{4}/.test(text.slice(s.end, s.end + 200))) {
    return { weight: weights.position, because: 'the client of an access log line' };
  }
  if (
    isFirst &&
    p.count === 1 &&
    /["\s](?:GET|POST|HEAD|PUT|OPTIONS|CONNECT|PROPFIND) [/\w*]/.test(text.slice(s.end, s.end + 400))
  ) {
    return { weight: weights.position, because: 'the client of a request line' };
  }
  if (/^(?::\d{1,5})?\/(?:announce|scrape)\b/.test(text.slice(s.end, s.end + 20)))
    return { weight: -weights.position, because: 'a tracker' };
  // Exim: (HELO name) [address]; a HELO may be any lie, the address is the peer's.
  const left = text.slice(Math.max(0, s.start - 40), s.start);
  if (left.endsWith('([') && text.startsWith('])', s.end)) return { weight: -1.5, because: 'a HELO name' };
  if (/\)\s?\[$/.test(left) && isLogLine(text))
    return { weight: weights.nearLabel, because: 'the peer behind its HELO name' };
  if (/\bport \d{1,5} on \[?$/.test(left))
    return { weight: -weights.position, because: 'the listening side of an sshd line' };
  // ProFTPD: its own address, then the client twice: 203.0.113.1 (192.0.2.1[192.0.2.1]).
  if (left.endsWith('(') && text[s.end] === '[' && /proftpd/i.test(text))
    return { weight: weights.position, because: 'the client of an FTP log line' };
  if (/^ \(\S{3,60}\[/.test(text.slice(s.end, s.end + 64)) && /proftpd/i.test(text))
    return { weight: -weights.position, because: 'the server of an FTP log line' };
  if (/^[)\]]?->\//.test(text.slice(s.end, s.end + 4)))
    return { weight: -weights.position, because: 'the host of a log file' };
  if (/\bAccepted publickey for \S{1,40} from $/.test(left) && isLogLine(text))
    return { weight: -1, because: 'who logged in with a key' };
  if (/\b(?:log ?in|logon) \S{1,24}@$/i.test(left))
    return { weight: weights.position, because: 'who tried to log in, as user@address' };
  if (/[\w.]@\[?$/.test(left)) return { weight: -1, because: 'the host of a mailbox or SIP address' };
  return besideArrow(p) ?? inPair(p) ?? inStack(p);
}

/** A registry's answer about a network (RPSL, RFC 2622, or ARIN's form), pasted below a report. */
const registryEntry =
  /^[>%#\s]{0,6}(?:inet6?num|netrange|netname|cidr|descr|remarks?|route6?|mnt-[a-z]{2,12}|orgname|comment)\s?:\s/i;

/** "from … by …" (RFC 5321 §4.4): the sending side is one hop of the way that mail took, the receiving side never accused. */
function receivedSide(text: string, s: Sighting): Verdict {
  const by = text.search(/\sby\s/);
  return by >= 0 && s.start > by
    ? { weight: -2, because: 'the receiving side of a Received line' }
    : { weight: isPrivate(s.ip) ? 0.5 : 1, because: 'the sending side of a Received line' };
}

function besideArrow(p: InLine): Verdict | null {
  const { text, s } = p;
  const toRight = p.after === undefined ? text.slice(s.end, s.end + 14) : text.slice(s.end, p.after.start);
  if (isBackArrow(toRight)) return { weight: -weights.position, because: 'left of a backward arrow' };
  if (isArrow(toRight)) return { weight: weights.position, because: 'left of the arrow in a log line' };
  const toLeft = p.before === undefined ? '' : text.slice(p.before.end, s.start);
  if (isBackArrow(toLeft)) return { weight: weights.position, because: 'right of a backward arrow' };
  const isRight =
    isArrow(toLeft) || /(?:^|\s)(?:->|-->|=>|→)\s{0,3}\[?$/.test(text.slice(Math.max(0, s.start - 8), s.start));
  // "http://site.example -> 192.0.2.1" tells what a name resolves to.
  if (
    isRight &&
    p.before === undefined &&
    resolved.test(text.slice(Math.max(0, s.start - 80), s.start)) &&
    !isLogLine(text)
  )
    return { weight: weights.nearLabel, because: 'what a name resolves to' };
  return isRight ? { weight: -weights.position, because: 'right of the arrow in a log line' } : null;
}

/**
 * Two addresses side by side in a log line are source and destination, in this order in every firewall log that has no names for
 * them; an IIS log has the server first and the client behind the request.
 */
function inPair(p: InLine): Verdict | null {
  if (p.count !== 2) return null;
  const isFirst = p.after !== undefined;
  if (socketLine.test(p.text)) {
    return isFirst
      ? { weight: -weights.position, because: 'the local side of a list of sockets' }
      : { weight: weights.position, because: 'the remote side of a list of sockets' };
  }
  if (!isLogLine(p.text)) return null;
  const gap =
    p.after === undefined ? p.text.slice(p.before?.end ?? 0, p.s.start) : p.text.slice(p.s.end, p.after.start);
  if (/^\s(?:GET|POST|HEAD|PUT|OPTIONS)\s\S{1,500}\s\S{1,500}\s\d{1,5}\s\S{1,80}\s$/.test(gap)) {
    return isFirst
      ? { weight: -weights.position, because: 'the server of an IIS log line' }
      : { weight: weights.position, because: 'the client of an IIS log line' };
  }
  if (!/^(?::\d{1,5}|\s\d{1,5})?[,;|\s]{1,20}(?:\d{1,5}[,;|\s]{1,20})?"?$/.test(gap)) return null;
  return isFirst
    ? { weight: 2, because: 'the first of two in a log line' }
    : { weight: -2, because: 'the second of two in a log line' };
}

/** What netstat and ss print: state or protocol, two queues, the local and the remote address. */
const socketLine =
  /^\s{0,8}(?:(?:tcp|udp)[46]?\s{1,8})?(?:[A-Z][A-Z-]{3,11}\s{1,12})?\d{1,9}\s{1,12}\d{1,9}\s{1,12}[\da-f.:[\]%*]{3,50}\s{1,24}[\da-f.:[\]%*]{3,50}(?:\s|$)/i;

/** SonicWall's alerts: "address, port, interface" of the source on one line, of the destination on the next. */
function inStack({ text, s, last, line, unit }: InLine): Verdict | null {
  if (s.start > 2 || !stacked.test(text.slice(s.end, s.end + 30))) return null;
  const isSecond =
    last !== null && last.line === line - 1 && stacked.test((unit.lines[last.line] ?? '').slice(s.end - 6));
  return isSecond
    ? { weight: -weights.position, because: 'below the source in a firewall alert' }
    : { weight: weights.nearLabel, because: 'above the destination in a firewall alert' };
}

const stacked = /, \d{1,5}, [A-Z]\w{0,11}(?: -|,|$)/;

const resolved = /(?:^|[\s/.])[a-z\d-]{2,40}\.[a-z]{2,18}(?:\/\S{0,60})?\s{1,6}(?:->|=>|→)\s{0,6}$/i;

function isBackArrow(gap: string): boolean {
  return gap.length < 30 && /^[:\d\s]{0,8}(?:<-{1,2}|←|<=)\s/.test(gap);
}

function isArrow(gap: string): boolean {
  return (
    gap.length < 60 &&
    /(?:->|=>|→|➔|»| > |&gt;)/.test(gap) &&
    (gap.replace(/port|tcp|udp/gi, '').match(/[a-z]{3}/gi) ?? []).length < 3
  );
}

function weigh(before: CueHit | null, after: CueHit | null, log: boolean): Verdict | null {
  const a = before === null ? null : weightBefore(before, log);
  const b =
    after === null
      ? null
      : { weight: after.cue.role === 'source' ? weights.prose : -weights.prose, because: `"${after.words}" behind it` };
  if (a === null) return b;
  if (b === null) return a;
  // A remark such as "(that's you)" says it all.
  if (after?.cue.form === 'field') return b;
  // A label right in front decides; else the stronger of the two, and the closer word between equals.
  if (before?.distance === 0 && before.cue.form === 'field' && before.cue.role !== 'address') return a;
  if (after?.distance === 0 && (before?.distance ?? 0) > 0 && before?.cue.form !== 'field') return b;
  return Math.abs(b.weight) > Math.abs(a.weight) ? b : a;
}

function weightBefore(hit: CueHit, log: boolean): Verdict | null {
  const because = `"${hit.words}" before it`;
  const { role, form } = hit.cue;
  if (role === 'other') {
    const clears = hit.cue.id.startsWith('cleared') && hit.distance <= 2;
    return { weight: hit.distance <= 4 ? weights.other : -1.5, because, clears };
  }
  if (role === 'address') {
    const isVague =
      !/\bip|\bur[il]s?$|add?r|endere|indiriz|direcc|アドレス|адрес|cím|osoite|διεύθυνση|عنوان|آدرس|כתובת|주소|地址|位址/.test(
        hit.words,
      );
    const isMachine = /^(?:server|device|machine|node|system|appliance)\b/.test(hit.words);
    return { weight: hit.distance > 1 || isMachine ? 1 : isVague ? 1.2 : weights.address, because };
  }
  // "via=203.0.113.1" is a key of a log, no preposition.
  if (form === 'prose' && hit.isKey) return null;
  const sign = role === 'source' ? 1 : -1;
  if (form === 'field') {
    const near = hit.isLabel && hit.distance <= 5 ? weights.nearLabel : weights.farProse;
    return { weight: sign * (hit.distance === 0 ? weights.label : near), because };
  }
  if (hit.distance <= 1) return { weight: sign * (log ? weights.position : weights.prose), because };
  return { weight: sign * (hit.distance <= 4 && hit.words.length > 2 ? weights.farProse : 0.5), because };
}

/** No word in this line decides: the line above may be a label, a sentence that goes on, or a list of the same kind. */
function fromAbove(p: InLine, labels: Spoken): Verdict | null {
  if (p.before !== undefined) return null;
  const lines = p.unit.lines;
  if (p.last !== null && p.line - p.last.line <= 1 && p.last.line < p.line && sameShape(lines, p)) {
    return inherited(p.last.clue);
  }
  let above = p.line - 1;
  while (above >= 0 && above > p.line - 3 && (lines[above] ?? '').trim() === '') above--;
  const text = (lines[above] ?? '').trim();
  const blank = above < p.line - 1;
  const isLabel =
    /[:：]$/.test(text) ||
    (text.length < 30 && !/[.,;!?]$/.test(text) && labels.before.get(text.toLowerCase())?.[0]?.form === 'field');
  if (text === '' || (blank && !isLabel) || isLogLine(text)) return null;
  const hit = cueBefore(labels, `${text} ${p.text.slice(0, p.s.start)}`);
  const isItem = isLabel && /^[\s*•·–>-]{0,8}\[?$/.test(p.text.slice(0, p.s.start));
  if (hit === null) return isItem ? { weight: weights.farProse, because: 'first of a list' } : null;
  const verdict = weightBefore(hit, false);
  if (verdict === null) return null;
  // "IPs engaged in harvesting on your network:" announces accused addresses even with its cue some words back.
  if (isItem && (hit.cue.role === 'address' || hit.cue.role === 'source'))
    return { weight: Math.max(weights.prose, verdict.weight), because: verdict.because };
  if (isItem && hit.cue.form === 'prose' && hit.distance > 0)
    return { weight: weights.farProse, because: 'first of a list' };
  return { weight: verdict.weight * (isLabel && hit.distance === 0 ? 1 : 0.7), because: verdict.because };
}

function sameShape(lines: readonly string[], p: InLine): boolean {
  const mine = p.text.slice(0, p.s.start);
  const other = (lines[p.last?.line ?? 0] ?? '').slice(0, p.last?.start ?? 0);
  return !/\p{L}/u.test(mine) && !/\p{L}/u.test(other);
}

function inherited(clue: Clue): Verdict {
  return { weight: clue.weight, because: clue.because, sameList: true, clears: clue.clears };
}

/** Between two addresses of one list: separators, ports, counts, "and" in any language. */
function isListGap(gap: string): boolean {
  if (gap.length > 30) return false;
  const rest = gap.replace(/[\s,;/&|+*"'`()[\]<>{}、，．・:#\d-]/g, '').toLowerCase();
  return rest === '' || listWords.has(rest);
}

const listWords = new Set(
  'and or und oder et ou y e o u i a og och ja oraz lub és vagy și si sau и или та й або και ή ve veya و או ו と や および 及び または 와 과 및 和 或 以及 及 与 與 ip en of eller tai és nebo alebo aj also auch aussi sowie ainsique asícomo bemcomo nonché alsook samt atakže atiež valamint precumși кактои καθώςκαι атакже атакож ayrıca oltreché samtidigt'.split(
    ' ',
  ),
);

/** A line that a machine wrote: it has a clock time with seconds, or an epoch stamp. */
function isLogLine(text: string): boolean {
  return /\d{1,2}:\d{2}:\d{2}|^\[?1[4-9]\d{8}\b/.test(text);
}
