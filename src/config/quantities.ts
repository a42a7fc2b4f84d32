/** How the configuration writes durations, sizes, instants and addresses, each as a zod schema from text to a value. */
import { isIP } from 'node:net';
import { DateTime, Duration } from 'luxon';
import { z } from 'zod';
import { canonicalIp, networkOf, parsePrefix } from '../core/addresses/ip.ts';
import type { Proxy } from '../tor/dial.ts';

const second = 1000;
const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: second,
  sec: second,
  second: second,
  min: 60 * second,
  minute: 60 * second,
  h: 3600 * second,
  hour: 3600 * second,
  d: 86_400 * second,
  day: 86_400 * second,
  w: 7 * 86_400 * second,
  week: 7 * 86_400 * second,
};
const unitBytes: Readonly<Record<string, number>> = {
  b: 1,
  byte: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** "7 days", "15 min", "1 h 30 min" or ISO 8601 ("P7D", "PT15M") to ms; null for anything else. Days are 24 hours. */
export function parseDuration(text: string): number | null {
  if (/^P/i.test(text.trim())) return parseIsoDuration(text.trim());
  const parts = [...text.trim().matchAll(/(?<!\d)(\d+(?:\.\d+)?)\s*([a-z]+)[\s,]*/giy)];
  if (parts.length === 0 || parts.map((p) => p[0]).join('') !== text.trim()) return null;
  let total = 0;
  for (const [, amount = '', unit = ''] of parts) {
    const ms = unitMs[unit.toLowerCase()] ?? unitMs[unit.toLowerCase().replace(/s$/, '')];
    if (ms === undefined) return null;
    total += Number(amount) * ms;
  }
  return Math.round(total);
}

/** "25 MB" (10^6), "20 MiB" (2^20), "262144 bytes" to bytes; null for anything else. */
export function parseSize(text: string): number | null {
  const found = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim());
  if (found === null) return null;
  const unit = (found[2] ?? '').toLowerCase();
  const factor = unitBytes[unit] ?? unitBytes[unit.replace(/s$/, '')];
  return factor === undefined ? null : Math.round(Number(found[1]) * factor);
}

/** An ISO 8601 instant with its zone, or a plain date (midnight UTC), to ms UTC; null for anything else. */
export function parseInstant(text: string): number | null {
  const iso = text.trim();
  if (
    !/^\d{4}-\d{2}-\d{2}$|^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)$/i.test(
      iso,
    )
  )
    return null;
  const parsed = DateTime.fromISO(iso.replace(/ /, 'T').replace(/ /g, ''), { zone: 'utc' });
  return parsed.isValid ? parsed.toMillis() : null;
}

/** An address or CIDR prefix in canonical text; null where it is neither or where bits behind the prefix length are set. */
export function canonicalPrefix(text: string): string | null {
  const [base = '', length] = text.trim().split('/');
  const ip = isIP(base) === 0 || base.includes('%') ? null : canonicalIp(base);
  if (ip === null) return null;
  if (length === undefined) return ip;
  const prefix = /^\d{1,3}$/.test(length) ? parsePrefix(`${ip}/${length}`) : null;
  if (prefix === null) return null;
  return networkOf(prefix) === ip ? `${ip}/${prefix.length}` : null;
}

const durationHint = 'write a duration with its unit, for example "15 min", "7 days" or "PT15M"';

/** A duration of at least `leastMs`; ms in the result. */
export function duration(leastMs = 1): z.ZodType<number, string> {
  return z
    .string({ error: durationHint })
    .transform((text, ctx) => {
      const ms = parseDuration(text);
      if (ms !== null && ms >= leastMs) return ms;
      ctx.addIssue(ms === null ? durationHint : `too short: at least ${leastMs / second} s`);
      return z.NEVER;
    })
    .meta({ description: 'A duration: "15 min", "7 days", "1 h 30 min", or ISO 8601 ("PT15M")' });
}

