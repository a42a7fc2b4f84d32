import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { runDoctor } from '../../src/cli/doctor.ts';
import { type FetchNowOptions, runTor, runTorFetch } from '../../src/cli/tor.ts';
import type { PublicAnswer } from '../../src/core/public-tor.ts';
import { drainOnce, runDaemon } from '../../src/daemon.ts';
import { collectDue } from '../../src/flow/collect-public.ts';
import { makeDigest } from '../../src/flow/make-digest.ts';
import { publicDifferences } from '../../src/flow/public-differences.ts';
import { publicAnswer } from '../../src/store/public-answer.ts';
import { latestCollections, sourceByIdentity } from '../../src/store/public-sources.ts';
import { dayMs, t0 } from '../support/a-case.ts';
import { openFolderDesk, type FolderDesk } from '../support/folder-desk.ts';
import { exitAddresses, fingerprintA, fingerprintB, hourMs, onionoo } from '../support/public-tor.ts';
import { until } from '../support/servers.ts';
import { startWeb, type Web } from '../support/web.ts';

// Some pass through a hundred hours and more.
vi.setConfig({ testTimeout: 60_000 });

const helium = '198.51.100.10';
const other = '203.0.113.9';

let web: Web;
beforeAll(async () => {
  web = await startWeb();
});
afterAll(() => web.stop());
beforeEach(() => void (web.asked.length = 0));

let desk: FolderDesk;
afterEach(() => desk.stop());

/** A desk that collects from the test's web server. */
const open = (sources: string, more = ''): Promise<FolderDesk> =>
  openFolderDesk({ change: (yaml) => `${yaml}tor:\n  sources: [${sources.replaceAll('WEB', web.url)}]\n${more}` });
const list = '{ name: bulk, form: address-list, url: WEB/list }';
const exits = '{ name: exit-addresses, form: exit-addresses, url: WEB/exits }';

const at = (ip: string, when: number): PublicAnswer => publicAnswer(desk.app.db, ip, { from: when, to: when });
const row = (index = 0) => sourceByIdentity(desk.app.db, desk.app.config.tor.sources.map(({ form, url, contact, fingerprints }) => JSON.stringify({ form, url, contact, fingerprints }))[index]!)!; // prettier-ignore
const latest = () => latestCollections(desk.app.db, row().id, 1)[0];
const says = (text: string, headers: Record<string, string> = {}): void => {
  web.answer = (_, response) => response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': Buffer.byteLength(text), ...headers }).end(text); // prettier-ignore
};
const many = (count: number, from = 0): string => Array.from({ length: count }, (_, i) => `192.0.2.${from + i}\n`).join(''); // prettier-ignore

/** Lets time go by in steps, with a pass at each. */
async function passFor(hours: number, each?: (hour: number) => void): Promise<void> {
  for (let hour = 0; hour < hours; hour += 1) {
    each?.(hour);
    await desk.pass();
    desk.clock.now += hourMs;
  }
}

type Ran = { readonly code: number; readonly out: string };

async function ran(work: (out: { write: (line: string) => void }) => number | Promise<number>): Promise<Ran> {
  const lines: string[] = [];
  const code = await work({ write: (line) => void lines.push(line) });
  return { code, out: lines.join('\n') };
}
const status = (options: FetchNowOptions = {}): Promise<Ran> => ran((out) => runTor(desk.app, options, out));
const fetchNow = (names: readonly string[] = [], options: FetchNowOptions = {}): Promise<Ran> =>
  ran((out) => runTorFetch(desk.app, names, options, out));

