import { assertNever } from '../../errors.ts';
import { readAddressList } from './address-list.ts';
import type { DocumentForm, ReadDocument, Reading } from './document.ts';
import { readExitAddresses } from './exit-addresses.ts';
import { readOnionoo } from './onionoo.ts';

/** Reads what a source published. Fetched text is hostile: nothing in it throws, whatever is none of its form is counted. */
export function readDocument(form: DocumentForm, text: string, reading: Reading): ReadDocument {
  switch (form) {
    case 'exit-addresses':
      return readExitAddresses(text, reading.nowMs);
    case 'address-list':
      return readAddressList(text);
    case 'onionoo':
      return readOnionoo(text, reading);
    default:
      return assertNever(form);
  }
}

/** Several answers of one source as one: as old as the oldest of them, broken where one is. */
export function joinDocuments(documents: readonly ReadDocument[]): ReadDocument {
  const [first, ...rest] = documents;
  if (first === undefined) throw new Error('no document to read');
  return rest.reduce(
    (a, b) => ({
      asOfMs: a.asOfMs === null || b.asOfMs === null ? null : Math.min(a.asOfMs, b.asOfMs),
      sightings: [...a.sightings, ...b.sightings],
      others: a.others + b.others,
      junk: a.junk + b.junk,
      junkSample: a.junkSample ?? b.junkSample,
      broken: a.broken ?? b.broken,
    }),
    first,
  );
}
