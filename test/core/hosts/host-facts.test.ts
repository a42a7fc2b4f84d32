import { describe, expect, it } from 'vitest';
import { judgeProbe } from '../../../src/core/hosts/judge-probe.ts';
import type { HostFacts } from '../../../src/core/hosts/host-facts.ts';
import { brought, probedAt, probeText, requirements } from '../../support/probe-text.ts';

function factsOf(tor: readonly string[], facts: Readonly<Record<string, string>> = {}): HostFacts | null | undefined {
  const text = probeText({ tor: { rows: tor } }, facts);
  return judgeProbe(brought(text), 'helium', requirements, probedAt).facts;
}

describe('the facts of a checked host', () => {
  it('say since when tor runs, in which version, and when its configuration was changed', () => {
    const rows = [
      'process 700 106 /usr/bin/tor',
      'since 700 1779000000',
      'process 701 106 /usr/bin/tor',
      'since 701 1779000500',
      'process 77 0 /usr/bin/vim',
      'since 77 1700000000',
      'package 0.4.8.16-1',
      'config 1778000000 abc /etc/tor/torrc',
      'config 1778000900 abc /etc/tor/instances/b/torrc',
    ];
    expect(factsOf(rows)?.tor).toEqual({
      running: true,
      version: '0.4.8.16-1',
      since: 1_779_000_000_000,
      configChangedAt: 1_778_000_900_000,
    });
  });

  it('say nothing that the host did not', () => {
    expect(factsOf([])?.tor).toEqual({ running: false, version: null, since: null, configChangedAt: null });
    expect(factsOf(['process 700 106 -', 'since 700 x', 'config - abc /x'])?.tor).toMatchObject({
      running: true,
      since: null,
      configChangedAt: null,
    });
  });

  it.each([
    ['debian 12', true],
    ['busybox', true],
    ['debian 14', false],
    ['ubuntu 24.04', false],
    ['rocky 9.4', false],
    ['alpine 3.20.1', false],
    ['FreeBSD', false],
    ['OpenBSD', false],
    ['', false],
  ])('say of "%s" whether the check is proved there: %s', (system, proved) => {
    expect(factsOf([], { system })?.proved).toBe(proved);
  });

  it('are none where no output of a check came back', () => {
    expect(judgeProbe(brought('nothing'), 'helium', requirements, probedAt).facts).toBeNull();
  });
});