describe('collecting', () => {
  it('asks each source when its time has come, and not before', async () => {
    desk = await open(`${list}, { name: other, form: address-list, url: WEB/other, every: 3 hours }`);
    says(`${helium}\n`);
    await desk.pass();
    await desk.pass();
    expect(web.asked.map((a) => a.path).sort()).toEqual(['/list', '/other']);
    desk.clock.now += hourMs;
    await desk.pass();
    expect(web.asked.map((a) => a.path).sort()).toEqual(['/list', '/list', '/other']);
    expect(web.asked[0]!.headers['user-agent']).toMatch(/^exitdesk\/\d/);
  });

  it('nothing is asked of anybody where no source is configured', async () => {
    desk = await openFolderDesk();
    await desk.pass();
    expect(publicDifferences(desk.app)).toEqual([]);
    expect(at(helium, t0)).toEqual({ kind: 'unknown', because: 'no public Tor data are collected' });
    expect((await status()).out).toContain('tor.sources is empty');
  });

  it('is a loop of the daemon, and ends with it', async () => {
    desk = await open(list);
    says(`${helium}\n`);
    const stop = new AbortController();
    const daemon = runDaemon(desk.app, stop.signal);
    await until('the source is collected', () => latest()?.outcome === 'taken');
    stop.abort();
    await daemon;
    expect(web.asked).toHaveLength(1);
  });

  it('answers for the past from what was kept', async () => {
    desk = await open(exits);
    const exit = (hour: number): string =>
      exitAddresses([
        { fingerprint: fingerprintB, lastStatus: t0 + hour * hourMs, addresses: [[other, t0 + hour * hourMs]] },
        ...(hour < 3 ? [{ fingerprint: fingerprintA, lastStatus: t0 + hour * hourMs, addresses: [[helium, t0 + hour * hourMs] as const] }] : []), // prettier-ignore
      ]);
    await passFor(12, (hour) => says(exit(hour)));
    expect(at(helium, t0 + 1.5 * hourMs)).toEqual({ kind: 'exit', firstSeenMs: t0, lastSeenMs: t0 + 2 * hourMs, fingerprint: fingerprintA, source: 'exit-addresses' }); // prettier-ignore
    expect(at(helium, t0 + 10.5 * hourMs)).toEqual({ kind: 'not-seen', coveredFromMs: t0 + 10 * hourMs, coveredUntilMs: t0 + 11 * hourMs }); // prettier-ignore
  });

  it('asks by ETag alone, and "not modified" confirms a list that names no instant', async () => {
    desk = await open(list);
    web.answer = (request, response) =>
      request.headers['if-none-match'] === 'W/"7"'
        ? response.writeHead(304).end()
        : response.writeHead(200, { ETag: 'W/"7"', 'Content-Encoding': 'gzip' }).end(gzipSync(`${helium}\n`));
    await passFor(5);
    expect(web.asked.map((a) => a.headers['if-none-match'])).toEqual([undefined, 'W/"7"', 'W/"7"', 'W/"7"', 'W/"7"']);
    expect(web.asked[1]!.headers['if-modified-since']).toBeUndefined();
    expect(latest()).toMatchObject({ outcome: 'unchanged', asOfMs: t0 + 4 * hourMs, bytes: 0 });
    expect(at(helium, t0 + 3.5 * hourMs)).toMatchObject({ kind: 'exit', firstSeenMs: t0, lastSeenMs: t0 + 4 * hourMs });
  });

  it('passes over lines that are no addresses, and says so', async () => {
    desk = await open(list);
    says(`${helium}\nhello\n${other}\n`);
    await desk.pass();
    expect(latest()).toMatchObject({ outcome: 'taken', junk: 1, v4: 2, note: '1 lines are nothing of this form, for example "hello"' }); // prettier-ignore
  });

  it('asks Onionoo for every exit, for our contact, or for single relays', async () => {
    const relays = (contact: string): string => onionoo(t0, [{ fingerprint: fingerprintA, exit_addresses: [helium], running: true, contact }]); // prettier-ignore
    desk = await open(
      `{ name: all, form: onionoo, url: WEB/details }, { name: ours, form: onionoo, url: WEB/details, contact: tor@exits.example }, { name: two, form: onionoo, url: WEB/details, fingerprints: [${fingerprintA}, '$${fingerprintB}'] }`,
    );
    says(relays('tor@exits.example'));
    await desk.pass();
    const asked = web.asked.map((a) => new URL(a.path, web.url).searchParams);
    expect(asked.map((p) => [p.get('flag'), p.get('contact'), p.get('lookup')].join(' ')).sort()).toEqual([
      `  ${fingerprintB}`,
      `  ${fingerprintA}`,
      ' tor@exits.example ',
      'exit  ',
    ]);
    expect(asked.every((p) => p.get('type') === 'relay' && p.get('fields')!.includes('exit_addresses'))).toBe(true);
    expect(at(helium, t0)).toMatchObject({ kind: 'exit', fingerprint: fingerprintA });
  });
});

