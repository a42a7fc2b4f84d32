import { millisOf } from './times/iso.ts';
import { readTime } from './times/event.ts';
import { timeTokens } from './times/tokens.ts';
import type { DeskIdentity } from '../exits.ts';
import type { Judgement } from '../judgement.ts';
import type { Mail } from '../mail.ts';
import { isBounceAddress, isUnreadByName } from '../unread-address.ts';
import type { Labels } from './labels.ts';
import type { Unit } from './material.ts';

type ProviderWords = Labels['provider'];

/**
 * A hosting provider that passes somebody's complaint on and wants a statement: known by its structure, that is a token of its
 * ticket system with a deadline and an address to a customer or a threat to cut the line, or by a domain of the configuration.
 * Anything less is a complainant with a ticket system of his own, and null.
 */
export function readProvider(
  mail: Mail,
  units: readonly Unit[],
  labels: Labels,
  desk: DeskIdentity,
): Judgement['provider'] {
  const own = units.filter((u) => u.depth === 0 && (u.place === 'text' || u.place === 'html'));
  const text = own
    .map((u) => u.lines.join('\n'))
    .join('\n')
    .slice(0, 20_000);
  const token = tokenIn(mail.subject, text);
  if (token === null || mail.inReplyTo.length > 0) return null;
  const lower = text.toLowerCase();
  const says = (words: readonly string[]) => words.some((w) => hasWord(lower, w));
  const isOurs = desk.providerDomains.some((d) =>
    mail.from.some((f) => f.address === d || f.address.endsWith(`@${d}`) || f.address.endsWith(`.${d}`)),
  );
  const [one, other] = [labels.provider.customer, labels.provider.consequence];
  const form = formIn([text, ...(mail.html?.links ?? []).slice(0, 100)].join('\n'), token);
  const code = /\d{4,}/.exec(token)?.[0] ?? lettersOf(token.replace(/^[a-z]+-?id[:#]/i, ''));
  const hasPage = form !== null && lettersOf(form).includes(code);
  const isForward = token.startsWith('[') ? says(one) || says(other) : says(one) && (says(other) || hasPage);
  if (!isOurs && !isForward) return null;
  const deadline = deadlineIn(text, mail, labels);
  if (!isOurs && deadline === null) return null;
  return { token, deadline, form, complainant: complainantIn(units, mail, desk) };
}

function lettersOf(text: string): string {
  return text.replace(/[^a-z\d]/gi, '');
}

const ticketMark =
  /^(?:(?:abuse|ticket|case|incident)-?id[:#][\w:-]{4,40}|(?:ticket|case|vorgang|dossier|caso|melding)[#:-]\d{5,20})$/i;

/** The ticket mark to keep in the subject: bracketed, with its brackets, or a number that the text repeats. */
function tokenIn(subject: string, text: string): string | null {
  for (const m of subject.matchAll(/\[[^[\]\n]+\]/g)) {
    if (m[0].length > 62 || /\d\.\d{1,3}\.\d/.test(m[0])) continue;
    if (/\d{3}/.test(m[0]) || /\b(?:case|ticket|ref|dossier)\b.{0,12}\b[A-Z]{6,}\]$/i.test(m[0])) return m[0];
  }
  for (const word of subject.split(/[\s,;()"]+/)) {
    const mark = word.replace(/[.:!?]$/, '');
    if (/^#\d{4,}$/.test(mark) || ticketMark.test(mark)) return mark;
    const isNumber = /^\d{6,}$/.test(mark) || (/^[A-Z][A-Z\d]*[-#:/][A-Z\d/#-]+$/.test(mark) && /\d{3}/.test(mark));
    if (isNumber && text.includes(mark)) return mark;
  }
  return null;
}

/** ISO instant of a date that is to be met, or ISO 8601 duration ("PT24H", "P3D"), by the first that the text states. */
function deadlineIn(text: string, mail: Mail, labels: Labels): string | null {
  const flat = text.replace(/\s+/g, ' ');
  const span = spanIn(flat, labels.provider);
  const date = dateIn(flat, mail, labels);
  if (span === null || date === null) return date?.iso ?? span?.iso ?? null;
  return date.start < span.start ? date.iso : span.iso;
}

type Deadline = { readonly iso: string; readonly start: number };

function spanIn(flat: string, words: ProviderWords): Deadline | null {
  const lower = flat.toLowerCase();
  for (const m of lower.matchAll(
    /(?<![\d.,:/-])(\d{1,3})(?:\s?\(\w{1,20}\))?[\s-]?([\p{L}]{1,14}(?:\s\p{L}{3,10})?)/gu,
  )) {
    const unit = m[2] ?? '';
    const isHours = words.hours.some((w) => startsWith(unit, w));
    const isDays = !isHours && words.days.some((w) => startsWith(unit, w));
    if (!isHours && !isDays) continue;
    const before = lower.slice(Math.max(0, m.index - 32), m.index);
    const after = lower.slice(m.index + m[0].length, m.index + m[0].length + 16);
    if (
      !words.deadline.some((w) => hasWord(before, w)) &&
      !words.deadline.some(
        (w) =>
          after.trimStart().startsWith(w) ||
          unit.endsWith(` ${w}`) ||
          (/[\u3040-\u9fff\uac00-\ud7af]/.test(w) && after.startsWith(w)),
      )
    )
      continue;
    return { iso: isHours ? `PT${m[1]}H` : `P${m[1]}D`, start: m.index };
  }
  return null;
}

/** A day and clock time ahead of the mail, with a word like "by" in front. */
function dateIn(flat: string, mail: Mail, labels: Labels): Deadline | null {
  if (mail.date === null) return null;
  const days = timeTokens(flat.slice(0, 3900), labels.times).filter((t) => t.kind === 'day');
  for (const day of days) {
    const before = flat.slice(Math.max(0, day.start - 45), day.start).toLowerCase();
    if (!labels.provider.deadline.some((w) => hasWord(before, w))) continue;
    const time = readTime(
      flat.slice(Math.max(0, day.start - 8), day.end + 40),
      { ...mail, date: { ...mail.date, at: mail.date.at + 60 * 86_400_000 } },
      labels.times,
    );
    const iso = time.at ?? (time.local === null ? null : `${time.local}:00Z`);
    if (iso !== null && millisOf(iso) > mail.date.at) return { iso, start: day.start };
  }
  return null;
}

/** The page where the statement is to be given: a link that carries the ticket's number or a word for it. */
function formIn(text: string, token: string): string | null {
  const numbers = token.match(/\d{4,}/g) ?? [token];
  const links = [...text.matchAll(/https?:\/\/[^\s<>"')\]]{4,300}/g)].map((m) => m[0].replace(/[.,;:]$/, ''));
  const words = [
    'statement',
    'abuse',
    'answer',
    'respon',
    'reply',
    'ticket',
    'token=',
    'form',
    'antwort',
    'stellung',
    'plainte',
    'repon',
    'respuesta',
    'denuncia',
    'queja',
    'rispo',
    'segnalaz',
    'melding',
    'klacht',
    'zglosz',
    'odpow',
  ];
  const path = (link: string) => link.toLowerCase().split('/').slice(3).join('/');
  const isNamed = (link: string) => numbers.toReversed().some((number) => link.includes(number));
  return links.find(isNamed) ?? links.find((l) => words.some((w) => path(l).includes(w))) ?? null;
}

/** Who complained, where the forward shows it: the inner mail's sender, or a labelled address. */
function complainantIn(units: readonly Unit[], mail: Mail, desk: DeskIdentity): string | null {
  const own = new Set(mail.from.concat(mail.replyTo).map((f) => f.address.toLowerCase()));
  const candidates: (string | undefined)[] = [];
  for (const unit of units) {
    if (unit.from !== null) candidates.push(mailboxIn(unit.from));
    if (unit.place === 'subject') continue;
    for (const line of unit.lines.slice(0, 400)) {
      const m =
        /^\s{0,8}(?:from|von|de|van|da|od|fra|från|от|melder|complainant|reporter|reported by|reported-from|beschwerdeführer|plaignant|denunciante|reclamante|segnalante|zgłaszający|заявитель)\s?:\s(.{3,120})$/i.exec(
          line,
        );
      if (m !== null) candidates.push(mailboxIn(m[1] ?? ''));
    }
  }
  const ours = new Set(desk.addresses.map((address) => address.toLowerCase()));
  const isAnybody = (c: string): boolean => !own.has(c) && !ours.has(c) && !isBounceAddress(c) && !isUnreadByName(c);
  return candidates.find((c): c is string => c !== undefined && isAnybody(c.toLowerCase())) ?? null;
}

function mailboxIn(text: string): string | undefined {
  const word = text.split(/[\s<>()"',;]+/).find((w) => w.includes('@')) ?? '';
  return /^[\w.+-]+@[\w-]+\.[\w.-]*\w$/.exec(word)?.[0];
}

function hasWord(text: string, word: string): boolean {
  const at = text.indexOf(word);
  if (at < 0) return false;
  if (/[\u3040-\u9fff\uac00-\ud7af]/.test(word)) return true;
  return !/\p{L}/u.test(text[at - 1] ?? ' ') && !/\p{L}/u.test(text[at + word.length] ?? ' ');
}

function startsWith(text: string, word: string): boolean {
  return text.startsWith(word) && !/^\p{L}/u.test(text.slice(word.length));
}
