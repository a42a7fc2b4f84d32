import type { Attachment, HtmlText, Mail } from './mail.ts';
import { partBlocks, type EvidenceForm } from './reading/blocks.ts';
import type { BoilerplateRole } from './reading/boilerplate.ts';
import type { MailHead } from './reading/find-head.ts';
import type { Heads } from './reading/heads.ts';
import { foldLine } from './reading/heads.ts';
import { partLayers, type BodyLine, type Layer, type LayerKind } from './reading/layers.ts';

export type SegmentKind = LayerKind | 'evidence' | 'boilerplate';

/** A stretch of a mail's text that is to be judged for what it is. */
export type Segment = {
  readonly kind: SegmentKind;
  readonly text: string;
  /** Whose words it stands among: evidence and boilerplate occur in each. */
  readonly layer: LayerKind;
  /** How many mails deep: 0 for what the sender wrote. */
  readonly depth: number;
  /** The head of the quoted or forwarded mail that begins with this segment. */
  readonly head: MailHead | null;
  /** What kind of evidence; null for everything else. */
  readonly form: EvidenceForm | null;
  /** What kind of boilerplate; null for everything else. */
  readonly role: BoilerplateRole | null;
  /** Index in `mail.attachments` of the attachment that it stands in, null for the body. */
  readonly attachment: number | null;
};

/** A mail's text, told apart, in reading order. */
export type Segments = {
  /** The body that a person reads, then the attachments. */
  readonly all: readonly Segment[];
  /** The other alternative (text or HTML), where it says something materially different; else empty. */
  readonly other: readonly Segment[];
  /** Which alternative `all` was taken from. */
  readonly body: 'text' | 'html' | 'none';
};

/** Tells a mail's text apart: whose words, what evidence, what boilerplate. Pure, linear in the mail's length. */
export function segment(mail: Mail, heads: Heads): Segments {
  const isAnswer = answers(mail, heads);
  const { body, chosen, other } = chooseBody(mail);
  const all = chosen.flatMap((lines) => segmentsOf(lines, heads, isAnswer));
  const attached = mail.attachments.flatMap((attachment, index) => attachedSegments(mail, attachment, index, heads));
  const others = other.flatMap((lines) => segmentsOf(lines, heads, isAnswer));
  return { all: [...all, ...attached], other: others, body };
}

/** The text of the segments of these kinds, joined by blank lines. */
export function textOf(segments: readonly Segment[], kinds: readonly SegmentKind[]): string {
  return segments
    .filter((segment) => kinds.includes(segment.kind))
    .map((segment) => segment.text)
    .join('\n\n');
}

/** Whether the mail answers another one, by its thread headers or subject; a forward is none, though programs thread it too. */
export function answers(mail: Mail, heads: Heads): boolean {
  const prefix = subjectPrefix(mail.subject, heads);
  if (prefix !== null) return prefix === 'reply';
  return mail.inReplyTo.length > 0;
}

function subjectPrefix(subject: string, heads: Heads): 'forward' | 'reply' | null {
  const label = /^\s*(?:\[[^\]]{1,40}\]\s*)?([^\s:：[\]]{1,16}(?: \S{1,12})?)(?:\[\d+\]|\(\d+\))?\s?[:：]/.exec(
    subject,
  )?.[1];
  if (label === undefined) return null;
  const folded = foldLine(label);
  const isReply = heads.replyPrefixes.has(folded);
  const isForward = heads.forwardPrefixes.has(folded);
  // "VS:" answers in Finnish and passes on in Danish and Norwegian: the thread headers tell.
  if (isReply === isForward) return null;
  return isReply ? 'reply' : 'forward';
}

type Bodies = {
  readonly body: Segments['body'];
  readonly chosen: readonly (readonly BodyLine[])[];
  readonly other: readonly (readonly BodyLine[])[];
};

/**
 * The plain text is the body, unless it is a stub ("your program cannot show this") beside a real page. The other one is
 * read too where it has words or numbers of its own.
 */
function chooseBody(mail: Mail): Bodies {
  const visible = mail.html?.visible ?? '';
  const textLines = mail.text.trim() === '' ? [] : [plainLines(mail.text)];
  const htmlLines = mail.html === null || visible.trim() === '' ? [] : [pageLines(mail.html)];
  if (htmlLines.length === 0) return { body: textLines.length > 0 ? 'text' : 'none', chosen: textLines, other: [] };
  if (textLines.length === 0) return { body: 'html', chosen: htmlLines, other: [] };
  const isStub = mail.text.length < 300 && visible.length > 3 * mail.text.length;
  const [chosen, other, own, foreign] = isStub
    ? [htmlLines, textLines, visible, mail.text]
    : [textLines, htmlLines, mail.text, visible];
  return { body: isStub ? 'html' : 'text', chosen, other: disagree(own, foreign) ? other : [] };
}

