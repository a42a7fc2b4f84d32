import { lookup as resolve } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { SocksClient } from 'socks';
import { failed, failureOf, type FetchFailed } from './failure.ts';
import { isInner } from './redirect.ts';

export type Proxy = { readonly type: 'socks5' | 'http'; readonly host: string; readonly port: number };

export type DialOptions = {
  readonly proxy: Proxy | null;
  /** PEM text of certificate authorities to trust instead of the system's; null: the system's. */
  readonly ca: string | null;
  /** Refuse a name that resolves into an inner network. Behind a proxy names are its business. */
  readonly guarded: boolean;
  /** SOCKS user and password, by which Tor keeps circuits apart (IsolateSOCKSAuth). */
  readonly isolation: string;
};

type Host = { readonly host: string; readonly port: number };

/** A connection to the server of a URL, through the proxy where there is one, with TLS for https. */
export async function dial(url: URL, options: DialOptions, signal: AbortSignal): Promise<Duplex | FetchFailed> {
  const secure = url.protocol === 'https:';
  const target = {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
  };
  const { proxy } = options;
  const reached = await reach(proxy ?? target, proxy === null && options.guarded, signal);
  if ('kind' in reached) {
    const { detail } = reached;
    return proxy === null
      ? reached
      : failed('proxy', `the proxy ${proxy.host}:${proxy.port} is not reached: ${detail}`);
  }
  const through = proxy === null ? reached : await passThrough(reached, proxy, { target, ...options, signal });
  if ('kind' in through || !secure) return through;
  return startTls(through, target.host, options.ca);
}

function reach({ host, port }: Host, guarded: boolean, signal: AbortSignal): Promise<Socket | FetchFailed> {
  return new Promise((settle) => {
    if (signal.aborted) return settle(failed('stopped', 'too late'));
    const socket = connectTcp({ host, port, signal, ...(guarded ? { lookup: outerLookup } : {}) });
    socket.on('error', (error) => settle(failureOf(error)));
    socket.once('connect', () => settle(socket));
  });
}

/** Names are judged by what they resolve to, in the very look-up that the connection uses: nothing can change in between. */
const outerLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, []);
    if (addresses.some(({ address }) => isInner(address)))
      return callback(Object.assign(new Error('an inner address'), { code: 'EINNER' }), []);
    if (options.all === true) return callback(null, addresses);
    const [first] = addresses;
    return callback(null, first?.address ?? '', first?.family);
  });
};

type Passing = { readonly target: Host; readonly isolation: string; readonly signal: AbortSignal };

function passThrough(socket: Socket, proxy: Proxy, passing: Passing): Promise<Socket | FetchFailed> {
  return proxy.type === 'socks5' ? throughSocks(socket, proxy, passing) : throughConnect(socket, proxy, passing);
}

/** RFC 1928 and 1929. A host that is no address goes to the proxy as a name. */
async function throughSocks(
  socket: Socket,
  { host, port }: Proxy,
  { target, isolation }: Passing,
): Promise<Socket | FetchFailed> {
  try {
    await SocksClient.createConnection({
      proxy: { host, port, type: 5, userId: 'exitdesk', password: isolation },
      command: 'connect',
      destination: target,
      existing_socket: socket,
      // The caller's deadline comes first.
      timeout: 3_600_000,
    });
    return socket;
  } catch {
    // The library tells what went wrong in its message only.
    socket.destroy();
    return failed('proxy', `the SOCKS proxy ${host}:${port} does not lead to ${target.host}`);
  }
}

/** RFC 9110 §9.3.6 */
function throughConnect(
  socket: Socket,
  { host, port }: Proxy,
  { target, signal }: Passing,
): Promise<Socket | FetchFailed> {
  const authority = `${isIP(target.host) === 6 ? `[${target.host}]` : target.host}:${target.port}`;
  return new Promise((settle) => {
    const refuse = (why: string): void => {
      socket.destroy();
      settle(failed('proxy', `the proxy ${host}:${port} does not lead to ${target.host} (${why})`));
    };
    const request = httpRequest({
      method: 'CONNECT',
      path: authority,
      headers: { Host: authority },
      setHost: false,
      createConnection: () => socket,
      signal,
    });
    request.on('error', (error) => refuse(failureOf(error).detail));
    request.once('connect', (response, _, head) => {
      if (Math.floor((response.statusCode ?? 0) / 100) !== 2) return refuse(`status ${response.statusCode ?? 0}`);
      if (head.length > 0) socket.unshift(head);
      settle(socket);
    });
    request.end();
  });
}

function startTls(socket: Socket, host: string, ca: string | null): Promise<Duplex | FetchFailed> {
  return new Promise((settle) => {
    const secured = connectTls({
      socket,
      ...(isIP(host) === 0 ? { servername: host } : { host }),
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      ...(ca === null ? {} : { ca }),
    });
    secured.on('error', (error) => {
      socket.destroy();
      settle(failureOf(error));
    });
    secured.once('close', () => settle(failed('tls', 'the connection was cut while TLS began')));
    secured.once('secureConnect', () => settle(secured));
  });
}
