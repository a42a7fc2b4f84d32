import type { Mail } from '../../mail.ts';
import type { Unit } from '../material.ts';
import { isoOf } from './iso.ts';
import { momentsIn } from './moments.ts';
import type { Moment } from './moments.ts';
import type { TimeWords } from './time-words.ts';

/** When it happened: `at` ISO 8601 UTC where a zone is known, else `local` "YYYY-MM-DDTHH:MM"; `text` as written. */
export type EventTime = { readonly at: string | null; readonly local: string | null; readonly text: string | null };

export const noTime: EventTime = { at: null, local: null, text: null };

/**
 * The first reported event: the earliest complete time in the content, leaving out report dates, deadlines and anything after
 * the mail itself. Where no time stands in the text, the date of a forwarded report that names an accused address.
 */
export function eventTime(
  all: readonly Moment[],
  units: readonly Unit[],
  mail: Mail,
  of: { readonly words: TimeWords; readonly accused: readonly string[] },
): EventTime {
  const moments = all.filter((m) => isPast(m, mail));
  const strong = moments.filter((m) => !m.weak);
  const first = earliest(strong.length > 0 ? strong : moments);
  if (first !== null) return timeOfMoment(first);
  return fromHeads(units, mail, of);
}

/** Reads one time as a report's own field gives it ("Arrival-Date: …"); zone as written, else none. */
export function readTime(text: string, mail: Mail, words: TimeWords): EventTime {
  const unit: Unit = {
    place: 'text',
    lines: [text],
    depth: 0,
    written: mail.date,
    head: null,
    from: null,
    isOurLetter: false,
    boilerplate: [],
    contentType: 'text/plain',
    filename: null,
  };
  const moment = momentsIn([unit], mail, words)[0];
  return moment === undefined ? noTime : { ...timeOfMoment(moment), text: text.trim().slice(0, 80) };
}

/** A moment as the reading gives it. */
export function timeOfMoment(moment: Moment): EventTime {
  if (moment.at !== null) return { at: isoOf(moment.at), local: null, text: moment.text };
  return { at: null, local: isoOf(moment.local).slice(0, 16), text: moment.text };
}

/** Not after the mail itself: a deadline, an expiry date, a clock far off. */
export function isPast(moment: Moment, mail: Mail): boolean {
  if (mail.date === null) return true;
  const slackMs = moment.at === null ? 14 * 3_600_000 : 2 * 3_600_000;
  return (moment.at ?? moment.local) <= mail.date.at + slackMs;
}

function earliest(moments: readonly Moment[]): Moment | null {
  const value = (m: Moment) => m.at ?? m.local;
  const logged = moments.filter((m) => m.isLog);
  const first = logged.reduce<Moment | null>((a, b) => (a === null || value(b) < value(a) ? b : a), null);
  const all = moments.filter((m) => first === null || value(m) > value(first) - 45 * 86_400_000);
  const start = all.reduce<Moment | null>((a, b) => (a === null || value(b) < value(a) ? b : a), null);
  // "since 21:30" and a log line at 21:30:17 are the same beginning; the log knows the second.
  if (start === null || start.hasSeconds) return start;
  const sharp = moments.filter(
    (m) => m.isLog && value(m) % 60_000 !== 0 && value(m) > value(start) && value(m) - value(start) < 60_000,
  );
  return sharp.reduce((a, b) => (value(b) < value(a) || a === start ? b : a), start);
}

/** An alert that somebody passes on often has no time but its own date line; attached spam has its Received lines. */
function fromHeads(
  units: readonly Unit[],
  mail: Mail,
  of: { readonly words: TimeWords; readonly accused: readonly string[] },
): EventTime {
  const names = (line: string) => of.accused.some((ip) => line.includes(ip));
  for (const unit of units) {
    if (unit.isOurLetter) continue;
    if (unit.place === 'headers') {
      for (const line of unit.lines.toReversed()) {
        const time =
          /^received:/i.test(line) && names(line)
            ? readTime(line.slice(line.lastIndexOf(';') + 1), mail, of.words)
            : noTime;
        if (time.at !== null) return time;
      }
    }
    if (unit.head !== null && unit.depth > 0 && unit.lines.some(names)) {
      const time = readTime(unit.head, mail, of.words);
      if (time.at !== null || time.local !== null) return time;
    }
  }
  return noTime;
}
