import type { DeskIdentity } from '../exits.ts';
import type { Mail, MailAddress } from '../mail.ts';

/** What the head of a mail says, with the rewriting of our own list undone. Evidence, not a verdict. */
export type HeaderFacts = {
  /** Who wrote: From, or the address that our list moved elsewhere; null where there is no parsable one. */
  readonly from: MailAddress | null;
  /** Reply-To where it names exactly one mailbox other than our own, else null. */
  readonly replyTo: string | null;
  /** Our own list or group put its address into From. */
  readonly rewritten: boolean;
  /** Our own list or group passed the mail on: its Precedence and List-* fields say nothing about the sender. */
  readonly viaOwnList: boolean;
  readonly nullSender: boolean;
  /** First word of each Auto-Submitted field, in lower case, but "no". */
  readonly autoSubmitted: readonly string[];
  /** One of our Message-IDs in In-Reply-To or References, or our case token in the subject. */
  readonly answersUs: string | null;
  readonly dmarc: Dmarc;
};

export type Dmarc = 'pass' | 'none' | 'fail-none' | 'fail-enforced' | 'unknown';

export function headerFacts(mail: Mail, desk: DeskIdentity): HeaderFacts {
  const own = new Set(desk.addresses.map((a) => a.toLowerCase()));
  const first = mail.from[0] ?? null;
  const rewritten = first !== null && own.has(first.address.toLowerCase());
  const from = rewritten ? originalSender(mail, own, first) : first;
  const answerable = mail.replyTo.filter((a) => a.address !== '' && !own.has(a.address.toLowerCase()));
  return {
    from: from !== null && from.address.includes('@') ? from : null,
    replyTo: answerable.length === 1 && mail.replyTo.length === 1 ? (answerable[0]?.address ?? null) : null,
    rewritten,
    viaOwnList: rewritten || isOwnList(mail, desk),
    nullSender: mail.returnPath === '',
    autoSubmitted: valuesOf(mail, 'auto-submitted')
      .map((v) => (/^\s*([a-z-]+)/i.exec(v)?.[1] ?? '').toLowerCase())
      .filter((word) => word !== '' && word !== 'no'),
    answersUs: answersUs(mail, desk),
    dmarc: dmarcOf(mail, desk.authservId),
  };
}

export function valuesOf(mail: Mail, name: string): string[] {
  return mail.headers.filter((h) => h.name === name).map((h) => h.value);
}

function originalSender(mail: Mail, own: ReadonlySet<string>, first: MailAddress): MailAddress | null {
  for (const name of ['x-original-from', 'x-original-sender', 'x-google-original-from']) {
    for (const value of valuesOf(mail, name)) {
      const address = /(?<![^\s<>"',;:@])[^\s<>"',;:@]+@[^\s<>"',;:]+/.exec(value)?.[0]?.toLowerCase();
      if (address === undefined || own.has(address)) continue;
      const display = value.includes('<') ? value.slice(0, value.indexOf('<')).replace(/["']/g, '').trim() : '';
      return { address, name: display === '' ? nameBeforeVia(first.name) : display };
    }
  }
  const reply = mail.replyTo.find((a) => a.address !== '' && !own.has(a.address.toLowerCase()));
  return reply === undefined ? null : { address: reply.address, name: reply.name ?? nameBeforeVia(first.name) };
}

/** "'Jane Doe' via Abuse" is how groups name the sender that they replaced. */
function nameBeforeVia(name: string | null): string | null {
  const real = /^['"]?(.{1,100}?)['"]? via /.exec(name ?? '')?.[1];
  return real ?? null;
}

function isOwnList(mail: Mail, desk: DeskIdentity): boolean {
  const marks = [...valuesOf(mail, 'list-id'), ...valuesOf(mail, 'mailing-list'), ...valuesOf(mail, 'list-post')];
  const names = desk.addresses.flatMap((a) => [a.toLowerCase(), a.toLowerCase().replace('@', '.')]);
  return marks.some((value) => names.some((name) => value.toLowerCase().includes(name)));
}

function answersUs(mail: Mail, desk: DeskIdentity): string | null {
  const domain = `@${desk.messageIdDomain.toLowerCase()}>`;
  const id = [...mail.inReplyTo, ...mail.references].find((ref) => ref.toLowerCase().endsWith(domain));
  if (id !== undefined) return id;
  const open = mail.subject.toUpperCase().indexOf(`[${desk.tokenPrefix.toUpperCase()}-`);
  return open === -1 ? null : (/^\[[^\]\s-]{1,20}-\d{1,10}\]/.exec(mail.subject.slice(open, open + 40))?.[0] ?? null);
}

/** DMARC by the topmost Authentication-Results of our own server (RFC 8601 §5: no other field can be trusted). */
function dmarcOf(mail: Mail, authservId: string): Dmarc {
  const ours = valuesOf(mail, 'authentication-results').find((value) => {
    const id = value.split(';')[0]?.trim().split(/\s/)[0] ?? '';
    return id.toLowerCase() === authservId.toLowerCase();
  });
  const clause = ours?.split(';').find((part) => /^\s*dmarc\s*=/i.test(part));
  const result = /^\s*dmarc\s*=\s*(\w+)/i.exec(clause ?? '')?.[1]?.toLowerCase();
  if (clause === undefined || result === undefined) return 'unknown';
  if (result === 'pass') return 'pass';
  if (result !== 'fail') return 'none';
  const policy = /\b(?:p|policy\.published-domain-policy|dis)\s*=\s*(\w+)/i.exec(clause)?.[1]?.toLowerCase();
  return policy === 'reject' || policy === 'quarantine' ? 'fail-enforced' : 'fail-none';
}