describe('what must not count', () => {
  const login = '<!doctype html>\n<html><head><title>Sign in to the network</title></head>\n<body>\nYour address: 192.0.2.1\n</body></html>\n'; // prettier-ignore

  it.each<[string, () => void, string, RegExp]>([
    ['an error page that says 200', () => says(login, { 'Content-Type': 'text/html' }), 'implausible', /nothing of this form/],
    ['an empty document', () => says(''), 'implausible', /shows no exit at all/],
    ['a sudden drop', () => says(many(10)), 'implausible', /it shows 10 exits, the one before it 100/],
    ['a sudden growth', () => says(Array.from({ length: 600 }, (_, i) => `198.18.${Math.floor(i / 250)}.${i % 250}\n`).join('')), 'implausible', /only 100/],
    ['garbage', () => says(Buffer.from(many(90)).toString('base64').replaceAll(/(.{60})/g, '$1\n')), 'implausible', /nothing of this form/],
    ['an error', () => void (web.answer = (_, r) => r.writeHead(500).end('oops')), 'failed', /status 500/],
    ['a cut', () => void (web.answer = (_, r) => r.writeHead(200, { 'Content-Length': '5000' }).write(many(90), () => r.destroy())), 'failed', /cut/],
    ['a list that ends in the middle of a line', () => void (web.answer = (_, r) => void r.socket!.end(`HTTP/1.0 200 OK\r\n\r\n${many(90)}192.0.2.2`)), 'implausible', /middle of a line/],
    ['a circle of redirects', () => void (web.answer = (_, r) => r.writeHead(302, { Location: '/list' }).end()), 'failed', /redirects/],
  ])('%s ends no span and begins none, and is told', async (_, happens, outcome, note) => {
    desk = await open(list);
    says(`${many(99)}${helium}\n`, { ETag: '"good"' });
    await desk.pass();
    desk.clock.now += hourMs;
    happens();
    await desk.pass();
    expect(latest()).toMatchObject({ outcome, note: expect.stringMatching(note) as string });
    expect(row()).toMatchObject({ etag: '"good"', count: 100, failures: 1, failingSince: t0 + hourMs });
    expect(at(helium, t0 + 0.5 * hourMs)).toMatchObject({ kind: 'exit', lastSeenMs: t0 });
    // Well again: the next document joins on, as if nothing had been.
    desk.clock.now = row().nextAt;
    says(`${many(99)}${helium}\n${other}\n`);
    await desk.pass();
    expect(row()).toMatchObject({ failures: 0, failingSince: null, trouble: null, count: 101 });
    expect(at(helium, t0 + 0.5 * hourMs)).toMatchObject({ kind: 'exit', firstSeenMs: t0, lastSeenMs: desk.clock.now });
  }); // prettier-ignore

  it('a sudden drop counts once a handler has looked at it', async () => {
    desk = await open(list);
    says(many(100));
    await desk.pass();
    desk.clock.now += hourMs;
    says(many(10));
    expect(await fetchNow()).toMatchObject({ code: 3, out: expect.stringContaining('exitdesk tor fetch bulk --accept') as string }); // prettier-ignore
    desk.clock.now += 2 * 60_000;
    expect(await fetchNow(['bulk'], { accept: true })).toMatchObject({ code: 0 });
    expect(row().count).toBe(10);
  });

  it('a document that speaks of long ago, or has not changed for long, is stale', async () => {
    desk = await open(`${exits}, ${list}`);
    const text = exitAddresses([{ fingerprint: fingerprintA, lastStatus: t0, addresses: [[helium, t0]] }]);
    web.answer = (request, response) => response.end(request.url === '/exits' ? text : `${helium}\n`);
    await passFor(32);
    expect(row(0)).toMatchObject({ asOfMs: t0, trouble: expect.stringContaining('not changed for') as string });
    expect(row(1)).toMatchObject({ asOfMs: t0 + 24 * hourMs, trouble: expect.stringContaining('not changed for') as string }); // prettier-ignore
    expect(at(other, t0 + 27 * hourMs)).toMatchObject({ kind: 'unknown', because: expect.stringMatching(/nothing has been collected since .*not changed/) as string }); // prettier-ignore
    expect(publicDifferences(desk.app).map((d) => [d.kind, d.what])).toEqual([
      ['stale-source', 'exit-addresses'],
      ['stale-source', 'bulk'],
    ]);
  });

  it('an older document after a newer one changes nothing', async () => {
    desk = await open(exits);
    const text = (hour: number, ip: string): string => exitAddresses([{ fingerprint: fingerprintA, lastStatus: t0 + hour * hourMs, addresses: [[ip, t0 + hour * hourMs]] }]); // prettier-ignore
    desk.clock.now += 2 * hourMs;
    says(text(2, helium));
    await desk.pass();
    desk.clock.now += hourMs;
    says(text(1, other));
    await desk.pass();
    expect(latest()).toMatchObject({ outcome: 'older', asOfMs: null });
    expect(at(other, t0 + hourMs)).toMatchObject({ kind: 'unknown' });
  });
});

