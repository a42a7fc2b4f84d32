import type { Duplex } from 'node:stream';
import { dial, type Proxy } from './dial.ts';
import { failed, type FetchFailed } from './failure.ts';
import { isInner, redirectTarget } from './redirect.ts';
import { exchange } from './exchange.ts';

export type FetchRequest = {
  readonly url: string;
  /** Validators of the document that is known (RFC 9110 §8.8); null asks for it in any case. */
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** Requests of different names share no circuit where the proxy is Tor's. */
  readonly isolation: string;
};

export type FetchedDocument = {
  readonly kind: 'document';
  readonly text: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** The response told its length, so that a cut connection would have shown. */
  readonly framed: boolean;
  /** As it came over the wire. */
  readonly bytes: number;
};

export type Fetched = FetchedDocument | { readonly kind: 'not-modified' } | FetchFailed;

/** Fetches one document. Never throws for what a server, a proxy or the network does. */
export type Fetch = (request: FetchRequest, signal: AbortSignal) => Promise<Fetched>;

export type FetchOptions = {
  /** null: directly. */
  readonly proxy: Proxy | null;
  /** PEM text of certificate authorities to trust instead of the system's; null: the system's. */
  readonly ca: string | null;
  readonly userAgent: string;
  readonly limits: FetchLimits;
  /** ms UTC */
  readonly now: () => number;
};

export type FetchLimits = {
  /** For the whole of it: names, proxy, redirects, body. */
  readonly deadlineMs: number;
  /** As it comes over the wire. */
  readonly maxBytes: number;
  readonly maxUnpackedBytes: number;
};

const mostRedirects = 5;

/**
 * HTTP/1.1 GET over a connection of our own: direct, through an HTTP proxy (CONNECT), or through SOCKS5 with names resolved at
 * its far end. Redirects are followed a few times, never from https to http, and never into an inner network from outside.
 */
export function createFetch(options: FetchOptions): Fetch {
  return async (request, stop) => {
    const deadline = AbortSignal.timeout(options.limits.deadlineMs);
    const fetched = await follow(request, options, AbortSignal.any([stop, deadline]));
    if (fetched.kind !== 'failed') return fetched;
    if (stop.aborted) return failed('stopped', 'the desk was asked to stop');
    const seconds = options.limits.deadlineMs / 1000;
    return deadline.aborted ? failed('timed-out', `no whole answer within ${seconds} seconds`) : fetched;
  };
}

async function follow(request: FetchRequest, options: FetchOptions, signal: AbortSignal): Promise<Fetched> {
  const configured = new URL(request.url);
  let url = configured;
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const guarded = url.hostname !== configured.hostname && !isInner(configured.hostname);
    const socket = await dial(url, { ...options, guarded, isolation: request.isolation }, signal);
    if ('kind' in socket) return socket;
    const answer = await tidily(socket, () => exchange(socket, url, { request, options, signal }));
    if (answer.kind !== 'redirect') return answer;
    const next = redirectTarget(url, answer.location, configured);
    if (typeof next === 'string') return failed('redirect', next);
    url = next;
  }
  return failed('redirect', `more than ${mostRedirects} redirects`);
}

/** Whatever came of it, the connection is closed. */
async function tidily<T>(socket: Duplex, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    socket.destroy();
  }
}
