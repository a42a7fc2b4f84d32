/** Small servers on loopback: a web server that a test scripts, and the two kinds of proxy. */
import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect, createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';

export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

export type Web = {
  readonly port: number;
  /** http://127.0.0.1:PORT, or https:// */
  readonly url: string;
  /** What it answers from now on. */
  answer: Answering;
  /** What was asked of it: path and headers, oldest first. */
  readonly asked: { readonly path: string; readonly headers: IncomingMessage['headers'] }[];
  readonly stop: () => Promise<void>;
};

/** A web server; with a key and certificate one that speaks TLS. */
export async function startWeb(tls?: { readonly key: string; readonly cert: string }): Promise<Web> {
  const asked: Web['asked'] = [];
  const listener: RequestListener = (request, response) => {
    asked.push({ path: request.url ?? '', headers: request.headers });
    web.answer(request, response);
  };
  const server = tls === undefined ? createHttp(listener) : createHttps(tls, listener);
  const { port, stop } = await listen(server);
  const web: Web = {
    port,
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    answer: (_, response) => response.writeHead(404).end(),
    asked,
    stop,
  };
  return web;
}

/** A server that gives every connection the same bytes, whatever is asked, and then hangs up or is silent. */
export async function startRaw(
  work: (socket: Socket) => void,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const { port, stop } = await listen(createTcp((socket) => work(socket.on('error', () => undefined))));
  return { url: `http://127.0.0.1:${port}`, stop };
}

export type TestProxy = {
  readonly port: number;
  /** Where it was asked to lead, as it was asked: names stay names. */
  readonly asked: readonly string[];
  readonly stop: () => Promise<void>;
};

/** Where a proxy leads: `resolve` gives the port of this machine for a host and port; null refuses. */
type Resolve = (target: string) => number | null;

/** HTTP proxy that only knows CONNECT. */
export async function startConnectProxy(resolve: Resolve): Promise<TestProxy> {
  const asked: string[] = [];
  const server = createHttp((_, response) => response.writeHead(405).end());
  server.on('connect', (request, socket: Socket, head) => {
    asked.push(request.url ?? '');
    socket.on('error', () => undefined);
    const port = resolve(request.url ?? '');
    if (port === null) return socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    const far = join(socket, port, () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    far.write(head);
    return undefined;
  });
  return { asked, ...(await listen(server)) };
}

/** SOCKS5 (RFC 1928) with user and password (RFC 1929), which it writes before the target: "exitdesk:bulk@host:80". */
export async function startSocksProxy(resolve: Resolve): Promise<TestProxy> {
  const asked: string[] = [];
  const server = createTcp((socket) => {
    socket.on('error', () => undefined);
    void greet(socket, (target) => {
      asked.push(target);
      return resolve(target.replace(/^[^@]*@/, ''));
    });
  });
  return { asked, ...(await listen(server)) };
}

async function greet(socket: Socket, lead: Resolve): Promise<void> {
  const take = reader(socket);
  const methods = await take((await take(2))[1] ?? 0);
  const withUser = methods.includes(2);
  socket.write(Buffer.from([5, withUser ? 2 : 0]));
  let user = '';
  if (withUser) {
    const name = (await take((await take(2))[1] ?? 0)).toString();
    user = `${name}:${(await take((await take(1))[0] ?? 0)).toString()}@`;
    socket.write(Buffer.from([1, 0]));
  }
  const kind = (await take(4))[3];
  const host =
    kind === 3 ? (await take((await take(1))[0] ?? 0)).toString() : [...(await take(kind === 1 ? 4 : 16))].join('.');
  const port = lead(`${user}${host}:${(await take(2)).readUInt16BE(0)}`);
  const reply = (code: number): Buffer => Buffer.from([5, code, 0, 1, 127, 0, 0, 1, 0, 0]);
  if (port === null) return void socket.end(reply(2));
  join(socket, port, () => socket.write(reply(0)));
}

function join(socket: Socket, port: number, ready: () => void): Socket {
  const far = connect(port, '127.0.0.1', () => {
    ready();
    socket.pipe(far).pipe(socket);
  });
  far.on('error', () => socket.destroy());
  return far;
}

/** Takes so many bytes off a socket, when they are there. */
function reader(socket: Socket): (count: number) => Promise<Buffer> {
  return async (count) => {
    for (;;) {
      const chunk = count === 0 ? Buffer.alloc(0) : (socket.read(count) as Buffer | null);
      if (chunk !== null) return chunk;
      await once(socket, 'readable');
    }
  };
}

async function listen(server: Server): Promise<{ readonly port: number; readonly stop: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
