import { assertNever } from '../../errors.ts';
import { readAddressList } from './address-list.ts';
import type { DocumentKind, ReadDocument, Reading } from './document.ts';
import { readExitAddresses } from './exit-addresses.ts';
import { readOnionoo } from './onionoo.ts';

/** Reads what a source published. Fetched text is hostile: nothing in it throws, whatever is none of its form is counted. */
export function readDocument(kind: DocumentKind, text: string, reading: Reading): ReadDocument {
  switch (kind) {
    case 'exit-addresses':
      return readExitAddresses(text, reading.nowMs);
    case 'address-list':
      return readAddressList(text);
    case 'onionoo':
      return readOnionoo(text, reading);
    default:
      return assertNever(kind);
  }
}
