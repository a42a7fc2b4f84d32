import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runCase, runCases } from '../../src/cli/cases.ts';
import { runDigest } from '../../src/cli/digest.ts';
import { runHealth } from '../../src/cli/health.ts';
import { runMail, runMails } from '../../src/cli/mails.ts';
import type { CaseId } from '../../src/core/case.ts';
import { applyEvent } from '../../src/flow/apply-event.ts';
import type { Sender, SendResult } from '../../src/mail/send.ts';
import { latestMails } from '../../src/store/mails.ts';
import { lettersOfCase } from '../../src/store/letters.ts';
import { claimNext, outboxInStatus } from '../../src/store/outbox.ts';
import { hourMs, minuteMs } from '../support/a-case.ts';
import { aComplaint, headerOf, openFolderDesk, type FolderDesk } from '../support/folder-desk.ts';

let desk: FolderDesk;
afterEach(() => desk.stop());

/** The letter folder, but the first attempts end as given: what a server may do, without one. */
function ending(...results: readonly SendResult[]): (real: Sender) => Sender {
  const left = [...results];
  return (real) => ({
    ...real,
    send: async (outgoing) => {
      const next = left.shift();
      if (next === undefined) return real.send(outgoing);
      // The server had the whole message and the line broke before its answer.
      if (next.result === 'unknown') await real.send(outgoing);
      return next;
    },
  });
}

const temporary: SendResult = { result: 'temporary', response: '451 try later', answered: true };
const unknown: SendResult = { result: 'unknown', response: 'cut off after DATA' };

describe('a letter', () => {
  it('that a server refuses for now is tried again with the same bytes, later and later', async () => {
    desk = await openFolderDesk({ sender: ending(temporary, temporary) });
    desk.drop(aComplaint());
    await desk.pass();
    const before = lettersOfCase(desk.app.db, 1 as CaseId)[0];
    expect(before).toMatchObject({ status: 'waiting', leftAt: null });
    desk.clock.now += 5 * minuteMs;
    await desk.pass();
    expect(desk.case(1).state).toBe('answering');
    desk.clock.now += 10 * minuteMs;
    await desk.pass();
    expect(desk.case(1).state).toBe('awaiting-answer');
    expect(lettersOfCase(desk.app.db, 1 as CaseId)[0]?.bytes).toEqual(before?.bytes);
    expect(desk.letters()).toHaveLength(1);
  });

  it('that a server refuses for good goes to a person', async () => {
    desk = await openFolderDesk({ sender: ending({ result: 'permanent', response: '550 no such user' }) });
    desk.drop(aComplaint());
    await desk.pass();
    expect(desk.case(1)).toMatchObject({ state: 'needs-person', reasons: ['letter-failed'] });
  });

  it('of unknown fate is proved by our own copy, and the clock starts when it left', async () => {
    desk = await openFolderDesk({ sender: ending(unknown) });
    desk.drop(aComplaint());
    await desk.pass();
    const left = desk.clock.now;
    expect(outboxInStatus(desk.app.db, 'unknown')).toHaveLength(1);
    desk.clock.now += minuteMs;
    desk.drop(desk.letters()[0] ?? '');
    await desk.pass();
    expect(desk.case(1)).toMatchObject({ state: 'awaiting-answer', since: left });
    expect(desk.letters()).toHaveLength(1);
  });

  it('of unknown fate without a proof goes to a person, and never leaves again by itself', async () => {
    desk = await openFolderDesk({ sender: ending(unknown) });
    desk.drop(aComplaint());
    await desk.pass();
    desk.clock.now += 2 * hourMs;
    await desk.pass();
    expect(desk.case(1)).toMatchObject({ state: 'needs-person', reasons: ['letter-unknown'] });
    desk.clock.now += 48 * hourMs;
    await desk.pass();
    expect(desk.letters().filter((raw) => headerOf(raw, 'To') === 'jane@site.example')).toHaveLength(1);
  });

  it('is not proved by a stranger who copies its Message-ID: that mail is read like any other', async () => {
    desk = await openFolderDesk({ sender: ending(unknown) });
    desk.drop(aComplaint());
    await desk.pass();
    const id = headerOf(desk.letters()[0] ?? '', 'Message-ID');
    desk.drop(aComplaint({ from: 'eve@evil.example' }).replace(/^Message-ID: .*$/m, `Message-ID: ${id}`));
    await desk.pass();
    expect(outboxInStatus(desk.app.db, 'unknown')).toHaveLength(1);
    expect(desk.case(2).judgement.sender.address).toBe('eve@evil.example');
  });

  it('that was being composed when the desk died leaves once', async () => {
    desk = await openFolderDesk({ sender: ending(temporary) });
    desk.drop(aComplaint());
    await desk.pass();
    desk.clock.now += hourMs;
    expect(claimNext(desk.app.db, 'mail', desk.clock.now)).not.toBeNull();
    await desk.restart();
    await desk.pass();
    expect(desk.case(1).state).toBe('awaiting-answer');
    expect(desk.letters()).toHaveLength(1);
  });

  it('with a handler’s own words carries no mark of a machine', async () => {
    desk = await openFolderDesk({ change: (yaml) => yaml.replace('mode: auto', 'mode: approve') });
    desk.drop(aComplaint());
    await desk.pass();
    applyEvent(desk.app, 1 as CaseId, { type: 'approved', by: 'ada', text: 'My own words.' }, 'test:approve');
    await desk.pass();
    const letter = desk.letters()[0] ?? '';
    expect(headerOf(letter, 'Auto-Submitted')).toBe('');
    expect(letter).toContain('My own words.');
  });
});

