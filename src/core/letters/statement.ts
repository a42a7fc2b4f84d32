/** The statement in every letter: what each accused address was at the reported time, and where anyone can look it up. */
import { DateTime } from 'luxon';
import { windowOfEvent } from '../event-window.ts';
import { type Inventory, standingAt, type Window } from '../exits.ts';
import { dayOf as dateOf, exoneraTorLink } from '../exonera-tor.ts';
import type { AccusedAddress, Judgement } from '../judgement.ts';
import type { PublicAnswer } from '../public-tor.ts';
import { utcTime as utcTimeOf } from '../utc-time.ts';
import { oneLine } from './one-line.ts';

/** One accused address. Dates are "2026-03-31" (UTC); null where the inventory sets no limit. */
export type AddressStatement = {
  readonly ip: string;
  readonly since: string | null;
  /** The day from which it was not ours any more. */
  readonly until: string | null;
  /** It was our Tor exit at the reported time. */
  readonly wasExit: boolean;
  /** It was ours at the reported time, but no Tor exit. */
  readonly wasOursNoExit: boolean;
  /** It was not ours at the reported time. */
  readonly wasNotOurs: boolean;
  /** It was an exit of ours then, and is not ours any more. */
  readonly givenBack: boolean;
  /** ExoneraTor's page for this very address and day; null where it was no exit of ours. */
  readonly publicRecord: string | null;
  /** The complaint's time has no zone, and it was not the same in all of them. */
  readonly uncertain: boolean;
  /** The days between which the public Tor data that we collect show it as an exit; null where they do not. */
  readonly seenAsExit: { readonly from: string; readonly to: string } | null;
};

/** What public Tor data said of accused addresses, as it was kept with the case. */
export type KeptAnswers = readonly { readonly ip: string; readonly answer: PublicAnswer }[];

export type Statement = {
  /** Ours first; at most 50 (a report in bulk may name thousands). */
  readonly addresses: readonly AddressStatement[];
  /** How many accused addresses are left out of the list; null where none is. */
  readonly leftOut: number | null;
  /** The accused addresses in one line, separated by commas, after five a "…"; '' where none is accused. */
  readonly addressList: string;
  /** Those that were exits of ours at that time; '' where none was: then a letter must not say so. */
  readonly exitList: string;
  readonly severalExits: boolean;
  /** Every one of these exits is ours no more. */
  readonly allGivenBack: boolean;
  /** The time as the complaint wrote it; null where it gave none. */
  readonly reportedTime: string | null;
  /** The same in UTC ("2026-03-01 11:04 UTC"); null where it gave no zone. */
  readonly utcTime: string | null;
  /** The complaint gave no time: its own date was taken. */
  readonly timeMissing: boolean;
  /** It gave a time without a zone. */
  readonly zoneMissing: boolean;
  /** The public record of that day may not be complete yet. */
  readonly recordIncomplete: boolean;
};

const maxAddresses = 50;
const maxInLine = 5;
const dayMs = 86_400_000;

/** @param seenAt when the complaint was written or arrived, ms UTC; @param now ms UTC */
export function statementOf(
  judgement: Judgement,
  inventory: Inventory,
  { seenAt, now, publicTor }: { readonly seenAt: number; readonly now: number; readonly publicTor: KeptAnswers },
): Statement {
  const accused = judgement.addresses.filter((a) => a.role === 'reported');
  const ours = accused.filter((a) => a.standing !== 'not-ours');
  const reported = [...ours, ...accused.filter((a) => a.standing === 'not-ours')].slice(0, maxAddresses);
  const { at, local, text } = judgement.event;
  const window = windowOfEvent(judgement.event);
  const day = dayOf(judgement) ?? utc(seenAt).toISODate() ?? '';
  const utcTime = at === null ? null : timeText(at);
  const written = oneLine(text ?? '', 80) || oneLine(local?.replace('T', ' ') ?? '', 80) || utcTime;
  const addresses = reported.map((address) =>
    stateAddress(address, inventory, { window, seenAt, day, now, publicTor }),
  );
  const exits = addresses.filter((a) => a.wasExit);
  return {
    addresses,
    leftOut: accused.length > reported.length ? accused.length - reported.length : null,
    addressList: inLine(addresses),
    exitList: inLine(exits),
    severalExits: exits.length > 1,
    allGivenBack: exits.length > 0 && exits.every((a) => a.givenBack),
    reportedTime: at === null && local === null ? null : written,
    utcTime,
    timeMissing: at === null && local === null,
    zoneMissing: at === null && local !== null,
    recordIncomplete: exits.length > 0 && now - (window?.from ?? seenAt) < 2 * dayMs,
  };
}

function inLine(addresses: readonly AddressStatement[]): string {
  const shown = addresses.slice(0, maxInLine).map((a) => a.ip);
  return [...shown, ...(addresses.length > maxInLine ? ['…'] : [])].join(', ');
}

type When = {
  readonly window: Window | null;
  readonly seenAt: number;
  readonly day: string;
  readonly now: number;
  readonly publicTor: KeptAnswers;
};

function stateAddress({ ip, standing, uncertain }: AccusedAddress, inventory: Inventory, when: When): AddressStatement {
  const span = standingAt(inventory, ip, when.window, when.seenAt);
  const gone = span.until !== null && span.until <= when.now;
  const wasExit = standing === 'exit' || standing === 'exit-then';
  return {
    ip,
    since: span.from === null ? null : utc(span.from).toISODate(),
    until: gone && span.until !== null ? utc(span.until).toISODate() : null,
    wasExit,
    wasOursNoExit: standing === 'not-exit',
    wasNotOurs: standing === 'not-ours',
    givenBack: standing === 'exit-then' || (wasExit && gone),
    publicRecord: wasExit ? exoneraTorLink(ip, when.day) : null,
    uncertain: uncertain === true,
    seenAsExit: standing === 'not-exit' ? null : seenAsExit(when.publicTor.find((known) => known.ip === ip)?.answer),
  };
}

function seenAsExit(answer: PublicAnswer | undefined): AddressStatement['seenAsExit'] {
  return answer?.kind === 'exit' ? { from: dateOf(answer.firstSeenMs), to: dateOf(answer.lastSeenMs) } : null;
}

/** The day to look up: in UTC, as ExoneraTor counts, or as written where no zone was given. */
function dayOf({ event }: Judgement): string | null {
  const iso = event.at ?? event.local;
  const ms = iso === null ? null : utcFromIso(iso);
  return ms === null ? null : utc(ms).toISODate();
}

function timeText(iso: string): string | null {
  const ms = utcFromIso(iso);
  return ms === null ? null : utcTimeOf(ms);
}

function utcFromIso(iso: string): number | null {
  const parsed = DateTime.fromISO(iso, { zone: 'utc' });
  return parsed.isValid ? parsed.toMillis() : null;
}

function utc(ms: number): DateTime {
  return DateTime.fromMillis(ms, { zone: 'utc' });
}
