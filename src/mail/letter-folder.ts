import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { DeskError } from '../errors.ts';
import { createMaildir, deliverToMaildir, nameForMessage } from './maildir-files.ts';
import type { Sender } from './send.ts';

/**
 * A Sender that writes letters into a Maildir in place of sending them, for rehearsals and the demo. The bytes stay
 * exact, the file is named after the Message-ID, and writing a letter a second time changes nothing.
 */
export function createLetterFolder(options: { readonly path: string }): Sender {
  const { path } = options;
  return {
    toFolder: true,
    send: async ({ bytes }) => {
      const name = nameForMessage(bytes);
      try {
        const filed = await deliverToMaildir(path, name, bytes);
        return {
          result: 'accepted',
          response: filed === 'filed' ? `filed as ${name}` : `${name} was there`,
          refused: [],
        };
      } catch (error) {
        // A full disk or a missing right passes when somebody mends it: the letter is tried again, never lost.
        return {
          result: 'temporary',
          answered: false,
          response: `not written: ${(error as NodeJS.ErrnoException).code ?? 'failed'}`,
        };
      }
    },
    verify: async () => {
      try {
        await createMaildir(path);
        await access(join(path, 'new'), constants.W_OK);
      } catch (cause) {
        throw new DeskError('file-unreadable', `letters cannot be written to ${path}: check the path and its rights`, {
          cause,
        });
      }
      return `letters go to the folder ${path}, nothing is sent`;
    },
    close: () => undefined,
  };
}
