import { canonicalIp, isPrivate, isSpecial } from '../addresses/ip.ts';
import { daysIn, daysOf, localMs } from '../readers/times/calendar.ts';

/** How the documents of a source are written. */
export const documentForms = ['exit-addresses', 'address-list', 'onionoo'] as const;
export type DocumentForm = (typeof documentForms)[number];

/** One exit address as a document shows it. */
export type Sighting = {
  /** Canonical text. */
  readonly address: string;
  /** Forty capital hexadecimal digits; null where the document names none. */
  readonly fingerprint: string | null;
  /** Seen as an exit since then at least (ms UTC); null: the document names no earlier instant than its own. */
  readonly sinceMs: number | null;
  /** Seen for the last time then (ms UTC), though the document still shows it; null: seen as of the document. */
  readonly untilMs: number | null;
  /** The relay's ContactInfo is the operator's; null where the document shows no contacts, or ours is not stated. */
  readonly namesUs: boolean | null;
};

/** What a document says, however broken it is. */
export type ReadDocument = {
  /** The instant of which it speaks (ms UTC); null where it names none: then that of its collection. */
  readonly asOfMs: number | null;
  readonly sightings: readonly Sighting[];
  /** Entries of relays that are no exits. */
  readonly others: number;
  /** Lines or entries that are nothing of this form, and the first of them. */
  readonly junk: number;
  readonly junkSample: string | null;
  /** Why it cannot be what the source publishes; null where nothing says so. */
  readonly broken: string | null;
};

/** What a reader needs beside the text. */
export type Reading = {
  /** ms UTC: an instant that lies more than three hours after it is junk. */
  readonly nowMs: number;
  /** Stands in the ContactInfo of the operator's own relays; null where not stated. */
  readonly contact: string | null;
};

/** A document of more exits or lines than this is refused: Tor has some thousand exits, and no more relays than ten thousand. */
export const mostSightings = 50_000;
const mostLines = 500_000;

/** Entries whose last instant is older than this, measured at the document's own, are kept by their source out of habit. */
export const formerAfterMs = 6 * 3_600_000;

const skewMs = 3 * 3_600_000;

/** An address that an exit on the Internet can have, canonical; null for anything else. */
export function exitAddress(text: string): string | null {
  const ip = canonicalIp(text);
  return ip === null || isSpecial(ip) || isPrivate(ip) ? null : ip;
}

/** "2026-11-22 10:21:54", always UTC (Tor directory protocol), to ms UTC; null for anything else, and for the future. */
export function instantOf(date: string | undefined, time: string | undefined, nowMs: number): number | null {
  const found = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/.exec(`${date ?? ''} ${time ?? ''}`);
  if (found === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1).map(Number);
  if (year < 2000 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 60) return null;
  const ms = localMs({ days: daysOf(year, month, day) }, { hour, minute, second });
  return ms > nowMs + skewMs ? null : Math.min(ms, nowMs);
}

/** The lines of a document, but no more than can be: what follows is not looked at. */
export function linesOf(
  text: string,
  separator: RegExp,
): { readonly lines: readonly string[]; readonly tooMany: boolean } {
  const lines = text.split(separator, mostLines + 1);
  return { lines, tooMany: lines.length > mostLines };
}

/** The start of a junk line, fit to be shown. */
export function sampleOf(line: string): string {
  return line
    .slice(0, 80)
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, ' ')
    .trim();
}