describe('when SMTP itself fails', () => {
  it('the alert goes to the log at fatal, the operator’s command runs, and health fails', async () => {
    const change = (yaml: string): string => `${yaml}alerts:\n  command: [sh, -c, 'echo "$0" > "$PWD_OF_TEST"']\n`;
    const refused = { result: 'temporary', response: 'ECONNREFUSED', answered: false } as const;
    const failing = (real: Sender): Sender => ({ ...real, send: async () => refused });
    desk = await openFolderDesk({ change, sender: failing });
    const told = join(desk.folder, 'told');
    vi.stubEnv('PWD_OF_TEST', told);
    const fatal = vi.spyOn(desk.app.log, 'fatal');
    desk.drop(
      aComplaint({
        text: 'Hello,\n\nmy ex-husband writes to me through your address 198.51.100.10. He says he will kill me and that he knows where I live. I am afraid.\n\nJane Miller\n',
      }),
    );
    await desk.pass();
    expect(fatal).toHaveBeenCalledWith(
      'alert-undelivered',
      expect.objectContaining({ alert: 'alert: danger', case: 1 }),
    );
    await vi.waitFor(() => expect(existsSync(told) && readFileSync(told, 'utf8')).toContain('alert: danger'));
    expect(runHealth(desk.app, { json: true }, { write: () => undefined })).toBe(3);
    vi.unstubAllEnvs();
  });
});

describe('a notice that names one of our exits', () => {
  it('is listed, checks the host, opens no case and gets no letter', async () => {
    desk = await openFolderDesk();
    desk.drop(
      aComplaint({
        from: 'Scan feed <noreply@feed.example>',
        subject: 'Weekly statistics for your network',
        headers: ['Auto-Submitted: auto-generated', 'Precedence: bulk'],
        text: 'This is the weekly summary of our sensors. It is for your information only, no answer is needed.\n\nip,count\n198.51.100.10,17\n',
      }),
    );
    await desk.pass();
    const mail = latestMails(desk.app.db, { toPerson: false, limit: 1 })[0];
    expect(mail).toMatchObject({ kind: 'notice', stage: 'listed', caseId: null });
    expect(desk.app.db.prepare('SELECT node, verdict FROM checks').all()).toEqual([
      { node: 'helium', verdict: 'clean' },
    ]);
    expect(desk.letters()).toEqual([]);
  });
});

describe('a sealed mail', () => {
  it('shows nothing of itself in any command, digest or alert', async () => {
    desk = await openFolderDesk();
    desk.drop(
      aComplaint({
        from: 'Hotline <report@hotline.example>',
        subject: 'CSAM report QZXSUBJECT on 198.51.100.10',
        text: 'We received a report about child sexual abuse material (CSAM) distributed from 198.51.100.10 at https://qzxlink.example/a. QZXBODY. Please act.\n',
      }),
    );
    await desk.pass();
    expect(desk.case(1).judgement.sealed).toBe(true);
    const lines: string[] = desk.letters().map(String);
    const out = { write: (line: string) => void lines.push(line) };
    runCases(desk.app, {}, out);
    runCases(desk.app, { json: true }, out);
    runCase(desk.app, '1', {}, out);
    runCase(desk.app, '1', { json: true }, out);
    runMails(desk.app, {}, out);
    runMails(desk.app, { json: true }, out);
    runDigest(desk.app, { print: true }, out);
    expect(lines.length).toBeGreaterThan(6);
    expect(lines.join('\n')).not.toMatch(/qzx/i);
    expect(() => runMail(desk.app, '1')).toThrow(expect.objectContaining({ code: 'refused' }));
  });
});
