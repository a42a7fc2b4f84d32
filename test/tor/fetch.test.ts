import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFetch, type Fetched, type FetchOptions, type FetchRequest } from '../../src/tor/fetch.ts';
import { makeCertificate, scratchFolder } from '../support/servers.ts';
import { startConnectProxy, startRaw, startSocksProxy, startWeb, type TestProxy, type Web } from '../support/web.ts';

const t0 = Date.UTC(2026, 10, 22, 8);
const limits = { deadlineMs: 15_000, maxBytes: 100_000, maxUnpackedBytes: 300_000 };
const options: FetchOptions = { proxy: null, ca: null, userAgent: 'exitdesk/test', limits, now: () => t0 };
const list = '198.51.100.10\n203.0.113.9\n';

let web: Web;
beforeAll(async () => {
  web = await startWeb();
});
afterAll(() => web.stop());
afterEach(() => void (web.asked.length = 0));

const running = new AbortController().signal;
function get(url: string, more: Partial<FetchRequest> = {}, changes: Partial<FetchOptions> = {}): Promise<Fetched> {
  return createFetch({ ...options, ...changes })({ url, etag: null, lastModified: null, isolation: 'bulk', ...more }, running); // prettier-ignore
}

describe('a document', () => {
  it('comes with what the next request asks by, and the product names itself and nothing else', async () => {
    web.answer = (_, response) =>
      response.writeHead(200, { ETag: '"one"', 'Last-Modified': 'Sun, 22 Nov 2026 07:00:00 GMT', 'Content-Length': list.length }).end(list); // prettier-ignore
    expect(await get(`${web.url}/list?a=b`)).toEqual({
      kind: 'document',
      text: list,
      etag: '"one"',
      lastModified: 'Sun, 22 Nov 2026 07:00:00 GMT',
      framed: true,
      bytes: list.length,
    });
    const { path, headers } = web.asked[0]!;
    expect(path).toBe('/list?a=b');
    expect(headers).toMatchObject({ 'user-agent': 'exitdesk/test', host: `127.0.0.1:${web.port}` });
    expect(Object.keys(headers).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
  });

  it('that is known is asked for by ETag and date, and may be "not modified"', async () => {
    web.answer = (request, response) => response.writeHead(request.headers['if-none-match'] === '"one"' ? 304 : 200).end(); // prettier-ignore
    expect(await get(web.url, { etag: '"one"', lastModified: 'Sun, 22 Nov 2026 07:00:00 GMT' })).toEqual({ kind: 'not-modified' }); // prettier-ignore
    expect(web.asked[0]!.headers).toMatchObject({ 'if-none-match': '"one"', 'if-modified-since': 'Sun, 22 Nov 2026 07:00:00 GMT' }); // prettier-ignore
  });

  it('"not modified" without having asked so is no answer', async () => {
    web.answer = (_, response) => response.writeHead(304).end();
    expect(await get(web.url)).toMatchObject({ kind: 'failed', reason: 'status' });
  });

  it('may come packed, and in pieces', async () => {
    web.answer = (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(list));
    expect(await get(web.url)).toMatchObject({ kind: 'document', text: list, framed: true });
    web.answer = (_, response) => {
      response.write('198.51.100.10\n');
      response.end('203.0.113.9\n');
    };
    expect(await get(web.url)).toMatchObject({ kind: 'document', text: list, framed: true });
  });

  it('whose end only the closed connection tells is marked so', async () => {
    const raw = await startRaw((socket) => socket.once('data', () => socket.end(`HTTP/1.0 200 OK\r\n\r\n${list}`)));
    expect(await get(raw.url)).toMatchObject({ kind: 'document', text: list, framed: false });
    await raw.stop();
  });
});

describe('what does not come', () => {
  it.each<[string, Web['answer'], string, number | null]>([
    ['an error', (_, r) => r.writeHead(500).end(), 'status', null],
    [
      'a plea for patience in seconds',
      (_, r) => r.writeHead(429, { 'Retry-After': '1800' }).end(),
      'status',
      1_800_000,
    ],
    ['one in a date', (_, r) => r.writeHead(503, { 'Retry-After': 'Sun, 22 Nov 2026 09:00:00 GMT' }).end(), 'status', 3_600_000], // prettier-ignore
    ['one without end', (_, r) => r.writeHead(503, { 'Retry-After': '999999999' }).end(), 'status', 86_400_000],
    ['one in nonsense', (_, r) => r.writeHead(503, { 'Retry-After': 'later' }).end(), 'status', null],
    ['part of it', (_, r) => r.writeHead(206).end('198'), 'status', null],
    ['too much by its own word', (_, r) => r.writeHead(200, { 'Content-Length': 200_000 }).end('x'.repeat(200_000)), 'too-large', null], // prettier-ignore
    ['too much without a word', (_, r) => void r.write('x'.repeat(90_000), () => r.end('y'.repeat(90_000))), 'too-large', null], // prettier-ignore
    ['a bomb', (_, r) => r.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))), 'too-large', null], // prettier-ignore
    ['a packing that was not asked for', (_, r) => r.writeHead(200, { 'Content-Encoding': 'br' }).end('xxxx'), 'undecodable', null], // prettier-ignore
    ['something that is not packed at all', (_, r) => r.writeHead(200, { 'Content-Encoding': 'gzip' }).end(list), 'undecodable', null], // prettier-ignore
    ['half of what was packed', (_, r) => r.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(list.repeat(50)).subarray(0, 30)), 'undecodable', null], // prettier-ignore
  ])('%s is told', async (_, answer, reason, retryAfterMs) => {
    web.answer = answer;
    expect(await get(web.url)).toMatchObject({ kind: 'failed', reason, retryAfterMs });
  });

  it.each<[string, string]>([
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n198.51.100.10\n'],
    ['in pieces', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n198.51.100.10\n'],
  ])('cut in the middle, %s', async (_, bytes) => {
    const raw = await startRaw((socket) => socket.once('data', () => socket.end(bytes)));
    expect(await get(raw.url)).toMatchObject({ kind: 'failed', reason: 'cut-off' });
    await raw.stop();
  });

  it.each<[string, string, string]>([
    ['nonsense', 'SSH-2.0-OpenSSH_9.2\r\n', 'no-http'],
    ['endless headers', `HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(20_000)}`, 'no-http'],
    ['nothing at all', '', 'cut-off'],
  ])('%s', async (_, bytes, reason) => {
    const raw = await startRaw((socket) => socket.once('data', () => socket.end(bytes)));
    expect(await get(raw.url)).toMatchObject({ kind: 'failed', reason });
    await raw.stop();
  });

  it.each<[string, string]>([
    ['that never begins', ''],
    ['that never ends', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n198.51'],
  ])('an answer %s ends at the deadline', async (_, bytes) => {
    const raw = await startRaw((socket) => void socket.write(bytes));
    const began = performance.now();
    expect(await get(raw.url, {}, { limits: { ...limits, deadlineMs: 300 } })).toEqual({
      kind: 'failed',
      reason: 'timed-out',
      detail: 'no whole answer within 0.3 seconds',
      retryAfterMs: null,
    });
    expect(performance.now() - began).toBeLessThan(10_000);
    await raw.stop();
  });

  it('when the desk stops, it stops', async () => {
    const stop = new AbortController();
    const raw = await startRaw(() => stop.abort());
    const fetch = createFetch(options);
    const request = { url: raw.url, etag: null, lastModified: null, isolation: '' };
    expect(await fetch(request, stop.signal)).toMatchObject({ reason: 'stopped' });
    expect(await fetch(request, stop.signal)).toMatchObject({ reason: 'stopped' });
    await raw.stop();
  });

  it('nobody listens there', async () => {
    const gone = await startRaw(() => undefined);
    await gone.stop();
    expect(await get(gone.url)).toMatchObject({ reason: 'refused', detail: 'the connection was refused' });
  });
});

