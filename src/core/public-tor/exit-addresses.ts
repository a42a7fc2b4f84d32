import {
  exitAddress,
  formerAfterMs,
  instantOf,
  linesOf,
  sampleOf,
  type ReadDocument,
  type Sighting,
} from './document.ts';

type Entry = {
  readonly fingerprint: string;
  lastStatusMs: number | null;
  readonly addresses: { readonly address: string; readonly testedMs: number | null }[];
};

/**
 * TorDNSEL's exit list (the exit-lists of CollecTor, check.torproject.org/exit-addresses): ExitNode, Published, LastStatus and
 * any number of ExitAddress lines a relay, UTC. A relay that left the network stays in it for up to two days; by its LastStatus
 * it is told as seen until then. The document speaks of its newest instant. IPv4 only, as the tests are.
 */
export function readExitAddresses(text: string, nowMs: number): ReadDocument {
  const entries: Entry[] = [];
  let junk = 0;
  let junkSample: string | null = null;
  const { lines, tooMany } = linesOf(text, /\r?\n/);
  for (const line of lines) {
    const words = line.trim().split(/[ \t]+/);
    if (words[0] === '' || takeLine(words, entries, nowMs)) continue;
    junk += 1;
    junkSample ??= sampleOf(line);
  }
  const instants = entries.flatMap((entry) => [entry.lastStatusMs, ...entry.addresses.map((a) => a.testedMs)]);
  const asOfMs = instants.reduce<number | null>((max, ms) => (max === null || (ms ?? 0) > max ? ms : max), null);
  const sightings = entries.flatMap((entry) => sightingsOf(entry, asOfMs ?? nowMs));
  const broken = tooMany ? 'it has more lines than there can be' : asOfMs === null ? 'it names no instant' : null;
  return { asOfMs, sightings, others: 0, junk, junkSample, broken };
}

/** Takes one line into the entries; false where it is none of this form. */
function takeLine(words: readonly string[], entries: Entry[], nowMs: number): boolean {
  const entry = entries.at(-1);
  switch (words[0] ?? '') {
    case '@type':
    case 'Downloaded':
      return true;
    case 'ExitNode': {
      const fingerprint = (words[1] ?? '').toUpperCase();
      if (!/^[0-9A-F]{40}$/.test(fingerprint)) return false;
      entries.push({ fingerprint, lastStatusMs: null, addresses: [] });
      return true;
    }
    case 'Published':
      return entry !== undefined;
    case 'LastStatus': {
      const at = instantOf(words[1], words[2], nowMs);
      if (entry === undefined || at === null) return false;
      entry.lastStatusMs = at;
      return true;
    }
    case 'ExitAddress': {
      const address = exitAddress(words[1] ?? '');
      if (entry === undefined || address === null) return false;
      const testedMs = instantOf(words[2], words[3], nowMs);
      entry.addresses.push({ address, testedMs });
      return testedMs !== null;
    }
    default:
      return false;
  }
}

/** A test that is more than two days old, which the list does not keep, dates nothing. */
function sightingsOf({ fingerprint, lastStatusMs, addresses }: Entry, asOfMs: number): readonly Sighting[] {
  return addresses.map(({ address, testedMs }) => {
    const lastMs = Math.max(lastStatusMs ?? 0, testedMs ?? 0);
    const former = lastMs > 0 && lastMs < asOfMs - formerAfterMs;
    const sinceMs = testedMs !== null && testedMs >= lastMs - twoDaysMs ? testedMs : null;
    return { address, fingerprint, sinceMs, untilMs: former ? lastMs : null, namesUs: null };
  });
}

const twoDaysMs = 2 * 86_400_000;
