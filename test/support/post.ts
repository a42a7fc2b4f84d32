/** Mail as everybody else writes and reads it: independent of the desk's own reading and writing. */
import { simpleParser, type ParsedMail } from 'mailparser';
import { createTransport } from 'nodemailer';
import { until } from './servers.ts';
import type { World } from './world.ts';

export type Post = {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly messageId?: string;
  readonly date?: Date;
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
};

/** Delivers a mail by SMTP through the world's mail server; resolves when that has taken it, with its Message-ID. */
export async function post(world: World, mail: Post): Promise<string> {
  const transport = transportTo(world);
  const sent = await transport.sendMail({ ...mail, references: [...(mail.references ?? [])] });
  transport.close();
  return sent.messageId;
}

function transportTo(world: World): ReturnType<typeof createTransport> {
  return createTransport({ host: '127.0.0.1', port: world.postfix.smtpPort, ignoreTLS: true });
}

export type Received = ParsedMail & { readonly raw: string };

/** What lies in somebody's folder, oldest first. */
export function received(world: World, user: string, folder = 'INBOX'): Promise<readonly Received[]> {
  return Promise.all(world.dovecot.messages(user, folder).map(readIt));
}

/** Waits until somebody has a mail that fits. */
export function untilReceived(
  world: World,
  user: string,
  fits: (mail: Received) => boolean = () => true,
  folder = 'INBOX',
): Promise<Received> {
  return until(`a fitting mail lies with ${user}`, async () => (await received(world, user, folder)).find(fits));
}

async function readIt(raw: Buffer): Promise<Received> {
  return { ...(await simpleParser(raw)), raw: raw.toString('latin1') };
}

/** One header of a mail as it stands there, unfolded; null where it is missing. */
export function headerOf(mail: Received, name: string): string | null {
  const head = mail.raw.slice(0, mail.raw.indexOf('\r\n\r\n') + 2).replace(/\r\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: (.*)\\r$`, 'im').exec(head)?.[1] ?? null;
}
