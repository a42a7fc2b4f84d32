import { findAddresses } from '../addresses/find.ts';
import { windowOfEvent } from '../event-window.ts';
import { holdersOf, isInInventory, nodeOfHostname, standingAt, standingsOver } from '../exits.ts';
import type { Inventory, Window } from '../exits.ts';
import type { AccusedAddress } from '../judgement.ts';
import type { Mail } from '../mail.ts';
import { passageOf } from '../passage.ts';
import type { Segments } from '../segments.ts';
import { cluesIn } from './clues.ts';
import type { Clue } from './clues.ts';
import type { Labels } from './labels.ts';
import { readers } from './list.ts';
import type { Material } from './list.ts';
import { answersUs, jsonIn, unitsOf } from './material.ts';
import type { Unit } from './material.ts';
import { readProvider } from './provider.ts';
import type { ComplaintReading, Finding } from './reading.ts';
import { eventTime, isPast, readTime, timeOfMoment } from './times/event.ts';
import type { EventTime } from './times/event.ts';
import { momentsIn } from './times/moments.ts';
import type { Moment } from './times/moments.ts';
import { trafficIn } from './traffic.ts';
import { staleAlternative, weighClues } from './weigh-clues.ts';

/**
 * Reads who is accused, of what and when: a structured report by its reader (see list.ts), everything else from the clues in the
 * text. Pure, and linear in the mail's text. A mail without any report still gives a reading: all addresses, with their roles.
 */
export function readComplaint(mail: Mail, segments: Segments, inventory: Inventory, labels: Labels): ComplaintReading {
  const units = unitsOf(mail, segments, inventory.desk);
  const clues = cluesIn(units, labels);
  const finding = structured(mail, units);
  const isOurs = (ip: string) => isInInventory(inventory, ip);
  const namedNodes = nodesNamedIn(units, inventory);
  const isAnswer = answersUs(mail, inventory.desk) || units.some((u) => u.isOurLetter);
  const roles = weighClues({
    clues,
    structured: new Map(
      (finding?.accused ?? []).map(({ ip }) => [ip, `named as the source by the ${finding?.format ?? ''} report`]),
    ),
    isOurs,
    isRelay: relaysOf(mail),
    isAnswer,
    namesNode: namedNodes.length > 0,
  });
  const stale = staleAlternative(clues, isOurs);
  const live = units.filter((u) => u.place !== stale || u.depth > 0);
  const accused = roles.filter((r) => r.role === 'reported').map((r) => r.ip);
  const moments = momentsIn(live, mail, labels.times);
  const event = statedTime(finding, mail, labels) ?? eventTime(moments, live, mail, { words: labels.times, accused });
  const times = finding === null ? timesInText(moments, clues, accused, mail) : statedTimes(finding, mail, labels);
  const timeOf = new Map(times.map((t) => [t.ip, t]));
  const seenAt = mail.date?.at ?? null;
  const traffic = isAnswer ? null : trafficIn({ finding, units: live, clues, accused }, labels);
  const withStanding = (ip: string, role: AccusedAddress['role'], because: string): AccusedAddress => {
    const when = timeOf.get(ip) ?? event;
    const window = windowOfEvent(when);
    const { standing, node } = standingAt(inventory, ip, window, seenAt);
    const open = window === null || window.from === window.to ? [] : standingsOver(inventory, ip, window, seenAt);
    const uncertain = open.some((s) => s.standing !== standing) ? ({ uncertain: true } as const) : {};
    const address = { ip, role, standing, node, because: because + uncertainty(when), ...uncertain };
    const wasExit = role === 'reported' && (standing === 'exit' || standing === 'exit-then');
    if (traffic === null || !wasExit) return address;
    return {
      ...address,
      passage: passageOf(traffic, ip, holdersOf(inventory, ip), throughout(window, seenAt)),
    };
  };
  const byName = isAnswer || accused.some(isOurs) ? [] : addressesOf(namedNodes, inventory, roles);
  return {
    format: finding?.format ?? 'free-text',
    addresses: [
      ...roles.map((r) => withStanding(r.ip, r.role, r.because)),
      ...byName.map((ip) => withStanding(ip, 'reported', 'its host name is accused')),
    ],
    event,
    times,
    sourcePort: finding?.sourcePort ?? clues.find((c) => c.ip === accused[0] && c.port !== null)?.port ?? null,
    traffic,
    reportedCategory: finding?.category ?? null,
    provider: readProvider(mail, units, labels, inventory.desk),
    automatedHint: finding?.automated ?? false,
    namedNodes,
  };
}

/** A node that is accused by its name alone is accused by its addresses; prefixes and what the mail names otherwise stay out. */
function addressesOf(
  names: readonly string[],
  inventory: Inventory,
  roles: readonly { readonly ip: string }[],
): readonly string[] {
  const named = new Set(roles.map((r) => r.ip));
  const entries = inventory.nodes.filter((node) => names.includes(node.name));
  const exits = entries.filter((node) => node.exit && node.use !== 'or');
  // Who reports a name saw users' traffic: what only we reach the machine by is not meant.
  const all = (exits.length > 0 ? exits : entries).flatMap((node) => node.addresses);
  return [...new Set(all)].filter((ip) => !ip.includes('/') && !named.has(ip));
}

