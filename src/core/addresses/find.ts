import { canonicalIp } from './ip.ts';

/** An address as it stands in a line: [start, end) without port, zone or brackets. */
export type Sighting = {
  readonly ip: string;
  readonly start: number;
  readonly end: number;
  readonly port: number | null;
};

const versionWord =
  /(?:version|versión|versione|versão|versie|wersja|verze|verzió|verzia|версия|версії|версия|sürüm|έκδοση|release|build|policy|firmware|plugin|plug-in|revision|\brev|\bver|\boid|版本|バージョン|버전)\.?(?:\s(?:is|ist|est|es|é|number|no\.?|nr\.?)){0,2}\s{0,2}[:=(]?\s{0,2}v?$/iu;

/**
 * All single addresses in one plain line (see plainLine), in order. Networks ("203.0.113.0/24"), ranges, versions
 * ("5.2.1.7" after a product), object ids, reverse names and host names with digits are no addresses.
 */
export function findAddresses(line: string): Sighting[] {
  const found: Sighting[] = [];
  if (/\d\.\d/.test(line)) for (const m of line.matchAll(/\d{1,3}(?:\.\d{1,3}){3}/g)) pushV4(line, m, found);
  if (/[\da-f]:[\da-f]*:|::/i.test(line)) {
    for (const m of line.matchAll(
      /(?<![\da-z_:.-])(?:(?:ipv6|ip|src|dst|source|client|host|addr|address|from|peer|remote|target):)?[\da-f:]{3,45}(?:\.\d{1,3}){0,3}/gi,
    ))
      pushV6(line, m, found);
  }
  return found.length < 2
    ? found
    : withoutRanges(
        line,
        found.sort((a, b) => a.start - b.start),
      );
}

function pushV4(line: string, m: RegExpExecArray, found: Sighting[]): void {
  const start = m.index;
  const end = start + m[0].length;
  const before = line.slice(Math.max(0, start - 60), start);
  const after = line.slice(end, end + 40);
  const ip = canonicalIp(m[0]);
  if (ip === null || ip.startsWith('0.') || ip.startsWith('255.255.')) return;
  if (/[\d.]$/.test(before) && !/[^\d.]\.$|^\.$/.test(before)) return;
  if (/^\d|^@[\w]|^\.[xX*]\b/.test(after)) return;
  if (/[a-z_§]$/i.test(before) && !/\b(?:ip|ipv4|from|host|addr|src|dst)$/i.test(before)) return;
  if (/[a-z]-$/i.test(before) && !/\b(?:ip|ipv4|src|source|from|host|addr)-$/i.test(before)) return;
  if (isProduct(before) || versionWord.test(before) || /\b(?:id|uuid|serial)[\s:#=]{1,3}$/i.test(before)) return;
  const port = tailOf(line, before, after, end);
  if (port !== 'none') found.push({ ip, start, end, port });
}

/** "Chrome/120.0.0.0": a product token, unless the slash belongs to a URL, a path or a protocol. */
function isProduct(before: string): boolean {
  if (!before.endsWith('/')) return false;
  const word =
    before
      .slice(0, -1)
      .split(/[^\w./:-]/)
      .at(-1) ?? '';
  const name = word.split('/').at(-1) ?? '';
  if (!/^[a-z]/i.test(name) || /^(?:tcp|udp|icmp|ip|inet|ipv4)$/i.test(name)) return false;
  // "ip/192.0.2.1" at the end of a path or URL, and host names, are no products.
  return word === name && !/\.[a-z]{2,}$/i.test(name) && !name.includes(':');
}

/** What follows an IPv4 address: its port, null, or 'none' where the whole is no single address after all. */
function tailOf(line: string, before: string, after: string, end: number): number | null | 'none' {
  if (/^\/\d/.test(after) && !/:\/\/(?:[^\s/]*@)?$/.test(before)) {
    const digits = /^\/(\d{1,5})(?![\d.])/.exec(after);
    const value = Number(digits?.[1] ?? 0);
    if (value === 32) return null;
    // Cisco writes "src outside:192.0.2.1/443": after a zone and a colon it is a port.
    if (value < 32 && !/[a-z]:$/i.test(before)) return 'none';
    return digits === null ? null : value;
  }
  if (/^\.\d/.test(after)) {
    // tcpdump writes address.port, always with a direction in the line.
    const port = /^\.(\d{1,5})(?=[\s:,>]|$)/.exec(after);
    return port !== null && / (?:>|->|<) /.test(line) && Number(port[1]) < 65536 ? Number(port[1]) : 'none';
  }
  if (/^[.-][a-z][\w-]*\.[a-z]|^\.(?:in-addr|[a-z][\w-]*(?:\.|\s|$))/.test(after)) return 'none';
  if (/^-\d{1,3}(?![\d.])/.test(after) && !/^-\d{1,3}[:-]/.test(after)) return 'none';
  return portAfter(line.slice(end, end + 24));
}

function portAfter(after: string): number | null {
  const port = /^\]?[:#](\d{1,5})(?!\d|:\d|\.\d)|^\]?,? (?:source )?port:? (\d{1,5})\b/i.exec(after);
  const value = Number(port?.[1] ?? port?.[2] ?? 0);
  return value > 0 && value < 65536 ? value : null;
}

function pushV6(line: string, m: RegExpExecArray, found: Sighting[]): void {
  const skip =
    /^(?:ipv6|ip|src|dst|source|client|host|addr|address|from|peer|remote|target):/i.exec(m[0])?.[0].length ?? 0;
  const raw = m[0].slice(skip);
  if (!raw.includes('::') && raw.split(':').length < (raw.includes('.') ? 7 : 8)) return;
  const start = m.index + skip;
  for (const text of shapesOf(raw)) {
    const ip = canonicalIp(text);
    if (ip === null) continue;
    const end = start + text.length;
    const after = line.slice(end, end + 24);
    if (/^[g-z_]/i.test(after) || ip === '::') return;
    const prefix = /^(?:%[\w.-]{1,15})?\/(\d{1,3})(?!\d)/.exec(after);
    if (prefix !== null && Number(prefix[1]) < 128) return;
    for (let i = found.length - 1; i >= 0; i--) {
      const other = found[i];
      if (other !== undefined && other.start >= start && other.end <= end) found.splice(i, 1);
    }
    const ninth = raw.length > text.length ? /^:(\d{1,5})$/.exec(raw.slice(text.length)) : null;
    found.push({ ip, start, end, port: ninth === null ? portAfter(after) : Number(ninth[1]) });
    return;
  }
}

/** The run as it is, without a sentence's colon or dots, and without a ninth group (a port). */
function shapesOf(raw: string): string[] {
  const undotted = raw.replace(/(?:\.\d{1,3}){1,2}$/, '');
  const parts = raw.split(':');
  return [raw, raw.replace(/:$/, ''), undotted, ...(parts.length === 9 ? [parts.slice(0, 8).join(':')] : [])];
}

/** "198.51.100.4 - 198.51.100.9": first and last of a range are no single addresses. */
function withoutRanges(line: string, found: readonly Sighting[]): Sighting[] {
  const ends = new Set<Sighting>();
  for (let i = 1; i < found.length; i++) {
    const [a, b] = [found[i - 1], found[i]];
    if (a === undefined || b === undefined || !/^\s?(?:-|–|\.\.\.?)\s?$/.test(line.slice(a.end, b.start))) continue;
    if (isRange(a.ip, b.ip)) {
      ends.add(a);
      ends.add(b);
    }
  }
  return ends.size === 0 ? [...found] : found.filter((s) => !ends.has(s));
}

function isRange(a: string, b: string): boolean {
  if (a.includes(':') || b.includes(':')) return a.split(':')[0] === b.split(':')[0];
  const [x, y] = [a.split('.').map(Number), b.split('.').map(Number)];
  if (x[0] !== y[0] || x[1] !== y[1]) return false;
  const at = x.findIndex((part, i) => part !== y[i]);
  return at >= 0 && (y[at] ?? 0) > (x[at] ?? 0);
}