describe('redirects', () => {
  const to =
    (location: string, status = 302): Web['answer'] =>
    (request, response) =>
      request.url === '/end' ? response.end(list) : response.writeHead(status, { Location: location }).end();

  it.each([301, 302, 303, 307, 308])('%i is followed, also by a path alone', async (status) => {
    web.answer = to('/end', status);
    expect(await get(`${web.url}/start`)).toMatchObject({ kind: 'document', text: list });
  });

  it.each<[string, string]>([
    ['a circle', '/again'],
    ['to no web address', 'file:///etc/passwd'],
    ['to nothing', ''],
  ])('%s ends', async (_, location) => {
    web.answer = to(location);
    expect(await get(`${web.url}/start`)).toMatchObject({ kind: 'failed', reason: 'redirect' });
    expect(web.asked.length).toBeLessThan(8);
  });
});

describe('TLS', () => {
  const folder = scratchFolder('tor-tls');
  let secure: Web;
  let ca: string;
  beforeAll(async () => {
    const made = makeCertificate(folder.path, ['lists.exits.example']);
    ca = made.ca;
    secure = await startWeb({ key: readFileSync(made.key, 'utf8'), cert: made.ca });
  });
  afterAll(async () => {
    await secure.stop();
    folder.remove();
  });

  it('is believed by its certificate', async () => {
    secure.answer = (_, response) => response.end(list);
    expect(await get(secure.url, {}, { ca })).toMatchObject({ kind: 'document', text: list });
    expect(await get(secure.url)).toMatchObject({ kind: 'failed', reason: 'tls' });
    expect(await get(web.url.replace('http:', 'https:'))).toMatchObject({ kind: 'failed', reason: 'tls' });
  });

  it('that is silent ends at the deadline', async () => {
    const raw = await startRaw(() => undefined);
    const short = { limits: { ...limits, deadlineMs: 300 } };
    expect(await get(raw.url.replace('http:', 'https:'), {}, short)).toMatchObject({ reason: 'timed-out' });
    await raw.stop();
  });

  it('is never left by a redirect', async () => {
    secure.answer = (_, response) => response.writeHead(302, { Location: `${web.url}/end` }).end();
    expect(await get(secure.url, {}, { ca })).toMatchObject({ reason: 'redirect', detail: 'it redirects from https to http' }); // prettier-ignore
    expect(web.asked).toEqual([]);
  });

  it('goes through the proxy by the name of the server, which only the proxy resolves', async () => {
    secure.answer = (_, response) => response.end(list);
    const proxy = await startSocksProxy((target) => (target === 'lists.exits.example:443' ? secure.port : null));
    const through = { ca, proxy: { type: 'socks5', host: '127.0.0.1', port: proxy.port } as const };
    expect(await get('https://lists.exits.example/', {}, through)).toMatchObject({ kind: 'document', text: list });
    expect(proxy.asked).toEqual(['exitdesk:bulk@lists.exits.example:443']);
    await proxy.stop();
  });
});

