import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { failed, failureOf, type FetchFailed } from './failure.ts';
import type { Fetched, FetchedDocument, FetchLimits, FetchOptions, FetchRequest } from './fetch.ts';

type Exchange = { readonly request: FetchRequest; readonly options: FetchOptions; readonly signal: AbortSignal };
type Redirect = { readonly kind: 'redirect'; readonly location: string };

/** One request and its answer over a connection that is used for nothing else. */
export async function exchange(
  socket: Duplex,
  url: URL,
  { request, options, signal }: Exchange,
): Promise<Fetched | Redirect> {
  const response = await responseTo(socket, url, { request, options, signal });
  if ('kind' in response) return response;
  const status = response.statusCode ?? 0;
  if ([301, 302, 303, 307, 308].includes(status))
    return { kind: 'redirect', location: response.headers.location ?? '' };
  if (status === 304)
    return request.etag === null && request.lastModified === null
      ? failed('status', 'it says "not modified" though nothing was known (304)')
      : { kind: 'not-modified' };
  if (status !== 200) return failed('status', `it answers with status ${status}`, retryAfter(response, options.now()));
  return documentOf(response, options.limits);
}

function responseTo(
  socket: Duplex,
  url: URL,
  { request, options, signal }: Exchange,
): Promise<IncomingMessage | FetchFailed> {
  return new Promise((settle) => {
    const sent = httpRequest({
      method: 'GET',
      path: url.pathname + url.search,
      setHost: false,
      headers: {
        Host: url.host,
        'User-Agent': options.userAgent,
        Accept: 'text/plain, application/json, */*;q=0.5',
        'Accept-Encoding': 'gzip',
        Connection: 'close',
        ...(request.etag === null ? {} : { 'If-None-Match': request.etag }),
        ...(request.lastModified === null ? {} : { 'If-Modified-Since': request.lastModified }),
      },
      createConnection: () => socket,
      signal,
    });
    sent.on('error', (error) => settle(failureOf(error)));
    sent.once('response', (response) => {
      response.on('error', () => undefined);
      settle(response);
    });
    sent.end();
  });
}

/** The body within the limits, before and after it is unpacked: a bomb is dropped while it unfolds. */
async function documentOf(response: IncomingMessage, limits: FetchLimits): Promise<FetchedDocument | FetchFailed> {
  const { headers } = response;
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (!['identity', 'gzip', 'x-gzip'].includes(encoding)) return failed('undecodable', 'it is packed in a way that was not asked for'); // prettier-ignore
  let bytes = 0;
  let unpacked = 0;
  const chunks: Buffer[] = [];
  const counted = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > limits.maxBytes) throw new RangeError('too large');
      yield chunk;
    }
  };
  const collected = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) {
      unpacked += chunk.length;
      if (unpacked > limits.maxUnpackedBytes) throw new RangeError('too large');
      chunks.push(chunk);
    }
  };
  try {
    if (encoding === 'identity') await pipeline(response, counted, collected);
    else await pipeline(response, counted, createGunzip(), collected);
  } catch (error) {
    if (bytes > limits.maxBytes) return failed('too-large', `it is larger than ${limits.maxBytes} bytes`);
    if (unpacked > limits.maxUnpackedBytes) return failed('too-large', `unpacked it is larger than ${limits.maxUnpackedBytes} bytes`); // prettier-ignore
    return failureOf(error);
  }
  return {
    kind: 'document',
    text: Buffer.concat(chunks).toString('utf8'),
    etag: validator(headers.etag),
    lastModified: validator(headers['last-modified']),
    framed:
      headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined || encoding !== 'identity',
    bytes,
  };
}

/** A validator that can be sent back; an overlong one is none. */
function validator(value: string | undefined): string | null {
  return value !== undefined && /^[\t\u0020-\u007e]{1,500}$/.test(value) ? value : null;
}

const mostPatienceMs = 86_400_000;

/** RFC 9110 §10.2.3: seconds or a date; at most a day. */
function retryAfter({ headers }: IncomingMessage, now: number): number | null {
  const value = headers['retry-after'];
  if (value === undefined) return null;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, mostPatienceMs) : null;
}