/** Whether `foreign` has a tenth of its words, and at least four, or any number with dots or colons that `own` has not. */
function disagree(own: string, foreign: string): boolean {
  const known = new Set(wordsOf(own));
  const words = new Set(wordsOf(foreign));
  let missing = 0;
  for (const word of words) {
    if (known.has(word)) continue;
    if (/\d[.:]\w+[.:]\w/.test(word)) return true;
    missing++;
  }
  return missing >= 4 && missing * 10 > words.size;
}

function wordsOf(text: string): readonly string[] {
  return (
    text
      .slice(0, 200_000)
      .toLowerCase()
      .match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}.:]*/gu) ?? []
  ).map((word) => word.replace(/(?<![.:])[.:]+$/, ''));
}

function plainLines(text: string): readonly BodyLine[] {
  return text.split('\n').map((line) => {
    const marks = /^(?:\s{0,3}>)+ ?|^(?:\| )+/.exec(line)?.[0] ?? '';
    return marks === ''
      ? { depth: 0, text: line }
      : { depth: marks.replace(/[^>|]/g, '').length, text: line.slice(marks.length) };
  });
}

/** Lines of an HTML page; what stands in a quoting element is one mark deep, and typed marks count as in plain text. */
function pageLines(html: HtmlText): readonly BodyLine[] {
  const lines: BodyLine[] = [];
  let offset = 0;
  let quote = 0;
  for (const line of plainLines(html.visible)) {
    while (quote < html.quotes.length && (html.quotes[quote]?.[1] ?? 0) <= offset) quote++;
    const range = html.quotes[quote];
    const end = html.visible.indexOf('\n', offset);
    const next = end < 0 ? html.visible.length + 1 : end + 1;
    const inside = range !== undefined && range[0] < next - 1 && range[1] > offset;
    lines.push(inside ? { depth: line.depth + 1, text: line.text } : line);
    offset = next;
  }
  return lines;
}

function segmentsOf(lines: readonly BodyLine[], heads: Heads, isAnswer: boolean): readonly Segment[] {
  return partLayers(lines, heads, isAnswer).flatMap((layer) => layerSegments(layer, heads));
}

function layerSegments(layer: Layer, heads: Heads): readonly Segment[] {
  const base = { layer: layer.kind, depth: layer.depth, attachment: null };
  const blocks = partBlocks(layer.lines, heads);
  if (blocks.length === 0)
    return layer.head ? [{ ...base, kind: layer.kind, text: '', head: layer.head, form: null, role: null }] : [];
  return blocks.map((block, index) => ({
    ...base,
    kind: block.kind === 'prose' ? layer.kind : block.kind,
    text: block.text,
    head: index === 0 ? layer.head : null,
    form: block.form,
    role: block.role,
  }));
}

/**
 * An attached mail is passed on, except in a machine report (RFC 6522), where it is the evidence. A text file or a page is told
 * apart as a body is: its sentences are passed on, and are the sender's own words where the body says nothing; the rest, and any
 * other attached text, is evidence.
 */
function attachedSegments(mail: Mail, attachment: Attachment, index: number, heads: Heads): readonly Segment[] {
  if (attachment.mail) return attachedMail(mail, attachment.mail, index, heads);
  if (attachment.text === null || attachment.text.trim() === '') return [];
  const base = { depth: 0, head: null, form: null, role: null, attachment: index, layer: 'new' as const };
  const bodyIsEmpty = mail.text.trim().length + (mail.html?.visible.trim().length ?? 0) < 20;
  if (mail.contentType === 'multipart/report' || !/^text\/(?:plain|html)$/.test(attachment.contentType))
    return [{ ...base, kind: 'evidence', form: 'records', text: attachment.text }];
  const found = segmentsOf(plainLines(attachment.text), heads, false).map((one) => ({ ...one, attachment: index }));
  return bodyIsEmpty ? found : found.map((one) => (one.kind === 'new' ? { ...one, kind: 'forwarded' } : one));
}

function attachedMail(outer: Mail, inner: Mail, index: number, heads: Heads): readonly Segment[] {
  const isReport = outer.contentType === 'multipart/report';
  const { all, other } = segment(inner, heads);
  const head = {
    from: inner.headers.find((line) => line.name === 'from')?.value ?? null,
    date: inner.headers.find((line) => line.name === 'date')?.value ?? null,
    to: inner.headers.find((line) => line.name === 'to')?.value ?? null,
    subject: inner.subject === '' ? null : inner.subject,
    text: '',
  };
  const segments = [...all, ...other].map((found, at): Segment => {
    const layer = found.layer === 'quoted' ? 'quoted' : 'forwarded';
    const kind = isReport ? 'evidence' : found.kind === 'new' ? 'forwarded' : found.kind;
    return { ...found, kind, layer, depth: found.depth + 1, head: at === 0 ? head : found.head, attachment: index };
  });
  if (segments.length > 0) return segments;
  return [
    {
      kind: isReport ? 'evidence' : 'forwarded',
      text: '',
      layer: 'forwarded',
      depth: 1,
      head,
      form: isReport ? 'records' : null,
      role: null,
      attachment: index,
    },
  ];
}
