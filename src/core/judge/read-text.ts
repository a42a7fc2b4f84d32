import type { Mail } from '../mail.ts';
import type { Heads } from '../reading/heads.ts';
import { segment, type Segment, type Segments } from '../segments.ts';

/** A mail's text, told apart by whose words it is. */
export type ReadText = {
  readonly subject: string;
  /** New text of the sender. */
  readonly own: string;
  /** "Label: value" lines of the sender's own text. */
  readonly fields: string;
  /** What the sender passes on: a forwarded complaint, an attached mail's text, values of report fields. */
  readonly forwarded: string;
  /** An earlier mail quoted in an answer. */
  readonly quoted: string;
  /** Logs, reports, tables. */
  readonly evidence: string;
  /** Signature lines under the sender's own text. */
  readonly signature: string;
  readonly boilerplate: string;
  readonly segments: Segments;
};

export function readText(mail: Mail, heads: Heads): ReadText {
  const segments = segment(mail, heads);
  const all = [...segments.all, ...segments.other];
  const pick = (fits: (s: Segment) => boolean) =>
    all
      .filter((s) => s.text !== '' && fits(s))
      .map((s) => s.text)
      .join('\n\n');
  const isField = (s: Segment) => s.kind === 'evidence' && s.form === 'pairs';
  const heard = (s: Segment) => s.layer !== 'quoted';
  return {
    subject: mail.subject,
    own: pick((s) => s.kind === 'new'),
    fields: pick((s) => isField(s) && s.layer === 'new'),
    forwarded: pick((s) => s.kind === 'forwarded' || (isField(s) && s.layer === 'forwarded')),
    quoted: pick((s) => s.kind === 'quoted'),
    evidence: pick((s) => s.kind === 'evidence' && s.form !== 'pairs' && heard(s)),
    signature: pick((s) => s.role === 'signature' && s.layer === 'new'),
    boilerplate: pick((s) => s.kind === 'boilerplate' && s.layer === 'new'),
    segments,
  };
}

/** Our own letter stands quoted in it: the head of a quoted or forwarded mail names our address as its sender. */
export function quotesDesk(segments: Segments, addresses: readonly string[]): boolean {
  const own = addresses.map((a) => a.toLowerCase());
  return segments.all.some(({ head, attachment }) => {
    const from = head?.from?.toLowerCase();
    return attachment === null && from !== undefined && own.some((address) => from.includes(address));
  });
}
