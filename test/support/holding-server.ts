import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { until } from './servers.ts';

export type HoldingServer = {
  readonly port: number;
  /** The next message is passed on, or lost; its sender hears nothing of it until `answer` or `hangUp`. */
  readonly holdNext: (what: 'passed on' | 'lost') => void;
  /** Waits until such a message is held. */
  readonly holding: () => Promise<unknown>;
  /** The sender hears at last that it was taken. */
  readonly answer: () => void;
  /** The connection breaks, and its sender never hears. */
  readonly hangUp: () => void;
  readonly stop: () => Promise<void>;
};

/** A mail server that passes everything on to another one, and can be silent after DATA. */
export async function startHoldingServer(target: number): Promise<HoldingServer> {
  let hold: 'passed on' | 'lost' | null = null;
  let answer: (() => void) | null = null;
  const sockets = new Set<Socket>();
  const transport = createTransport({ host: '127.0.0.1', port: target, ignoreTLS: true });

  const take = async (stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
    const held = hold;
    hold = null;
    const { mailFrom, rcptTo } = session.envelope;
    const envelope = { from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map((to) => to.address) };
    if (held !== 'lost') await transport.sendMail({ raw: Buffer.concat(chunks), envelope });
    if (held === null) return;
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
  };
  const onData = async (
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    callback: (error?: Error) => void,
  ): Promise<void> => {
    try {
      await take(stream, session);
      callback();
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    closeTimeout: 100,
    onData: (stream, session, callback) => void onData(stream, session, callback),
  });
  server.on('error', () => undefined); // a client that was killed resets its connection
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
  });
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    holdNext: (what) => {
      hold = what;
    },
    holding: () => until('a message is held', () => answer !== null),
    answer: () => answer?.(),
    hangUp: () => {
      for (const socket of sockets) socket.destroy();
    },
    stop: async () => {
      transport.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
