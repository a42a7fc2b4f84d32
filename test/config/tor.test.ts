import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, torSourcesOf } from '../../src/config.ts';
import { isComplete, requestUrls, type TorSourceConfig } from '../../src/config/tor.ts';
import { DeskError } from '../../src/errors.ts';
import { fingerprintA } from '../support/public-tor.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exitdesk-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(tor: string): ReturnType<typeof loadConfig> {
  const file = join(folder, 'desk.yaml');
  writeFileSync(
    file,
    `desk: { name: Abuse desk, organisation: Exits Example, addresses: [abuse@exits.example] }
mailboxes: [{ maildir: { path: inbox } }]
sending: { folder: { path: letters } }
nodes: [{ name: helium, addresses: [198.51.100.10], check: { transport: local } }]
handlers: [{ name: ada, address: ada@exits.example }]
${tor}`,
  );
  return loadConfig(file, {});
}

function problemsOf(tor: string): string {
  try {
    load(tor);
  } catch (error) {
    expect(error).toBeInstanceOf(DeskError);
    return (error as Error).message;
  }
  throw new Error('the configuration loaded');
}

describe('public Tor data', () => {
  it('are not fetched unless a source is named', () => {
    expect(load('')).toMatchObject({ tor: { sources: [], proxy: null, contact: null } });
  });

  it.each<[string, string, RegExp]>([
    ['a source of another form', '{ name: a, form: html, url: "https://x.example/" }', /exit-addresses, address-list, onionoo/],
    ['what is no web address', '{ name: a, form: onionoo, url: "ftp://x.example/" }', /write a web address/],
    ['a password in the URL', '{ name: a, form: onionoo, url: "https://u:p@x.example/" }', /write a web address/],
    ['asking every minute', '{ name: a, form: onionoo, url: "https://x.example/", every: 1 min }', /too short: at least 600 s/],
    ['asking more seldom than the gap', '{ name: a, form: onionoo, url: "https://x.example/", every: 7 hours }', /longer than tor.gap/],
    ['asking a list by contact', '{ name: a, form: address-list, url: "https://x.example/", contact: me }', /only onionoo/],
    ['both contact and fingerprints', `{ name: a, form: onionoo, url: "https://x.example/", contact: me, fingerprints: [${fingerprintA}] }`, /either contact or fingerprints/],
    ['one name twice', '{ name: a, form: onionoo, url: "https://x.example/" }, { name: a, form: onionoo, url: "https://y.example/" }', /two sources have this name/],
    ['one question twice', '{ name: a, form: onionoo, url: "https://x.example/" }, { name: b, form: onionoo, url: "https://x.example/" }', /asked for twice/],
  ])('%s is refused', (_, sources, words) => {
    expect(problemsOf(`tor: { sources: [${sources}] }`)).toMatch(words);
  }); // prettier-ignore

  it.each<[string, object]>([
    ['socks5://127.0.0.1:9050', { type: 'socks5', host: '127.0.0.1', port: 9050 }],
    ['socks5h://[::1]', { type: 'socks5', host: '::1', port: 1080 }],
    ['http://proxy.exits.example:3128', { type: 'http', host: 'proxy.exits.example', port: 3128 }],
    ['http://proxy.exits.example', { type: 'http', host: 'proxy.exits.example', port: 80 }],
  ])('go through the proxy %s', (proxy, expected) => {
    expect(load(`tor: { proxy: '${proxy}' }`).tor.proxy).toEqual(expected);
  });

  it.each(['socks4://127.0.0.1:9050', 'https://proxy.example', '127.0.0.1:9050', 'http://u:p@proxy.example'])('do not go through %s', (proxy) => {
    expect(problemsOf(`tor: { proxy: '${proxy}' }`)).toContain('socks5://HOST:PORT');
  }); // prettier-ignore

  it('fetched in the clear are warned about, but for what stays inside', () => {
    const config = load(`tor: { sources: [{ name: clear, form: address-list, url: 'http://x.example/' }, { name: inside, form: address-list, url: 'http://127.0.0.1/' }] }`); // prettier-ignore
    expect(config.warnings.filter((w) => w.startsWith('tor.'))).toEqual([
      expect.stringContaining('tor.sources: clear is fetched without TLS'),
    ]);
  });

  it('keep their history under another name, and begin anew under another URL', () => {
    const identity = (source: string): string => torSourcesOf(load(`tor: { sources: [${source}] }`))[0]?.identity ?? '';
    const first = identity('{ name: a, form: address-list, url: "https://x.example/" }');
    expect(identity('{ name: b, form: address-list, url: "https://x.example/", every: 2 hours }')).toBe(first);
    expect(identity('{ name: a, form: address-list, url: "https://y.example/" }')).not.toBe(first);
  });
});

describe('Onionoo', () => {
  const source = (more: Partial<TorSourceConfig>): TorSourceConfig => ({ name: 'o', form: 'onionoo', url: 'https://onionoo.example/details', everyMs: 1, contact: null, fingerprints: [], ...more }); // prettier-ignore

  it.each<[string, Partial<TorSourceConfig>, boolean]>([
    ['asked for everything', {}, true],
    ['asked for every exit', { url: 'https://onionoo.example/details?flag=Exit&running=true' }, true],
    ['asked for other relays', { url: 'https://onionoo.example/details?flag=Guard' }, false],
    ['asked for a country', { url: 'https://onionoo.example/details?country=de' }, false],
    ['asked for a contact', { contact: 'me' }, false],
    ['asked for a relay', { fingerprints: [fingerprintA] }, false],
    ['a list', { form: 'address-list' }, true],
  ])('%s shows every exit: %s', (_, more, complete) => {
    expect(isComplete(source(more))).toBe(complete);
  });

  it('what the URL asks itself is left as it is', () => {
    const [url] = requestUrls(source({ url: 'https://onionoo.example/details?fields=fingerprint&country=de' }));
    expect(Object.fromEntries(new URL(url!).searchParams)).toEqual({
      fields: 'fingerprint',
      country: 'de',
      type: 'relay',
    });
  });
});
