import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dial } from '../../src/tor/dial.ts';
import { failureOf } from '../../src/tor/failure.ts';
import { isInner } from '../../src/tor/redirect.ts';
import { startWeb, type Web } from '../support/web.ts';

let web: Web;
beforeAll(async () => {
  web = await startWeb();
});
afterAll(() => web.stop());

it.each<[string, boolean]>([
  ['127.0.0.1', true],
  ['[::1]', true],
  ['[::ffff:10.1.2.3]', true],
  ['10.1.2.3', true],
  ['172.16.0.1', true],
  ['192.168.1.1', true],
  ['169.254.169.254', true],
  ['100.64.0.1', true],
  ['[fd00::1]', true],
  ['[fe80::1]', true],
  ['0.0.0.0', true],
  ['localhost', true],
  ['metadata.google.internal', true],
  ['printer.local.', true],
  ['intranet', true],
  ['check.torproject.org', false],
  ['198.51.100.10', false],
  ['[2001:db8::10]', false],
])('%s lies in an inner network: %s', (hostname, inner) => {
  expect(isInner(hostname)).toBe(inner);
});

describe('a name', () => {
  const options = { proxy: null, ca: null, isolation: '' };
  const { signal } = new AbortController();
  const url = (): URL => new URL(`http://localhost:${web.port}/`);

  it('that resolves to an inner address is not connected to where that is guarded against', async () => {
    expect(await dial(url(), { ...options, guarded: true }, signal)).toMatchObject({
      kind: 'failed',
      reason: 'redirect',
      detail: 'it redirects to a name of an inner network',
    });
    const socket = await dial(url(), { ...options, guarded: false }, signal);
    expect('kind' in socket).toBe(false);
    if (!('kind' in socket)) socket.destroy();
  });
});

it.each<[string, string]>([
  ['ENOTFOUND', 'name-not-found'],
  ['EAI_AGAIN', 'name-not-found'],
  ['ECONNREFUSED', 'refused'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ECONNRESET', 'cut-off'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
  ['Z_DATA_ERROR', 'undecodable'],
  ['HPE_INVALID_CONSTANT', 'no-http'],
  ['ESOMETHING', 'unreachable'],
])('the error %s is told as %s', (code, reason) => {
  expect(failureOf(Object.assign(new Error('words that nobody reads'), { code })).reason).toBe(reason);
});