describe.each<['socks5' | 'http', typeof startSocksProxy]>([
  ['socks5', startSocksProxy],
  ['http', startConnectProxy],
])('a proxy of the kind %s', (type, start) => {
  let proxy: TestProxy;
  beforeAll(async () => {
    proxy = await start((target) => (/^(?:lists|mirror)\.exits\.example:80$|^127\./.test(target) ? web.port : null));
  });
  afterAll(() => proxy.stop());
  const through = (): Partial<FetchOptions> => ({ proxy: { type, host: '127.0.0.1', port: proxy.port } });

  it('is asked by name: nothing is resolved here', async () => {
    web.answer = (_, response) => response.end(list);
    expect(await get('http://lists.exits.example/all', {}, through())).toMatchObject({ kind: 'document', text: list });
    expect(proxy.asked.at(-1)).toMatch(/lists\.exits\.example:80$/);
    expect(web.asked[0]).toMatchObject({ path: '/all', headers: { host: 'lists.exits.example' } });
  });

  it('that leads nowhere is told as the proxy', async () => {
    expect(await get('http://elsewhere.example/', {}, through())).toMatchObject({ kind: 'failed', reason: 'proxy' });
  });

  it('that is not there is told as the proxy', async () => {
    const gone = await start(() => null);
    await gone.stop();
    expect(await get('http://lists.exits.example/', {}, { proxy: { type, host: '127.0.0.1', port: gone.port } })).toMatchObject({ reason: 'proxy' }); // prettier-ignore
  });

  it('that is silent ends at the deadline', async () => {
    const raw = await startRaw(() => undefined);
    const silent = { type, host: '127.0.0.1', port: Number(new URL(raw.url).port) };
    expect(await get('http://lists.exits.example/', {}, { proxy: silent, limits: { ...limits, deadlineMs: 300 } })).toMatchObject({ reason: 'timed-out' }); // prettier-ignore
    await raw.stop();
  });

  it('follows a redirect to another public name, and none into an inner network', async () => {
    web.answer = (request, response) =>
      request.headers.host === 'mirror.exits.example'
        ? response.end(list)
        : response.writeHead(302, { Location: 'http://mirror.exits.example/' }).end();
    expect(await get('http://lists.exits.example/', {}, through())).toMatchObject({ kind: 'document' });
    for (const inner of [
      web.url,
      'http://localhost/',
      'http://[::1]/',
      'http://10.0.0.1/',
      'http://[::ffff:192.168.0.1]/',
      'http://0x7f.1/',
      'http://router/',
      'http://nas.local./',
    ]) {
      // prettier-ignore
      web.answer = (_, response) => response.writeHead(302, { Location: inner }).end();
      expect([inner, await get('http://lists.exits.example/', {}, through())]).toMatchObject([inner, { reason: 'redirect' }]); // prettier-ignore
    }
    expect(proxy.asked.every((target) => target.includes('exits.example') || target.includes('elsewhere'))).toBe(true);
  });
});
