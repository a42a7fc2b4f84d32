import { afterEach, describe, expect, it } from 'vitest';
import { makeDigest } from '../../src/flow/make-digest.ts';
import { hourMs, minuteMs, t0 } from '../support/a-case.ts';
import { aComplaint, headerOf, openFolderDesk, type FolderDesk } from '../support/folder-desk.ts';
import { probeText } from '../support/probe-text.ts';

let desk: FolderDesk;
afterEach(() => desk.stop());

/** Log lines of a firewall, in a person's complaint about our exit. */
function reporting(protocol: string, port: number): string {
  const line = (s: number) =>
    `Nov  2 06:12:0${s} gw kernel: IN=eth0 SRC=198.51.100.10 DST=203.0.113.9 LEN=60 PROTO=${protocol} SPT=4022${s} DPT=${port}\n`;
  return aComplaint({
    text: `Hello,\n\nyour machine 198.51.100.10 is attacking our server, please have a look and make it stop. Times are UTC.\n\n${line(1)}${line(2)}\nRegards\nJane Miller\n`,
  });
}

function withPolicy(yaml: string): string {
  const policies = "    exitPolicies:\n      - { from: 2025-01-01, exitPolicy: ['reject *:3389'] }\n";
  return yaml.replace(/( +)from: 2024-01-01\n/, `$1from: 2024-01-01\n${policies}`);
}

const letterText = (id: number): string =>
  desk
    .letters()
    .find((raw) => headerOf(raw, 'Subject').includes(`[EX-${id}]`))
    ?.replaceAll(/=\r?\n/g, '')
    .replaceAll(/\s+/g, ' ') ?? '';

describe('traffic that Tor cannot have carried', () => {
  it('lets no check from before the report serve, and is stated in the letter, the case and the digest', async () => {
    desk = await openFolderDesk();
    desk.drop(aComplaint());
    await desk.pass();
    desk.clock.now += minuteMs;
    desk.drop(reporting('UDP', 123));
    await desk.pass();
    const [first, second] = [desk.case(1), desk.case(2)];
    expect(second.judgement.addresses[0]).toMatchObject({ passage: { verdict: 'impossible' } });
    expect(second.hosts[0]?.checkId).not.toBe(first.hosts[0]?.checkId);
    expect(second.state).toBe('awaiting-answer');
    expect(letterText(2)).toContain('cannot have come through our exit: UDP port 123: Tor carries TCP only');
    expect(letterText(2)).toContain('our check found no sign of a break-in');
    const digest = makeDigest(desk.app, { period: 'daily', until: desk.clock.now + hourMs });
    expect(JSON.stringify(digest)).toContain('Tor cannot have carried it');
    // What an ordinary complaint would share, it shares.
    desk.drop(aComplaint());
    await desk.pass();
    expect(desk.case(3).hosts[0]?.checkId).toBe(second.hosts[0]?.checkId);
  });

  it('brings to a person what would be a notice otherwise', async () => {
    desk = await openFolderDesk();
    desk.host.output = probeText({ packages: { rows: ['gone coreutils /usr/bin/who'] } });
    desk.drop(aComplaint());
    desk.drop(reporting('UDP', 123));
    await desk.pass();
    expect(desk.case(1).state).toBe('awaiting-answer');
    expect(desk.case(2)).toMatchObject({
      state: 'needs-person',
      reasons: ['not-through-tor'],
      hosts: [{ status: 'clean' }],
      drafts: [{ letter: 'non-threatening' }],
    });
  });

  it('is told of a port only where the exit policy of that time refused it', async () => {
    desk = await openFolderDesk({ change: withPolicy });
    desk.drop(reporting('TCP', 3389));
    await desk.pass();
    expect(letterText(1)).toContain(
      'TCP port 3389 of 203.0.113.9: our exit policy of that time refused it (reject *:3389)',
    );
    desk.drop(reporting('TCP', 443));
    await desk.pass();
    expect(desk.case(2).judgement.addresses[0]).toMatchObject({ passage: { verdict: 'possible' } });
    expect(letterText(2)).not.toContain('cannot have come');
  });

  it('is not told of a port where no exit policy of that time is known', async () => {
    desk = await openFolderDesk();
    desk.drop(reporting('TCP', 3389));
    await desk.pass();
    expect(desk.case(1).judgement.addresses[0]).toMatchObject({ passage: { verdict: 'unknown' } });
    expect(letterText(1)).not.toContain('cannot have come');
  });

  it('is told by the checks where tor did not run at the reported time: a person looks', async () => {
    desk = await openFolderDesk();
    const minutes = (count: number): number => (t0 + count * minuteMs) / 1000;
    desk.clock.now = t0 - 30 * minuteMs;
    desk.host.output = probeText({ tor: { rows: ['package 0.4.8.16'] } });
    desk.drop(aComplaint());
    await desk.pass();
    desk.clock.now = t0;
    const running = ['package 0.4.8.16', 'process 900 tor /usr/bin/tor', `since 900 ${minutes(-5)}`];
    desk.host.output = probeText({ tor: { rows: running } });
    const text = (time: string): string =>
      `Hello,\n\nyour machine 198.51.100.10 tried to log in to our server by SSH on 2026-11-02 at ${time} UTC. Please make it stop.\n\nJane Miller\n`;
    desk.drop(aComplaint({ text: text('07:40') }));
    desk.drop(aComplaint({ text: text('07:56') }));
    await desk.pass();
    expect(desk.case(2)).toMatchObject({ state: 'needs-person', reasons: ['not-through-tor'] });
    expect(desk.case(3).state).toBe('awaiting-answer');
  });

  it('is kept with the case as it was known then: a policy that is stated later changes nothing', async () => {
    desk = await openFolderDesk();
    desk.drop(reporting('TCP', 3389));
    await desk.pass();
    await desk.restart(withPolicy);
    expect(desk.case(1).judgement.addresses[0]).toMatchObject({ passage: { verdict: 'unknown' } });
  });
});