describe('a source that fails', () => {
  it('is left alone for longer each time, up to six hours, and for as long as it asks', async () => {
    desk = await open(list);
    web.answer = (_, response) => response.writeHead(503).end();
    const pauses: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      await desk.pass();
      pauses.push((row().nextAt - desk.clock.now) / 60_000);
      desk.clock.now = row().nextAt;
    }
    expect(pauses).toEqual([10, 20, 40, 80, 160, 320, 360, 360]);
    web.answer = (_, response) => response.writeHead(429, { 'Retry-After': '36000' }).end();
    await desk.pass();
    expect((row().nextAt - desk.clock.now) / hourMs).toBe(10);
    expect(publicDifferences(desk.app)).toMatchObject([{ kind: 'stale-source', what: 'bulk', why: 'it answers with status 429; nothing has ever been collected' }]); // prettier-ignore
  });

  it('a process that dies on the way loses nothing, and leaves the server alone for a while', async () => {
    desk = await open(list);
    says(`${helium}\n`);
    await desk.pass();
    desk.clock.now += hourMs;
    const crashed = { ...desk.app, tor: () => Promise.reject(new Error('killed')) };
    await expect(collectDue(crashed, new AbortController().signal)).rejects.toThrow('killed');
    await desk.restart();
    await desk.pass();
    expect(web.asked).toHaveLength(1);
    desk.clock.now += 10 * 60_000;
    await desk.pass();
    expect(web.asked).toHaveLength(2);
    expect(at(helium, t0 + 0.5 * hourMs)).toMatchObject({ kind: 'exit', firstSeenMs: t0, lastSeenMs: desk.clock.now });
  });

  it('that is asked while the desk stops has not failed', async () => {
    desk = await open(list);
    const stop = new AbortController();
    web.answer = () => stop.abort();
    await collectDue(desk.app, stop.signal);
    expect(row()).toMatchObject({ failures: 0, failingSince: null });
    expect(latest()).toBeUndefined();
  });
});

