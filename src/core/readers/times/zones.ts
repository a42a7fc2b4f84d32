import type { TimeWords, Zone } from './time-words.ts';

/** A zone found at the start of a text, and where it ends there. */
export type ZoneHit = { readonly zone: Zone; readonly end: number };

/** The zone right behind a clock time: "Z", "+0200", "(UTC+8)", "CEST", "Europe/Berlin", "hora de Lima". */
export function zoneAfter(text: string, words: TimeWords): ZoneHit | null {
  const lead =
    /^(?:\.\d+)?\s?(?:(?:uhr|hrs?\.?|hours|h|o['’]clock|horas?|heures?|uur|ore|godz\.?|час\p{L}*|год\p{L}*|[ap]\.?m\.?)(?![\p{L}]))?(?:\s?(?:this (?:morning|afternoon|evening)|in the (?:morning|afternoon|evening)|at night|last night|tonight|today|yesterday|arvo(?: today)?)(?![\p{L}]))?[\s,]{0,3}(?:20\d\d\s)?(?:tz="?)?[([]?\s?(?:[àa]s? horas? de |hora de |horário de |our time,? (?:so )?|local time,? (?:so )?|local,? )?/iu.exec(
      text,
    )?.[0] ?? '';
  const rest = text.slice(lead.length);
  const at = offsetAt(rest) ?? nameAt(rest, words);
  return at === null ? null : { zone: at.zone, end: lead.length + at.end };
}

/** A zone right before a clock time: "UTC 22:10", "GMT+8 20:47". */
export function zoneBefore(text: string, words: TimeWords): ZoneHit | null {
  const m = /\b(?:(?:UTC|GMT)\s?([+-]\d{1,2})(?::?(\d\d))?|([A-Z]{3,4}))\)?:?\s$/.exec(text);
  if (m === null) return null;
  if (m[3] === undefined) return { zone: minutes(m[1] ?? '+0', m[2]), end: 0 };
  const zone = words.abbreviations.get(m[3]);
  return zone === undefined ? null : { zone, end: 0 };
}

/** A zone that a line states for all times around it: "times are UTC", "Timezone: +0200", "alle Zeiten MESZ", "hora de Lima". */
export function zoneOfLine(line: string, words: TimeWords): Zone | null {
  if (line.length > 4000) return null;
  const stated = statedOffset(line);
  if (stated !== null) return stated;
  // "start_utc" names a column.
  if (/(?:^|[^a-z])utc(?:[^a-z]|$)/i.test(line)) return 0;
  const iana = line.includes('/')
    ? /\b(?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/[A-Z][A-Za-z_/]+/.exec(line)
    : null;
  if (iana !== null) return iana[0];
  const named = line.toLowerCase().match(words.zoneName)?.[0];
  if (named !== undefined) return words.zoneNames.find(([name]) => name === named)?.[1] ?? null;
  if (!/\p{Lu}{2}/u.test(line)) return null;
  for (const m of line.matchAll(/(?<![\p{L}\d@.-])\p{Lu}{2,5}(?![\p{L}\d@-]|\.\p{L})/gu)) {
    const zone = words.abbreviations.get(m[0]);
    if (zone !== undefined && !ambiguous.has(m[0])) return zone;
  }
  return null;
}

/** Abbreviations that mean too much else to be a zone without a clock time beside them. */
const ambiguous = new Set(
  'ET PT CT MT UT TU AST ART PET ECT VET WIT EAT WAT CAT GST COT BOT ICT HST ADT IST FET'.split(' '),
);

/** "UTC+2", or a word such as "Timezone" with an offset behind it. */
function statedOffset(line: string): number | null {
  if (!/[+\-−–]\s?\d/.test(line)) return null;
  const offset = /\b(?:UTC|GMT)\s?\(?\s?([+\-−–]\s?\d{1,2})(?::?(\d\d))?(?!\d)/.exec(line);
  if (offset !== null) return minutes((offset[1] ?? '').replace(/[−–]/, '-').replace(/\s/, ''), offset[2]);
  const label =
    /zone|zona|huso|fuso|fuseau|zeit|tijd|time|часов|пояс|strefa|pásmo|clock|uhr|hora|heure|offset|saat|時間|时区|時區/i.exec(
      line,
    );
  if (label === null) return null;
  const labelled = /([+-]\d{1,2})(?::?(\d\d))?(?![\d:-])/.exec(line.slice(label.index, label.index + 60));
  if (labelled === null || /\d/.test(line.slice(label.index, label.index + labelled.index))) return null;
  return minutes(labelled[1] ?? '', labelled[2]);
}

function offsetAt(text: string): ZoneHit | null {
  const utc = /^(?:UTC|GMT)\s?\(?\s?([+\-−–]\s?\d{1,2})(?::?(\d\d))?(?!\d)/i.exec(text);
  if (utc !== null)
    return { zone: minutes((utc[1] ?? '').replace(/[−–]/, '-').replace(/\s/, ''), utc[2]), end: utc[0].length };
  const bare = /^([+\-−]\d{2}):?(\d{2})(?!\d|-)/.exec(text) ?? /^([+\-−]\d{2})(?![\d:.-])/.exec(text);
  if (bare !== null && Math.abs(Number((bare[1] ?? '').replace('−', '-'))) <= 14) {
    return { zone: minutes((bare[1] ?? '').replace('−', '-'), bare[2]), end: bare[0].length };
  }
  return /^Z(?![\p{L}\d])/u.test(text) ? { zone: 0, end: 1 } : null;
}

function nameAt(text: string, words: TimeWords): ZoneHit | null {
  const iana = /^(?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/[A-Z][A-Za-z_/]+/.exec(text);
  if (iana !== null) return { zone: iana[0], end: iana[0].length };
  const word = /^[\p{Lu}/]{2,7}(?![\p{L}\d])/u.exec(text);
  const zone = word === null ? undefined : words.abbreviations.get(word[0]);
  if (word !== null && zone !== undefined) return { zone, end: word[0].length };
  const lower = text.toLowerCase();
  const starts = (list: TimeWords['places'], from: number): ZoneHit | null => {
    const found = list.find(
      ([name]) => lower.startsWith(name, from) && !/^\p{L}/u.test(lower.slice(from + name.length)),
    );
    return found === undefined ? null : { zone: found[1], end: from + found[0].length };
  };
  // "23:18 de Argentina", "at 4 pm in Chicago"
  const lead = /^(?:de la |de |da |do |di |of |in |en |à |i |w |v )/.exec(lower)?.[0].length ?? 0;
  return starts(words.zoneNames, 0) ?? starts(words.places, 0) ?? (lead === 0 ? null : starts(words.places, lead));
}

function minutes(hours: string, rest: string | undefined): number {
  const sign = hours.startsWith('-') ? -1 : 1;
  return sign * (Math.abs(Number(hours)) * 60 + Number(rest ?? 0));
}
