import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, test } from 'vitest';
import type { SendResult } from '../../src/mail/send.ts';
import { createSmtpSender, type SmtpOptions } from '../../src/mail/smtp.ts';

const LETTER = Buffer.from('Subject: Re: scan\r\nMessage-ID: <1@exits.example>\r\n\r\nHello.\r\n.dot\r\n');
const ENVELOPE = { from: 'abuse+c1@exits.example', to: ['admin@isp.example'] };
const OWN_COPY = 'abuse+own@exits.example';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type Received = { readonly bytes: Buffer; readonly to: readonly string[]; readonly from: string };

/** nodemailer's own test server, made to fail at one step. */
async function relay(options: SMTPServerOptions = {}): Promise<{ port: number; received: Received[] }> {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', ...(options.onAuth ? [] : ['AUTH'])],
    closeTimeout: 1,
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        received.push({ bytes: Buffer.concat(chunks), to: rcptTo.map((rcpt) => rcpt.address), from });
        callback(null, 'queued as 4711');
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  closers.push(() => new Promise((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as AddressInfo).port, received };
}

function reply(code: number): Error {
  return Object.assign(new Error(`reply ${code}`), { responseCode: code });
}

/**
 * A server that speaks just enough SMTP from a table, for what a well-behaved one never does: `at` sees every command
 * ("MESSAGE" at the end of the data) and returns the reply, or null to say nothing more.
 */
async function scripted(
  at: (command: string, socket: Socket) => string | null,
  ehlo = '250 HELP',
): Promise<{ port: number; commands: string[] }> {
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let inData = false;
    let waiting = '';
    const say = (command: string): void => {
      commands.push(command);
      const answer = at(command, socket);
      if (answer === null) return;
      if (answer.startsWith('354')) inData = true;
      socket.write(`${answer}\r\n`);
    };
    say('CONNECT');
    socket.on('data', (chunk) => {
      waiting += chunk.toString('latin1');
      for (;;) {
        const end = inData ? waiting.indexOf('\r\n.\r\n') : waiting.indexOf('\r\n');
        if (end === -1) return;
        const line = waiting.slice(0, end);
        waiting = waiting.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          say('MESSAGE');
        } else if (line.startsWith('EHLO')) socket.write(`250-scripted\r\n${ehlo}\r\n`);
        else say(line);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return { port: (server.address() as AddressInfo).port, commands };
}

/** A polite script; `changed` overrides single steps. */
function polite(changed: Readonly<Record<string, (socket: Socket) => string | null>>) {
  return (command: string, socket: Socket): string | null => {
    const step = Object.keys(changed).find((prefix) => command.startsWith(prefix));
    if (step !== undefined) return changed[step]?.(socket) ?? null;
    if (command === 'CONNECT') return '220 ready';
    return command === 'DATA' ? '354 go on' : '250 fine';
  };
}

function sender(port: number, options: Partial<SmtpOptions> = {}) {
  const timeouts = { connectMs: 2000, greetingMs: 500, socketMs: 500 };
  return createSmtpSender({ host: '127.0.0.1', port, security: 'plain', timeouts, ...options });
}

async function send(port: number, to: readonly string[] = ENVELOPE.to): Promise<SendResult> {
  return await sender(port).send({ bytes: LETTER, envelope: { from: ENVELOPE.from, to } });
}

function hangUp(socket: Socket): null {
  socket.destroy();
  return null;
}

describe('a letter that the server takes', () => {
  test('leaves with exactly the stored bytes and the given envelope', async () => {
    const { port, received } = await relay();
    const sent = await send(port, [...ENVELOPE.to, OWN_COPY]);
    expect(sent).toEqual({ result: 'accepted', response: '250 queued as 4711', refused: [] });
    expect(received).toEqual([{ bytes: LETTER, to: [...ENVELOPE.to, OWN_COPY], from: ENVELOPE.from }]);
  });

  test('may carry the null sender', async () => {
    const { port, received } = await relay();
    const sent = await sender(port).send({ bytes: LETTER, envelope: { from: '', to: ENVELOPE.to } });
    expect(sent.result).toBe('accepted');
    expect(received[0]?.from).toBe('');
  });

  test('is accepted where only our own copy was refused, and says so', async () => {
    const { port } = await relay({
      onRcptTo: (address, _session, callback) => callback(address.address === OWN_COPY ? reply(550) : null),
    });
    expect(await send(port, [...ENVELOPE.to, OWN_COPY])).toMatchObject({ result: 'accepted', refused: [OWN_COPY] });
  });
});

describe('a server that answers with a reply', () => {
  const refusals: [string, number, SMTPServerOptions, SendResult['result']][] = [
    ['421 as greeting', 421, { onConnect: (_session, done) => done(reply(421)) }, 'temporary'],
    [
      '554 as greeting: nothing about this letter',
      554,
      { onConnect: (_session, done) => done(reply(554)) },
      'temporary',
    ],
    ['451 to the sender', 451, { onMailFrom: (_address, _session, done) => done(reply(451)) }, 'temporary'],
    ['550 to the sender', 550, { onMailFrom: (_address, _session, done) => done(reply(550)) }, 'permanent'],
    [
      '530 to the sender: log in first',
      530,
      { onMailFrom: (_address, _session, done) => done(reply(530)) },
      'auth-failed',
    ],
    [
      '450 to the recipient (greylisting)',
      450,
      { onRcptTo: (_address, _session, done) => done(reply(450)) },
      'temporary',
    ],
    ['550 to the recipient', 550, { onRcptTo: (_address, _session, done) => done(reply(550)) }, 'permanent'],
    [
      '503 to the recipient: the order, not the address',
      503,
      { onRcptTo: (_a, _s, done) => done(reply(503)) },
      'temporary',
    ],
    [
      '554 to the message',
      554,
      { onData: (stream, _session, done) => stream.on('end', () => done(reply(554))).resume() },
      'permanent',
    ],
    [
      '452 to the message',
      452,
      { onData: (stream, _session, done) => stream.on('end', () => done(reply(452))).resume() },
      'temporary',
    ],
    [
      '421 to the message',
      421,
      { onData: (stream, _session, done) => stream.on('end', () => done(reply(421))).resume() },
      'temporary',
    ],
  ];
  test.each(refusals)('%s', async (_what, code, options, result) => {
    for (const hidePIPELINING of [true, false]) {
      const { port } = await relay({ ...options, hidePIPELINING });
      const sent = await send(port);
      expect(sent.result).toBe(result);
      expect(sent.response).toContain(String(code));
    }
  });

  test.each([
    [450, 'temporary'],
    [550, 'permanent'],
  ] as const)(
    '%i to the letter’s recipient keeps our own copy from being sent: it would look like a proof',
    async (code, result) => {
      for (const hidePIPELINING of [true, false]) {
        const { port, received } = await relay({
          onRcptTo: (address, _session, callback) => callback(address.address === OWN_COPY ? null : reply(code)),
          hidePIPELINING,
        });
        expect((await send(port, [...ENVELOPE.to, OWN_COPY])).result).toBe(result);
        expect(received).toEqual([]);
      }
    },
  );

  test('a refusal of DATA itself is the verdict on the letter', async () => {
    const { port } = await scripted(polite({ DATA: () => '554 no' }));
    expect(await send(port)).toEqual({ result: 'permanent', response: '554 no' });
  });

  test('its words are shown on one line, without control characters and bounded', async () => {
    const { port } = await scripted(polite({ RCPT: () => `550-no\u001b[31m\r\n550 ${'x'.repeat(2000)}` }));
    const { response } = await send(port);
    expect(response).toMatch(/^550-no \[31m 550 x+$/);
    expect(response.length).toBe(500);
  });
});

describe('a connection that is lost', () => {
  test.each([
    ['refused', null],
    ['dropped at the greeting', { CONNECT: hangUp }],
    ['silent at the greeting', { CONNECT: () => null }],
    ['dropped at the sender', { MAIL: hangUp }],
    ['dropped at the recipient', { RCPT: hangUp }],
    ['dropped at DATA, before the message', { DATA: hangUp }],
    ['silent at DATA, before the message', { DATA: () => null }],
  ] as [string, Record<string, (socket: Socket) => string | null> | null][])(
    '%s: tried again',
    async (_what, steps) => {
      for (const ehlo of ['250 HELP', '250 PIPELINING']) {
        const port = steps === null ? await refusingPort() : (await scripted(polite(steps), ehlo)).port;
        expect((await send(port)).result).toBe('temporary');
      }
    },
  );

  test.each([
    ['dropped after the message', { MESSAGE: hangUp }],
    ['silent after the message', { MESSAGE: () => null }],
    ['ended with half a reply to the message', { MESSAGE: (socket: Socket) => (socket.end('45'), null) }],
  ] as [string, Record<string, (socket: Socket) => string | null>][])(
    '%s: nobody knows, never sent again by itself',
    async (_what, steps) => {
      for (const ehlo of ['250 HELP', '250 PIPELINING']) {
        const { port, commands } = await scripted(polite(steps), ehlo);
        expect((await send(port)).result).toBe('unknown');
        expect(commands.filter((command) => command === 'MESSAGE')).toHaveLength(1);
      }
    },
  );

  test('a server that trickles for ever ends with the attempt’s own deadline', async () => {
    const trickle = (socket: Socket): null => {
      const timer = setInterval(
        () => (socket.destroyed ? clearInterval(timer) : socket.write('250-still here\r\n')),
        50,
      );
      return null;
    };
    const { port } = await scripted(polite({ RCPT: trickle }));
    const slow = sender(port, { timeouts: { connectMs: 1000, greetingMs: 1000, socketMs: 1000, attemptMs: 700 } });
    expect((await slow.send({ bytes: LETTER, envelope: ENVELOPE })).result).toBe('temporary');
  });
});

describe('logging in', () => {
  const login = { user: 'desk@exits.example', password: 'right' };
  const auth = (code: number): SMTPServerOptions => ({
    allowInsecureAuth: true,
    onAuth: (given, _session, done) => (given.password === 'right' ? done(null, { user: 'desk' }) : done(reply(code))),
  });

  test('the right password sends', async () => {
    const { port, received } = await relay(auth(535));
    expect((await sender(port, { login }).send({ bytes: LETTER, envelope: ENVELOPE })).result).toBe('accepted');
    expect(received).toHaveLength(1);
  });

  test.each([
    [535, 'auth-failed', 'smtp-auth'],
    [454, 'temporary', 'smtp-unreachable'],
  ] as const)('a refusal with %i is %s', async (code, result, error) => {
    const { port } = await relay(auth(code));
    const wrong = sender(port, { login: { ...login, password: 'wrong' } });
    expect((await wrong.send({ bytes: LETTER, envelope: ENVELOPE })).result).toBe(result);
    await expect(wrong.verify()).rejects.toMatchObject({ code: error });
  });

  test('a server that offers no login gets nothing, not even a letter without one', async () => {
    const { port, received } = await relay();
    expect((await sender(port, { login }).send({ bytes: LETTER, envelope: ENVELOPE })).result).toBe('auth-failed');
    expect(received).toEqual([]);
  });

  test('an access token is fetched anew for every attempt', async () => {
    const tokens: string[] = [];
    const { port } = await relay({
      allowInsecureAuth: true,
      authMethods: ['XOAUTH2'],
      onAuth: (given, _session, done) => {
        tokens.push(given.accessToken ?? '');
        done(null, { user: 'desk' });
      },
    });
    let fetched = 0;
    const accessToken = () => Promise.resolve(`token-${(fetched += 1)}`);
    const withToken = sender(port, { login: { user: 'desk@exits.example', accessToken } });
    for (const _attempt of [1, 2]) {
      expect((await withToken.send({ bytes: LETTER, envelope: ENVELOPE })).result).toBe('accepted');
    }
    expect(tokens).toEqual(['token-1', 'token-2']);
  });

  test('an access token that cannot be fetched is a login that failed', async () => {
    const { port } = await relay(auth(535));
    const accessToken = () => Promise.reject(new Error('token endpoint down'));
    const result = await sender(port, { login: { user: 'desk', accessToken } }).send({
      bytes: LETTER,
      envelope: ENVELOPE,
    });
    expect(result.result).toBe('auth-failed');
  });
});

describe('before anything connects', () => {
  test('clear text is refused except on loopback', () => {
    const plain = { port: 25, security: 'plain' } as const;
    expect(() => createSmtpSender({ ...plain, host: 'mail.isp.example' })).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    );
    expect(() => createSmtpSender({ ...plain, host: 'mail.isp.example', allowPlain: true })).not.toThrow();
    for (const host of ['localhost', '127.0.0.1', '::1'])
      expect(() => createSmtpSender({ ...plain, host })).not.toThrow();
  });

  test('an envelope that is no plain address sends nothing', async () => {
    const { port, received } = await relay();
    for (const to of [
      [],
      ['root@localhost'],
      ['a@isp.example\r\nRCPT TO:<b@isp.example>'],
      ['a@isp.example, b@isp.example'],
    ]) {
      expect((await send(port, to)).result).toBe('permanent');
    }
    expect(received).toEqual([]);
  });
});

async function refusingPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
