/** The exact bytes of what the desk sends, made once and stored before anything connects. Composing connects to nothing. */
import { createTransport } from 'nodemailer';
import { oneLine } from '../core/letters/one-line.ts';
import { DeskError } from '../errors.ts';
import { isPlainAddress } from './address.ts';

/** The desk as a sender: display name and the one address that letters come from. */
export type FromDesk = { readonly name: string; readonly address: string };

export type LetterToCompose = {
  readonly from: FromDesk;
  /** Exactly one address. */
  readonly to: string;
  /** The case's signed address. */
  readonly replyTo: string;
  /** With angle brackets. */
  readonly messageId: string;
  /** ms UTC */
  readonly date: number;
  /** As rendered, with the case token in it. */
  readonly subject: string;
  readonly text: string;
  /** The mail that this answers: its Message-ID and what it referred to itself, as they were received. */
  readonly answers: {
    readonly messageId: string | null;
    readonly references: readonly string[];
    readonly inReplyTo: readonly string[];
  };
  /** Message-IDs of our earlier letters of this case, oldest first. */
  readonly earlier: readonly string[];
  /** What made the letter leave (RFC 3834 §5): a mail, a timer, or a person who wrote or changed it. */
  readonly origin: 'answer' | 'timer' | 'person';
};

export type NoticeToCompose = {
  readonly from: FromDesk;
  readonly to: readonly string[];
  readonly messageId: string;
  readonly date: number;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
};

const maxReferences = 20;
const maxSubject = 240;
/**
 * RFC 5322 §3.6.4 with what real programs write besides (colons, a second @, host names with "_"): nothing in it can end a
 * line, open a comment or begin another identifier.
 */
const messageIdForm = /^<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.:@[\]-]{1,200}@[A-Za-z0-9._:[\]-]{1,200}>$/;

/**
 * A letter of a case as RFC 5322 bytes with CRLF: plain text, quoted-printable, threaded to the mail that it answers.
 * Throws DeskError refused where an address or our own Message-ID is not in plain form; header values never break a line.
 */
export async function composeLetter(letter: LetterToCompose): Promise<Buffer> {
  const references = referencesOf(letter);
  const answered = letter.answers.messageId;
  return compose({
    from: letter.from,
    to: [letter.to],
    replyTo: letter.replyTo,
    messageId: letter.messageId,
    date: letter.date,
    subject: letter.subject,
    text: letter.text,
    headers: automatic(letter.origin, letter.from.address),
    ...(answered !== null && messageIdForm.test(answered) ? { inReplyTo: answered } : {}),
    ...(references.length > 0 ? { references } : {}),
  });
}

/** A digest or an alert to handlers, as text and HTML. */
export async function composeNotice(notice: NoticeToCompose): Promise<Buffer> {
  return compose({ ...notice, headers: automatic('timer', notice.from.address) });
}

type Message = Omit<NoticeToCompose, 'html'> & {
  readonly html?: string;
  readonly replyTo?: string;
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
};

async function compose(message: Message): Promise<Buffer> {
  const { from, to, replyTo, messageId, html, inReplyTo, references } = message;
  for (const address of [from.address, ...to, ...(replyTo === undefined ? [] : [replyTo])])
    if (!isPlainAddress(address))
      throw new DeskError('refused', `not an address that mail may go to: ${oneLine(address, 80)}`);
  if (to.length === 0) throw new DeskError('refused', 'a mail needs a recipient');
  if (!messageIdForm.test(messageId)) throw new DeskError('refused', `not a Message-ID: ${oneLine(messageId, 80)}`);
  const transport = createTransport({
    streamTransport: true,
    buffer: true,
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const { message: bytes } = await transport.sendMail({
    from: { name: oneLine(from.name, 120), address: from.address },
    to: to.map((address) => ({ name: '', address })),
    ...(replyTo === undefined ? {} : { replyTo: { name: '', address: replyTo } }),
    subject: oneLine(message.subject, maxSubject),
    messageId,
    date: new Date(message.date),
    text: bodyText(message.text),
    ...(html === undefined ? {} : { html: bodyText(html) }),
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    ...(references === undefined ? {} : { references: [...references] }),
    textEncoding: 'quoted-printable',
    headers: message.headers,
    envelope: { from: from.address, to: [...to] },
  });
  return bytes as Buffer;
}

/**
 * RFC 3834 §5: an answer is auto-replied, what a timer starts is auto-generated, what a person wrote is neither. OOF and
 * AutoReply ask Exchange for silence; "All" would also keep back the delivery reports that we need. X-Loop is how we, and
 * others, know our own mail when it comes around.
 */
function automatic(origin: LetterToCompose['origin'], loopAddress: string): Record<string, string> {
  const common = { 'X-Auto-Response-Suppress': 'OOF, AutoReply', 'X-Loop': loopAddress };
  switch (origin) {
    case 'answer':
      return { 'Auto-Submitted': 'auto-replied', ...common };
    case 'timer':
      return { 'Auto-Submitted': 'auto-generated', ...common };
    case 'person':
      return common;
  }
}

/** RFC 5322 §3.6.4: their References, else the one In-Reply-To, then their Message-ID, then our earlier letters; the last twenty. */
function referencesOf({ answers, earlier }: LetterToCompose): string[] {
  const parents =
    answers.references.length > 0 ? answers.references : answers.inReplyTo.length === 1 ? answers.inReplyTo : [];
  const chain = [...parents, ...(answers.messageId === null ? [] : [answers.messageId]), ...earlier];
  return [...new Set(chain.filter((id) => messageIdForm.test(id)))].slice(-maxReferences);
}

/** No control character but line breaks and tabs reaches a reader's terminal. */
function bodyText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, ' ');
}
