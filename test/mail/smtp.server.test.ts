import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSmtpSender, type SmtpOptions } from '../../src/mail/smtp.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { canStart } from '../support/packages.ts';
import { startPostfix, type Postfix } from '../support/postfix.ts';
import { freePort, until } from '../support/servers.ts';

const DESK = 'abuse@exits.example';
const COMPLAINANT = 'admin@isp.example';

describe.skipIf(!canStart('dovecot', 'postfix'))('sending through a real Postfix', () => {
  let dovecot: Dovecot;
  let postfix: Postfix;

  beforeAll(async () => {
    const port = await freePort();
    dovecot = await startDovecot({ users: [DESK, COMPLAINANT], submissionPort: port });
    postfix = await startPostfix({
      domains: ['exits.example', 'isp.example'],
      users: [DESK, COMPLAINANT],
      lmtpPort: dovecot.lmtpPort,
      authSocket: dovecot.authSocket,
      port,
    });
  });
  afterAll(async () => {
    await postfix.stop();
    await dovecot.stop();
  });

  const letter = (subject: string): Buffer =>
    Buffer.from(
      `Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nFrom: ${DESK}\r\nTo: ${COMPLAINANT}\r\nMessage-ID: <${subject}@exits.example>\r\nSubject: ${subject}\r\n\r\n.text\r\n`,
    );
  const relay = (options: Partial<SmtpOptions> = {}) =>
    createSmtpSender({ host: '127.0.0.1', port: postfix.smtpPort, security: 'plain', ...options });
  const submission = (options: Partial<SmtpOptions> = {}) =>
    relay({
      port: postfix.submissionPort,
      security: 'starttls',
      tls: { ca: postfix.ca, servername: 'localhost' },
      login: { user: DESK, password: dovecot.password },
      ...options,
    });
  const arrived = (user: string, subject: string) =>
    until(`${subject} lies with ${user}`, () =>
      dovecot.messages(user).find((raw) => raw.includes(`Subject: ${subject}\r\n`)),
    );

  test('a letter arrives with its bytes unchanged, and its copy at the desk’s signed address in the desk’s mailbox', async () => {
    const envelope = { from: 'abuse+c1.f3a9@exits.example', to: [COMPLAINANT, 'abuse+own.17@exits.example'] };
    const sent = await submission().send({ bytes: letter('both'), envelope });
    expect(sent).toMatchObject({ result: 'accepted', refused: [] });
    const theirs = await arrived(COMPLAINANT, 'both');
    expect(theirs.subarray(-letter('both').length).toString()).toBe(letter('both').toString());
    expect(theirs.toString()).toMatch(/^Return-Path: <abuse\+c1\.f3a9@exits\.example>/);
    expect((await arrived(DESK, 'both')).toString()).toContain('Delivered-To: abuse+own.17@exits.example');
  });

  test('a recipient that the server knows not to exist is a permanent refusal, and nothing leaves this machine', async () => {
    for (const to of ['nobody@isp.example', 'somebody@elsewhere.example']) {
      const sent = await relay().send({ bytes: letter('lost'), envelope: { from: DESK, to: [to, DESK] } });
      expect(sent).toMatchObject({ result: 'permanent', response: expect.stringMatching(/^550 5\.1\.1/) });
    }
    expect(postfix.queue()).toEqual([]);
    expect(dovecot.messages(DESK).some((raw) => raw.includes('Subject: lost'))).toBe(false);
  });

  test('doctor hears how the server was reached', async () => {
    expect(await submission().verify()).toMatch(/over TLS, logged in as abuse@exits\.example$/);
    expect(await relay().verify()).toMatch(/over clear text, no login$/);
  });

  test.each([
    ['a wrong password', { login: { user: DESK, password: 'wrong' } }, 'auth-failed', 'smtp-auth'],
    ['a certificate that nobody trusts', { tls: {} }, 'temporary', 'smtp-unreachable'],
    ['a certificate for another name', { tls: { servername: 'mail.isp.example' } }, 'temporary', 'smtp-unreachable'],
    ['TLS on a port that speaks plainly', { security: 'tls' }, 'temporary', 'smtp-unreachable'],
  ] as const)('%s sends nothing', async (_what, options, result, code) => {
    const given: Partial<SmtpOptions> = options;
    const tls =
      given.tls === undefined
        ? {}
        : { tls: { ...(given.tls.servername === undefined ? {} : { ca: postfix.ca }), ...given.tls } };
    const sender = submission({ ...given, ...tls, timeouts: { greetingMs: 2000, connectMs: 2000 } });
    expect((await sender.send({ bytes: letter('never'), envelope: { from: DESK, to: [COMPLAINANT] } })).result).toBe(
      result,
    );
    await expect(sender.verify()).rejects.toMatchObject({ code });
    expect(dovecot.messages(COMPLAINANT).some((raw) => raw.includes('Subject: never'))).toBe(false);
  });

  test('STARTTLS that the server does not offer is no reason to go on in clear text', async () => {
    const bare = await startPostfix({
      domains: ['isp.example'],
      lmtpPort: dovecot.lmtpPort,
      extra: 'smtpd_tls_security_level = none',
    });
    try {
      const sender = relay({ port: bare.smtpPort, security: 'starttls' });
      expect((await sender.send({ bytes: letter('bare'), envelope: { from: DESK, to: [COMPLAINANT] } })).result).toBe(
        'temporary',
      );
      expect(bare.queue()).toEqual([]);
      expect(dovecot.messages(COMPLAINANT).some((raw) => raw.includes('Subject: bare'))).toBe(false);
    } finally {
      await bare.stop();
    }
  });

  test('a bounce comes back to the envelope sender', async () => {
    const bytes = letter('bounces');
    const full = await startPostfix({ domains: ['exits.example', 'isp.example'], lmtpPort: dovecot.lmtpPort });
    try {
      const sender = relay({ port: full.smtpPort });
      const sent = await sender.send({
        bytes,
        envelope: { from: 'abuse+c9.aa@exits.example', to: ['gone@isp.example'] },
      });
      expect(sent.result).toBe('accepted');
      const bounce = await until('the bounce arrives', () =>
        dovecot.messages(DESK).find((raw) => raw.includes('Delivered-To: abuse+c9.aa@exits.example')),
      );
      expect(bounce.toString()).toMatch(/report-type=delivery-status/);
    } finally {
      await full.stop();
    }
  });

  test('a vacation note of a real Sieve answers a letter and arrives at the desk', async () => {
    dovecot.setSieve(COMPLAINANT, 'require ["vacation"];\nvacation :days 1 :subject "Away" "I am on holiday.";\n');
    const envelope = { from: 'abuse+c2.bb@exits.example', to: [COMPLAINANT] };
    expect((await relay().send({ bytes: letter('holiday'), envelope })).result).toBe('accepted');
    const note = await until('the note arrives', () =>
      dovecot.messages(DESK).find((raw) => raw.includes('I am on holiday.')),
    );
    expect(note.toString()).toMatch(/^Auto-Submitted: auto-replied \(vacation\)\r$/m);
  });
});
