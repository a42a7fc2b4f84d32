import { MailParser, type AttachmentStream, type Headers, type StructuredHeader } from 'mailparser';
import { plainMultipart } from './plain-multipart.ts';
import type { MessageBytes, Part } from './single-part.ts';

export type PartsResult =
  { readonly ok: true; readonly parts: readonly Part[] } | { readonly ok: false; readonly reason: string };

/**
 * Splits a message into its leaf parts: by the rules where it keeps them, else with mailparser, which knows what mail
 * programs get wrong. Every leaf is taken as bytes: mailparser's own text handling merges parts, guesses no charset and
 * glues table cells, so all of that is done here. message/rfc822 stays one leaf. Never rejects: what mailparser refuses
 * (too many parts) is a result with a reason.
 */
export function splitParts(
  message: MessageBytes,
  limits: { maxParts: number; maxHeadBytes: number },
): Promise<PartsResult> {
  const plain = plainMultipart(message, limits.maxParts);
  return plain ? Promise.resolve({ ok: true, parts: plain }) : parseParts(message, limits);
}

/** The same by mailparser, whatever the message looks like. */
export function parseParts(
  message: MessageBytes,
  limits: { maxParts: number; maxHeadBytes: number },
): Promise<PartsResult> {
  return new Promise((resolve) => {
    const parser = newParser(limits);
    const streams: { readonly stream: AttachmentStream; readonly chunks: Buffer[] }[] = [];
    parser.on('error', (error: Error) => resolve({ ok: false, reason: reasonOf(error) }));
    parser.on('data', (data) => {
      if (data.type !== 'attachment') return;
      const chunks: Buffer[] = [];
      streams.push({ stream: data, chunks });
      data.content.on('data', (chunk: Buffer) => chunks.push(chunk));
      data.content.on('end', () => data.release?.());
      data.content.on('error', () => data.release?.());
    });
    parser.on('end', () => {
      const ancestors = ancestorsOf(parser.tree || null);
      resolve({ ok: true, parts: streams.map(({ stream, chunks }) => partOf(stream, chunks, ancestors)) });
    });
    // mailparser decodes every header it is given, at some cost; only these shape the parts
    const head = message.headers.filter((line) => line.name.startsWith('content-')).slice(0, 50);
    parser.write(`${head.map((line) => `${line.name}: ${line.raw}\r\n`).join('')}\r\n`);
    parser.end(message.body);
  });
}

/**
 * The parts of a multipart message whose boundary is missing or never used: split at the first line that looks like a
 * boundary above MIME headers, else the whole body as one plain part.
 */
export async function rescueParts(
  message: MessageBytes,
  limits: { maxParts: number; maxHeadBytes: number },
): Promise<readonly Part[]> {
  const { body } = message;
  if (body.length === 0) return [];
  const boundary = boundaryLine.exec(body.toString('latin1', 0, 65_536))?.[1];
  if (boundary !== undefined) {
    const head = { name: 'content-type', raw: `multipart/mixed; boundary="${boundary.replace(/["\\]/g, '')}"` };
    const split = await splitParts({ headers: [head], body }, limits);
    if (split.ok && split.parts.length > 0) return split.parts;
  }
  return [{ contentType: 'text/plain', params: {}, disposition: null, filename: null, bytes: body, within: [] }];
}

const boundaryLine = /^--([\x21-\x7e]{1,70})[ \t]*\r?\n(?=(?:mime-version|content-[a-z-]{2,30}) ?:)/im;

type TreeNode = {
  readonly contentType: string | false;
  readonly headers: Headers;
  readonly children: readonly TreeNode[];
};

/** The parts of mailparser's own state that are read or set here; the version is pinned, and tests hold it in place. */
type OpenParser = MailParser & { textTypes: string[]; readonly tree: TreeNode | false };

function newParser(limits: { maxParts: number; maxHeadBytes: number }): OpenParser {
  const parser = new MailParser({
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipTextLinks: true,
    skipImageLinks: true,
    keepDeliveryStatus: true,
    ignoreEmbedded: true,
    checksumAlgo: false,
    maxHeadSize: limits.maxHeadBytes,
    maxChildNodes: limits.maxParts,
    maxHtmlLengthToParse: 1,
  }) as OpenParser;
  // no type is body text to mailparser: each leaf comes as an attachment with its bytes
  parser.textTypes = [];
  return parser;
}

function partOf(stream: AttachmentStream, chunks: readonly Buffer[], ancestors: Map<Headers, readonly string[]>): Part {
  const type = structured(stream.headers.get('content-type'));
  return {
    contentType: stream.contentType || 'application/octet-stream',
    params: type?.params ?? {},
    disposition: stream.contentDisposition?.toLowerCase() ?? null,
    filename: stream.filename || null,
    bytes: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks),
    within: ancestors.get(stream.headers) ?? [],
  };
}

function structured(value: unknown): StructuredHeader | null {
  return typeof value === 'object' && value !== null && 'params' in value ? (value as StructuredHeader) : null;
}

/** The chain of multipart types above each leaf, by its header map; iterative, for nesting is hostile data. */
function ancestorsOf(root: TreeNode | null): Map<Headers, readonly string[]> {
  const found = new Map<Headers, readonly string[]>();
  const open: { node: TreeNode; within: readonly string[] }[] = root ? [{ node: root, within: [] }] : [];
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, within } = next;
    found.set(node.headers, within);
    const inner = node.contentType ? [...within.slice(-20), node.contentType] : within;
    for (const child of node.children) open.push({ node: child, within: inner });
  }
  return found;
}

function reasonOf(error: Error & { code?: unknown }): string {
  return error.code === 'EMAXLEN'
    ? `over a limit: ${error.message}`
    : `MIME structure cannot be read: ${error.message}`;
}
