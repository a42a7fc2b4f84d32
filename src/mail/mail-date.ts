/**
 * Reads a Date header (RFC 5322 3.3 and its obsolete forms, ISO 8601 as a kindness): the instant in ms UTC and the zone
 * offset in minutes that it was written in. A missing zone counts as UTC. Null for anything else: there is no falling
 * back to the present.
 */
export function parseMailDate(value: string): { at: number; offsetMinutes: number } | null {
  const text = value
    .slice(0, 200)
    .replace(/\([^()]*\)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const rfc = rfcDate.exec(text);
  if (rfc) {
    const month = months.indexOf((rfc[2] ?? '').toLowerCase());
    return instant([year(rfc[3] ?? ''), month, Number(rfc[1])], timeOf(rfc, 4), rfc[7] ?? '');
  }
  const iso = isoDate.exec(text);
  if (iso) return instant([Number(iso[1]), Number(iso[2]) - 1, Number(iso[3])], timeOf(iso, 4), iso[7] ?? '');
  const asctime = asctimeDate.exec(text);
  if (asctime) {
    const month = months.indexOf((asctime[1] ?? '').toLowerCase());
    return instant([year(asctime[7] ?? ''), month, Number(asctime[2])], timeOf(asctime, 3), asctime[6] ?? '');
  }
  return null;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const rfcDate =
  /^(?:[a-z]{2,9}\.?,? )?(\d{1,2})[ -]([a-z]{3})[a-z]{0,6}\.?,?[ -](\d{2,4}),? (\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?(?: ?([a-z]{1,5}(?:[+-]\d{1,4})?|[+-] ?\d{1,2}:?\d{2}))?/i;
const isoDate =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?: ?(Z|UTC|GMT|[+-]\d{2}:?\d{2}))?/i;
const asctimeDate =
  /^(?:[a-z]{3},? )?([a-z]{3}) {1,2}(\d{1,2}) (\d{1,2}):(\d{2}):(\d{2})(?: ([a-z]{1,5}|[+-]\d{4}))? (\d{4})/i;

/** RFC 5322 4.3; the military letters carry no reliable meaning and count as UTC, as that section says. */
const zones: Record<string, number> = {
  est: -300,
  edt: -240,
  cst: -360,
  cdt: -300,
  mst: -420,
  mdt: -360,
  pst: -480,
  pdt: -420,
  cet: 60,
  cest: 120,
  met: 60,
  mest: 120,
  bst: 60,
  eet: 120,
  eest: 180,
  wet: 0,
  west: 60,
  msk: 180,
  jst: 540,
  kst: 540,
};

function timeOf(match: RegExpExecArray, from: number): readonly [number, number, number] {
  return [Number(match[from]), Number(match[from + 1]), Number(match[from + 2] ?? 0)];
}

/** RFC 5322 4.3: two digits below 50 are 20xx, the others and three digits 19xx. */
function year(digits: string): number {
  const number = Number(digits);
  if (digits.length === 4) return number;
  return digits.length === 2 && number < 50 ? 2000 + number : 1900 + number;
}

function instant(
  [year, month, day]: readonly [number, number, number],
  [hour, minute, second]: readonly [number, number, number],
  zone: string,
): { at: number; offsetMinutes: number } | null {
  const offsetMinutes = offsetOf(zone);
  if (month < 0 || month > 11 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return null;
  if (offsetMinutes === null || year < 1970 || year > 9999) return null;
  const local = new Date(0);
  local.setUTCFullYear(year, month, day);
  if (local.getUTCDate() !== day) return null;
  local.setUTCHours(hour, minute, second);
  return { at: local.getTime() - offsetMinutes * 60_000, offsetMinutes };
}

function offsetOf(zone: string): number | null {
  const numeric = /^(?:[a-z]{1,5})?([+-]) ?(\d{1,2}):?(\d{2})?$/i.exec(zone);
  if (!numeric) return zones[zone.toLowerCase()] ?? 0;
  const minutes = Number(numeric[2]) * 60 + Number(numeric[3] ?? 0);
  if (minutes > 14 * 60 || Number(numeric[3] ?? 0) > 59) return null;
  return numeric[1] === '-' ? -minutes : minutes;
}
