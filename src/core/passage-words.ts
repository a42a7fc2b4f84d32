import { assertNever } from '../errors.ts';
import { dayOf } from './exonera-tor.ts';
import type { Passage, PassageReason } from './judgement.ts';

/** Whether the reported traffic can have come through our exit, in one sentence for a handler. */
export function passageWords({ verdict, because }: Passage): string {
  const reasons = because.map(reasonWords).join('; ');
  switch (verdict) {
    case 'impossible':
      return `Tor cannot have carried it: ${reasons}`;
    case 'partly':
      return `Tor cannot have carried some of it: ${reasons}`;
    case 'doubtful':
      return `maybe not through Tor: ${reasons}`;
    case 'possible':
      return because.length === 0 ? 'may have come through Tor' : `may have come through Tor: ${reasons}`;
    case 'unknown':
      return 'whether our exit let it out is not known: no exit policy of that time, or no port';
    default:
      return assertNever(verdict);
  }
}

function reasonWords(reason: PassageReason): string {
  switch (reason.why) {
    case 'not-tcp':
      return `${reason.protocol.toUpperCase()}${port(reason.port)} (Tor carries TCP only)`;
    case 'refused': {
      const since = reason.since === null ? '' : ` since ${dayOf(reason.since)}`;
      const to = `TCP${port(reason.port)}${reason.address === null ? '' : ` of ${reason.address}`}`;
      const usual = reason.stated ? '' : ', if it was the usual port';
      return `${to}${usual} (exit policy${since}: ${reason.rule})`;
    }
    case 'syn-only':
      return 'only first packets (SYN) to port 22, which are easily forged';
    case 'name-lookup':
      return 'UDP, maybe name lookups of the exit itself';
    default:
      return assertNever(reason);
  }
}

function port(number: number | null): string {
  return number === null ? '' : ` port ${number}`;
}