describe('a clock that ran ahead', () => {
  it('once it is right again, what it dated after now is forgotten, and the collection goes on', async () => {
    desk = await open(list);
    says(`${helium}\n`);
    await passFor(3);
    const right = desk.clock.now;
    desk.clock.now += 400 * dayMs;
    says(`${other}\n`);
    await passFor(2);
    desk.clock.now = right;
    await passFor(2);
    expect(web.asked).toHaveLength(7);
    expect(row().asOfMs).toBe(right + hourMs);
    expect(at(other, right + 400 * dayMs)).toMatchObject({ kind: 'unknown' });
    expect(at(other, right + hourMs / 2)).toMatchObject({
      kind: 'exit',
      firstSeenMs: right,
      lastSeenMs: right + hourMs,
    });
    expect(at(helium, t0 + hourMs)).toMatchObject({ kind: 'exit', lastSeenMs: right - hourMs });
  });
});

describe('a rehearsal', () => {
  it('fetches nothing: it would be kept under a wrong date', async () => {
    desk = await open(list);
    const rehearsed = { ...desk.app, tor: null };
    await expect(runTorFetch(rehearsed, [], {}, { write: () => undefined })).rejects.toThrow('rehearsal');
    await drainOnce(rehearsed, new AbortController().signal);
    expect(web.asked).toEqual([]);
  });
});

describe('what the inventory and the public data do not agree on', () => {
  const ours = `\n  contact: tor@exits.example\n`;
  const all = '{ name: onionoo, form: onionoo, url: WEB/details }';
  const relay = (address: string, more: object = {}) => ({ fingerprint: fingerprintA, exit_addresses: [address], running: true, ...more }); // prettier-ignore
  const shows = (...relays: readonly object[]): void => says(onionoo(desk.clock.now, relays));
  const kinds = () => publicDifferences(desk.app).map((d) => [d.kind, d.what]);

  it('an exit of ours by its contact, or by its fingerprint, that the inventory does not have', async () => {
    desk = await open(all, ours);
    shows(relay(helium, { contact: 'TOR@exits.example' }), relay(other, { contact: 'Tor <tor@exits.example>' }), { ...relay('192.0.2.50'), fingerprint: fingerprintB }); // prettier-ignore
    await desk.pass();
    expect(kinds()).toEqual([['not-in-inventory', other]]);
    await desk.restart((yaml) => yaml.replace('addresses: [198.51.100.11]', `addresses: [198.51.100.11]\n    fingerprints: [${fingerprintB}]`)); // prettier-ignore
    expect(new Set(kinds().map(([, what]) => what))).toEqual(new Set(['192.0.2.50', other]));
    expect(publicDifferences(desk.app).find((d) => d.what === '192.0.2.50')!.why).toContain('the relay of neon');
  });

  it('an exit of the inventory that nobody has seen for days, once somebody looked all that time', async () => {
    desk = await open(all, ours);
    await passFor(70, () => shows(relay(helium), ...Array.from({ length: 3 }, (_, i) => relay(`192.0.2.${i}`))));
    expect(kinds()).toEqual([]);
    await passFor(4, () => shows(relay(helium)));
    expect(kinds()).toEqual([['unseen', 'neon']]);
    await passFor(80, () => shows(relay(other)));
    expect(kinds()).toEqual([
      ['unseen', 'helium'],
      ['unseen', 'neon'],
    ]);
    expect(publicDifferences(desk.app)[0]!.why).toMatch(/^198\.51\.100\.10: was last seen as an exit at /);
  });

  it('a node that is said to be no exit and is one', async () => {
    desk = await open(all, ours);
    shows(relay('198.51.100.200'));
    await desk.pass();
    expect(publicDifferences(desk.app)).toEqual([
      {
        kind: 'not-exit',
        what: 'xenon: 198.51.100.200',
        why: 'onionoo shows it as an exit, and the inventory says that it is none',
        sinceMs: t0,
      },
    ]);
  });

  it('each stands in the digest once, however often it was seen', async () => {
    desk = await open(all, ours);
    await passFor(20, () => shows(relay('198.51.100.200'), relay(other, { contact: 'tor@exits.example' })));
    const digest = makeDigest(desk.app, { period: 'daily', until: desk.clock.now });
    const section = digest.sections.find((s) => s.title.startsWith('Public Tor data'))!;
    expect(section.rows.map((r) => r.what)).toEqual(['exit missing in the inventory: 203.0.113.9', 'no exit by the inventory: xenon: 198.51.100.200']); // prettier-ignore
  });
});

