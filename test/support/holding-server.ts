import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createTransport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { until } from './servers.ts';

export type HoldingServer = {
  readonly port: number;
  /** The next message is passed on or lost, and its sender never hears which. */
  readonly holdNext: (how: { readonly forwards: boolean }) => void;
  /** Waits until such a message is held. */
  readonly holding: () => Promise<unknown>;
  readonly stop: () => Promise<void>;
};

/** A mail server that passes everything on to another one, and can be silent after DATA. */
export async function startHoldingServer(target: number): Promise<HoldingServer> {
  let hold: { readonly forwards: boolean } | null = null;
  let held = false;
  const transport = createTransport({ host: '127.0.0.1', port: target, ignoreTLS: true });
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    closeTimeout: 100,
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const [how, { mailFrom, rcptTo }] = [hold, session.envelope];
        const envelope = { from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map((to) => to.address) };
        const passed =
          how?.forwards === false ? Promise.resolve() : transport.sendMail({ raw: Buffer.concat(chunks), envelope });
        hold = null;
        passed.then(
          () => {
            if (how === null) callback();
            else held = true;
          },
          (error: Error) => callback(error),
        );
      });
    },
  });
  server.on('error', () => undefined); // a client that was killed resets its connection
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    holdNext: (how) => {
      hold = how;
    },
    holding: () => until('a message is held', () => held),
    stop: async () => {
      transport.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