/** A size; bytes in the result. */
export function size(): z.ZodType<number, string> {
  const hint = 'write a size with its unit, for example "25 MB" or "256 KiB"';
  return z
    .string({ error: hint })
    .transform((text, ctx) => parseSize(text) ?? refuse(ctx, hint))
    .meta({ description: 'A size: "25 MB", "256 KiB"' });
}

/** An instant; ms UTC in the result. */
export function instant(): z.ZodType<number, string> {
  const hint = 'write an instant with its zone ("2026-03-31T00:00:00Z") or a plain date (midnight UTC)';
  return z
    .string({ error: hint })
    .transform((text, ctx) => parseInstant(text) ?? refuse(ctx, hint))
    .meta({ description: 'An instant with its zone ("2026-03-31T00:00:00Z"), or a date (midnight UTC)' });
}

/** An IP address or prefix; canonical text in the result. */
export function prefix(): z.ZodType<string, string> {
  const hint =
    'not an IP address or prefix: write "198.51.100.10", "2001:db8::10" or "198.51.100.0/24" (no host bits behind the prefix length)';
  return z
    .string({ error: hint })
    .transform((text, ctx) => canonicalPrefix(text) ?? refuse(ctx, hint))
    .meta({ description: 'An IPv4 or IPv6 address, or a CIDR prefix' });
}

/** A web address without a user in it; as written in the result. */
export function webUrl(): z.ZodType<string, string> {
  const hint = 'write a web address: "https://check.torproject.org/exit-addresses"';
  return z.string({ error: hint }).refine((text) => isUrl(text, /^https?:$/), hint);
}

/** The address of a proxy: "socks5://127.0.0.1:9050" or "http://proxy.exits.example:3128". */
export function proxyUrl(): z.ZodType<Proxy, string> {
  const hint = 'write "socks5://HOST:PORT" (for Tor: socks5://127.0.0.1:9050) or "http://HOST:PORT", without a user';
  return z.string({ error: hint }).transform((text, ctx): Proxy => {
    if (!isUrl(text, /^(?:socks5h?|http):$/)) return refuse(ctx, hint);
    const { protocol, hostname, port } = new URL(text);
    const type = protocol === 'http:' ? 'http' : 'socks5';
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    return { type, host, port: port === '' ? (type === 'http' ? 80 : 1080) : Number(port) };
  });
}

/** A calendar day, "2026-12-24". */
export function calendarDay(): z.ZodType<string, string> {
  const hint = 'write a day as "2026-12-24"';
  return z
    .string({ error: hint })
    .refine((text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && DateTime.fromISO(text).isValid, hint);
}

/** A name of the IANA time zone database that this machine knows. */
export function timeZone(): z.ZodType<string, string> {
  const hint = 'not a time zone that this machine knows: write a name like "Europe/Berlin" or "UTC"';
  return z.string({ error: hint }).refine(isTimeZone, hint);
}

/** Hour of the day: 8 or "08:30"; minutes after midnight in the result. */
export function timeOfDay(): z.ZodType<number, string | number> {
  const hint = 'write an hour of the day: 8 or "08:30"';
  return z.union([z.number(), z.string()], { error: hint }).transform((value, ctx) => {
    const found = /^(\d{1,2})(?::(\d{2}))?$/.exec(String(value).trim());
    const hour = Number(found?.[1] ?? 99);
    const minute = Number(found?.[2] ?? 0);
    return hour <= 23 && minute <= 59 ? hour * 60 + minute : refuse(ctx, hint);
  });
}

function isUrl(text: string, protocol: RegExp): boolean {
  if (text.length > 2000 || !URL.canParse(text)) return false;
  const url = new URL(text);
  return protocol.test(url.protocol) && url.hostname !== '' && url.username === '' && url.password === '';
}

function refuse(ctx: z.RefinementCtx, hint: string): never {
  ctx.addIssue(hint);
  return z.NEVER;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Years and months have no fixed length and are refused. */
function parseIsoDuration(text: string): number | null {
  if (!/^P(?=.)(?:\d+W|(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)$/i.test(text)) return null;
  const parsed = Duration.fromISO(text.toUpperCase());
  return parsed.isValid ? parsed.toMillis() : null;
}
