import { readFile } from 'node:fs/promises';
import ssh2 from 'ssh2';
import type { ProbeOutput } from '../core/hosts/check.ts';
import { collectOutput } from './collect-output.ts';
import { algorithmsToOffer, fingerprintOf, judgeHostKey, readPinnedKeys, typeOfKey } from './host-keys.ts';
import type { KeyVerdict, PinnedKeys } from './host-keys.ts';
import { readKnownHosts } from './known-hosts.ts';
import { probeScript } from './probe-script.ts';
import type { Probe, ProbeLimits, ProbeTarget } from './probe.ts';

type SshTarget = Extract<ProbeTarget, { transport: 'ssh' }>;
type Failure = Extract<ProbeOutput, { ok: false }>;
/** An outcome before it is known how long all took. */
type Outcome = Omit<Extract<ProbeOutput, { ok: true }>, 'tookMs'> | Omit<Failure, 'tookMs'>;

/** One try to connect: what it may use, and what it must keep to. */
type Attempt = {
  readonly target: SshTarget;
  readonly pinned: PinnedKeys;
  readonly privateKey: Buffer;
  readonly algorithms: readonly ssh2.ServerHostKeyAlgorithm[];
  readonly limits: ProbeLimits;
  readonly signal: AbortSignal;
};

const keepaliveMs = 5_000;
const keepalivesMissed = 3;
/** How long a connection may take to close by itself after the output has come. */
const partingMs = 500;

/**
 * The probe over SSH: one connection, one command (`sh -s`, with the script on its input; a host with a forced command runs
 * its own copy of the script instead), only with a pinned host key, only with the key of this node, without agent, terminal
 * or forwarding. Every failure is a value with its reason; by `limits.deadlineMs` or an abort everything is closed.
 */
export function createSshProbe(): Probe {
  return async (target, limits, signal) => {
    if (target.transport !== 'ssh') throw new Error(`the SSH probe was asked for a ${target.transport} target`);
    const began = performance.now();
    const outcome = await probeBySsh(target, limits, signal);
    return { ...outcome, tookMs: Math.round(performance.now() - began) };
  };
}

async function probeBySsh(target: SshTarget, limits: ProbeLimits, signal: AbortSignal): Promise<Outcome> {
  const deadline = AbortSignal.timeout(limits.deadlineMs);
  const privateKey = await readKey(target.keyFile);
  if (!Buffer.isBuffer(privateKey)) return privateKey;
  const pinned = await readPins(target);
  if (!('keys' in pinned)) return pinned;
  let mismatch: Outcome | null = null;
  for (const algorithms of algorithmsToOffer(pinned)) {
    const outcome = await connectAndRun({ target, pinned, privateKey, algorithms, limits, signal }, deadline);
    const keyTrouble = !outcome.ok && (outcome.reason === 'host-key-changed' || outcome.reason === 'host-key-unknown');
    // Only a pinned fingerprint is asked for in several rounds; in a later one, "no such type of key" shows as protocol.
    if (!keyTrouble && !(mismatch !== null && !outcome.ok && outcome.reason === 'protocol')) return outcome;
    mismatch ??= outcome;
  }
  return mismatch ?? fail('host-key-unknown', 'no host key is pinned');
}

async function readKey(file: string): Promise<Buffer | Outcome> {
  try {
    const bytes = await readFile(file);
    const parsed = ssh2.utils.parseKey(bytes);
    if (parsed instanceof Error)
      return fail('key-unreadable', `${file} holds no private key that can be used without a passphrase`);
    return parsed.isPrivateKey()
      ? bytes
      : fail('key-unreadable', `${file} holds a public key, the private one is needed`);
  } catch (error) {
    return fail('key-unreadable', `${file} could not be read (${codeOf(error)})`);
  }
}

async function readPins(target: SshTarget): Promise<PinnedKeys | Outcome> {
  const file = target.knownHostsFile ?? null;
  if (file === null) return readPinnedKeys(target.hostKeys);
  try {
    const { keys, revoked } = readKnownHosts(await readFile(file, 'utf8'), target.host, target.port);
    return readPinnedKeys([...target.hostKeys, ...keys], revoked);
  } catch (error) {
    return fail('host-key-unknown', `${file} could not be read (${codeOf(error)})`);
  }
}

function connectAndRun(attempt: Attempt, deadline: AbortSignal): Promise<Outcome> {
  const { target, pinned, limits, signal } = attempt;
  return new Promise((resolve) => {
    const connection = new ssh2.Client();
    const stop = AbortSignal.any([signal, deadline]);
    const shown: { verdict: KeyVerdict | null; key: Buffer | null } = { verdict: null, key: null };
    let ready = false;
    let settled = false;
    const settle = (outcome: Outcome): void => {
      if (settled) return;
      settled = true;
      stop.removeEventListener('abort', onStop);
      part(connection, outcome, resolve);
    };
    const onStop = (): void => settle(signal.aborted ? fail('cut-off', 'the desk was stopped') : late(limits, ready));
    // For the client's whole life: ssh2 may report further errors after the first one.
    connection.on('error', (error: Error & { level?: string }) => {
      settle(
        shown.verdict !== null && shown.verdict !== 'pinned' ? keyFailure(shown) : translate(error, ready, limits),
      );
    });
    connection.on('close', () =>
      settle(fail('cut-off', ready ? 'the connection was closed' : 'the connection was closed before the login')),
    );
    connection.on('ready', () => {
      ready = true;
      run(connection, limits, settle);
    });
    if (stop.aborted) return onStop();
    stop.addEventListener('abort', onStop, { once: true });
    connection.connect({
      ...settings(attempt),
      hostVerifier: (key: Buffer) => {
        shown.key = key;
        shown.verdict = judgeHostKey(pinned, key);
        return shown.verdict === 'pinned';
      },
      host: target.host,
    });
  });
}