/** The same reading of a mail that accuses nobody (a bounce, an auto-reply, a receipt): every address is only mentioned. */
export function withoutAccusation(reading: ComplaintReading, because: string): ComplaintReading {
  return {
    ...reading,
    addresses: reading.addresses.map((a) => ({ ...a, role: 'mentioned', because })),
    event: { at: null, local: null, text: null },
    times: [],
    traffic: null,
  };
}

/** A report's own fields stand at its beginning; a longer text is a log or a table. */
const maxReportChars = 300_000;

/** What a mail carries itself may come from a machine; what stands in a mail attached to it was passed on by whoever wrote it. */
function structured(mail: Mail, units: readonly Unit[]): Finding | null {
  const body = [mail.text, mail.html?.visible ?? ''].join('\n').slice(0, maxReportChars);
  const own = mail.attachments.map((a) => (a.mail === null ? (a.text ?? '') : ''));
  const passedOn = mail.attachments.flatMap((a) =>
    a.mail === null ? [] : [a.mail.text, ...a.mail.attachments.map((b) => b.text ?? '')],
  );
  const direct = firstFinding({ mail, units, body }, [body, ...own]);
  if (direct !== null || passedOn.length === 0) return direct;
  const indirect = firstFinding({ mail, units, body: passedOn[0] ?? '' }, passedOn);
  return indirect === null ? null : { ...indirect, automated: false };
}

function firstFinding(of: Omit<Material, 'texts' | 'json'>, all: readonly string[]): Finding | null {
  const texts = all.filter((text) => text !== '').map((text) => text.slice(0, maxReportChars));
  const material: Material = { ...of, texts, json: jsonIn(texts) };
  for (const read of readers) {
    const finding = read(material);
    if (finding !== null) return finding;
  }
  return null;
}

function statedTime(finding: Finding | null, mail: Mail, labels: Labels): EventTime | null {
  if (finding === null) return null;
  const all = [finding.time, ...finding.accused.map((a) => a.time)].flatMap((text) =>
    text === null ? [] : readTime(text, mail, labels.times),
  );
  const known = all.filter((t) => t.at !== null).sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : 1));
  return known[0] ?? all.find((t) => t.local !== null) ?? null;
}

function statedTimes(finding: Finding, mail: Mail, labels: Labels): ComplaintReading['times'] {
  return finding.accused.slice(0, 2000).flatMap(({ ip, time }) => {
    if (time === null) return [];
    const { at, local } = readTime(time, mail, labels.times);
    return at === null && local === null ? [] : [{ ip, at, local }];
  });
}

/** The first time in the lines that name an accused address, for each where there is one. */
function timesInText(
  moments: readonly Moment[],
  clues: readonly Clue[],
  accused: readonly string[],
  mail: Mail,
): ComplaintReading['times'] {
  const places = new Map<Unit, Map<number, string>>();
  for (const clue of clues) {
    const lines = places.get(clue.unit) ?? new Map<number, string>();
    places.set(clue.unit, lines.set(clue.line, clue.ip));
  }
  const first = new Map<string, Moment>();
  const wanted = new Set(accused);
  for (const moment of moments) {
    const ip = places.get(moment.unit)?.get(moment.line);
    if (ip === undefined || !wanted.has(ip) || moment.weak || !isPast(moment, mail)) continue;
    const known = first.get(ip);
    if (known === undefined || (moment.at ?? moment.local) < (known.at ?? known.local)) first.set(ip, moment);
  }
  return [...first].map(([ip, moment]) => {
    const { at, local } = timeOfMoment(moment);
    return { ip, at, local };
  });
}

/** Evidence goes on after the event that it begins with, at most until the mail was written. */
function throughout(event: Window | null, seenAt: number | null): Window | null {
  return event === null ? null : { from: event.from, to: Math.max(event.to, seenAt ?? event.to) };
}

function uncertainty(event: Pick<EventTime, 'at' | 'local'>): string {
  if (event.at !== null) return '';
  return event.local === null
    ? '; no time given, judged at the date of the mail'
    : '; time without a zone, judged over every zone';
}

/** Addresses in the mail's own Received lines: the reporter's machines, never the accused unless the report says so. */
function relaysOf(mail: Mail): (ip: string) => boolean {
  let relays: ReadonlySet<string> | null = null;
  const read = () => {
    const lines = mail.headers.filter((h) => h.name === 'received' || h.name === 'x-originating-ip');
    return new Set(lines.slice(0, 30).flatMap((h) => findAddresses(h.value).map((s) => s.ip)));
  };
  return (ip) => (relays ??= read()).has(ip);
}

function nodesNamedIn(units: readonly Unit[], inventory: Inventory): readonly string[] {
  const names = inventory.nodes.flatMap((n) => n.hostnames.map((h) => h.toLowerCase()));
  const found = new Set<string>();
  for (const unit of units) {
    if (names.length === 0) break;
    for (const line of unit.lines) {
      if (!line.includes('.')) continue;
      const lower = line.toLowerCase();
      for (const name of names) if (lower.includes(name)) found.add(nodeOfHostname(inventory, name)?.name ?? name);
    }
  }
  return [...found];
}