describe('the history', () => {
  it('is forgotten after its time, and what was forgotten is not claimed', async () => {
    desk = await open(list, '\n  keep: 10 days\n');
    await passFor(48, (hour) => says(`${hour < 5 ? helium : other}\n192.0.2.${hour}\n`));
    expect(at(helium, t0 + hourMs)).toMatchObject({ kind: 'exit' });
    desk.clock.now = t0 + 11 * dayMs;
    says(`${other}\n`);
    await desk.pass();
    expect(at(helium, t0 + hourMs)).toMatchObject({ kind: 'unknown', because: expect.stringContaining('what is collected begins at') as string }); // prettier-ignore
    const count = (name: string) => (desk.app.db.prepare(`SELECT count(*) AS n FROM ${name}`).get() as { n: number }).n;
    expect(count('public_collections')).toBe(25);
    expect(at(other, t0 + 30 * hourMs)).toMatchObject({ kind: 'exit' });
  });
});

describe('exitdesk doctor', () => {
  it('tries each source, keeps nothing of it, and tells what does not agree', async () => {
    desk = await open(`${list}, { name: gone, form: address-list, url: WEB/gone }`);
    web.answer = (request, response) =>
      request.url === '/gone' ? response.writeHead(404).end() : response.end(`${helium}\n198.51.100.200\n`);
    const { out } = await ran((to) => runDoctor(desk.app, { json: true }, to));
    const lines = out.split('\n').map((line) => JSON.parse(line) as { part: string; ok: boolean | null; says: string });
    expect(lines.filter((line) => line.part.startsWith('public Tor data'))).toEqual([
      { part: 'public Tor data bulk', ok: true, says: '2 exits' },
      { part: 'public Tor data gone', ok: false, says: 'failed; it answers with status 404' },
    ]);
    expect(latest()).toBeUndefined();
    await desk.pass();
    const again = await ran((to) => runDoctor(desk.app, {}, to));
    expect(again.out).toMatch(/warning +public Tor data +no exit by the inventory: xenon: 198\.51\.100\.200/);
  });
});

describe('exitdesk tor', () => {
  it('tells how each source stands, for people and for programs', async () => {
    desk = await open(list);
    says(`${helium}\n`);
    expect((await status()).out).toMatch(/bulk +- +- +- .*nothing collected yet/);
    await desk.pass();
    expect(await status()).toMatchObject({ code: 0, out: expect.stringMatching(/bulk +1 +2026-.*well/) as string });
    web.answer = (_, response) => response.writeHead(500).end();
    desk.clock.now += hourMs;
    await desk.pass();
    const { code, out } = await status({ json: true });
    expect(code).toBe(3);
    expect(JSON.parse(out.split('\n')[0]!)).toMatchObject({
      source: 'bulk',
      complete: true,
      exits: 1,
      asOf: new Date(t0).toISOString(),
      trouble: 'it answers with status 500',
      collections: [{ outcome: 'failed' }, { outcome: 'taken', v4: 1 }],
    });
  });

  it('fetch collects now, but leaves a server in peace for a minute', async () => {
    desk = await open(list);
    says(`${helium}\n`);
    expect(await fetchNow([], { json: true })).toMatchObject({ code: 0, out: expect.stringContaining('"outcome":"taken"') as string }); // prettier-ignore
    await expect(fetchNow(['bulk'])).rejects.toMatchObject({ code: 'refused' });
    await expect(fetchNow(['bluk'])).rejects.toMatchObject({ code: 'not-found' });
    await expect(fetchNow([], { accept: true })).rejects.toMatchObject({ code: 'usage' });
  });
});