function settings({ target, privateKey, algorithms, limits }: Attempt): ssh2.ConnectConfig {
  return {
    port: target.port,
    username: target.user,
    privateKey,
    // Nothing but the node's own key is ever tried.
    authHandler: ['publickey'],
    algorithms: { serverHostKey: [...algorithms] },
    readyTimeout: Math.min(limits.connectTimeoutMs, limits.deadlineMs),
    keepaliveInterval: keepaliveMs,
    keepaliveCountMax: keepalivesMissed,
    agentForward: false,
  };
}

/** Runs the script on a connection that is ready. Both streams are read to their end: ssh2 closes the channel only then. */
function run(connection: ssh2.Client, limits: ProbeLimits, settle: (outcome: Outcome) => void): void {
  const onChannel = (error: Error | undefined, channel: ssh2.ClientChannel): void => {
    if (error !== undefined)
      return settle(fail('protocol', 'the host logged us in but opened no channel for the command'));
    const output = collectOutput(limits.maxBytes, () =>
      settle(fail('output-cap', `more than ${limits.maxBytes} bytes came`)),
    );
    let complaint = '';
    let ended: { code: number | null; signal: string | null } | null = null;
    channel.on('error', () => settle(fail('cut-off', 'the channel broke')));
    channel.on('data', (chunk: Buffer) => output.add(chunk));
    channel.stderr.on('data', (chunk: Buffer) => {
      if (complaint.length < 300) complaint += chunk.toString('utf8');
    });
    channel.stderr.on('error', () => undefined);
    channel.on('exit', (code: number | null, signal?: string) => {
      ended = { code, signal: signal ?? null };
    });
    channel.on('close', () =>
      settle(
        ended === null
          ? fail('cut-off', 'the connection was closed before the command ended')
          : outcomeOf(output.text(), ended, complaint),
      ),
    );
    // A forced command does not read its input: writing to it may fail, and that is nobody's trouble.
    channel.end(probeScript);
  };
  try {
    connection.exec('sh -s', onChannel);
  } catch {
    // exec throws where the connection ended between ready and now.
    settle(fail('cut-off', 'the connection was closed after the login'));
  }
}

/** What a command's output and end make together; the local transport ends in the same way. */
export function outcomeOf(
  text: string,
  ended: { readonly code: number | null; readonly signal: string | null },
  complaint: string,
): Outcome {
  if (!text.includes('exitdesk-probe 1')) {
    const how = ended.signal === null ? `status ${ended.code ?? '?'}` : `signal ${ended.signal}`;
    const words = (complaint.trim() || text.trim()).split('\n', 1)[0]?.slice(0, 200) ?? '';
    return fail(
      'protocol',
      `the command ended with ${how} and gave no output of a host check${words === '' ? '' : `: ${words}`}`,
    );
  }
  return { ok: true, text, truncated: !/^exitdesk-probe end$/m.test(text) };
}

/** Closes the connection before the outcome is told, so that nothing is left behind: in good order after an answer, at once otherwise. */
function part(connection: ssh2.Client, outcome: Outcome, resolve: (outcome: Outcome) => void): void {
  if (!outcome.ok) {
    connection.destroy();
    resolve(outcome);
    return;
  }
  const timer = setTimeout(() => connection.destroy(), partingMs);
  connection.on('close', () => {
    clearTimeout(timer);
    resolve(outcome);
  });
  connection.end();
}

/** ssh2's `level` says in which layer it failed (its README, "Client events", error). */
function translate(error: Error & { level?: string }, ready: boolean, limits: ProbeLimits): Outcome {
  const code = codeOf(error);
  switch (error.level) {
    case 'client-authentication':
      return fail('auth-refused', 'neither account nor key were accepted');
    case 'client-timeout':
      return ready ? fail('cut-off', 'the host stopped answering') : late(limits, false, limits.connectTimeoutMs);
    case 'client-dns':
      return fail('unreachable', `the host name could not be resolved (${code})`);
    case 'client-socket':
      return ready ? fail('cut-off', `the connection broke (${code})`) : fail('unreachable', `no connection (${code})`);
    case 'handshake':
      return fail('protocol', 'no agreement on how to encrypt, or a broken handshake');
    case undefined:
    default:
      return fail(
        ready ? 'cut-off' : 'protocol',
        ready ? `the connection broke (${code})` : 'there is no SSH server that answers as one',
      );
  }
}

function late(limits: ProbeLimits, ready: boolean, afterMs: number = limits.deadlineMs): Outcome {
  return fail(
    'timeout',
    ready ? `the check was not over after ${afterMs / 1000} s` : `no login after ${afterMs / 1000} s`,
  );
}

function keyFailure({ verdict, key }: { verdict: KeyVerdict | null; key: Buffer | null }): Outcome {
  const bytes = key ?? Buffer.alloc(0);
  const seen = `it shows ${typeOfKey(bytes)} ${fingerprintOf(bytes)}`;
  if (verdict === 'unknown') return fail('host-key-unknown', seen);
  return fail('host-key-changed', verdict === 'revoked' ? `${seen}, which was revoked` : seen);
}

function fail(reason: Failure['reason'], detail: string): Outcome {
  return { ok: false, reason, detail };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no code';
}
