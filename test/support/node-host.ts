import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeSetup } from '../../src/core/hosts/node-setup.ts';
import { probeScript } from '../../src/hosts/probe-script.ts';
import type { ProbeTarget } from '../../src/hosts/probe.ts';
import { overRoot, processesIn } from './namespace.ts';
import { freePort } from './sshd.ts';

/** A host with an sshd of its own, as an operator would have one: over a root file system, which stays as it is. */
export type NodeHost = {
  readonly port: number;
  readonly hostKeyLine: string;
  /** What the set-up printed. */
  readonly said: string;
  /** Command lines of what runs there. */
  readonly processes: () => readonly string[];
  readonly stop: () => Promise<void>;
};

// $2: a folder of ours, $3: the port, $4: yes or no to PAM. Its network is ours, its processes, mounts and devices its own.
const enter = `
mount -t tmpfs none dev
chmod 1777 tmp
mknod -m 666 dev/null c 1 3; mknod -m 666 dev/zero c 1 5; mknod -m 444 dev/urandom c 1 9; mknod -m 444 dev/random c 1 8; mknod -m 666 dev/tty c 5 0
mkdir dev/pts dev/shm run/sshd
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
: > var/log/wtmp; : > run/utmp
cp "$2/setup.sh" tmp/setup.sh
rm -f etc/ssh/ssh_host_*
chroot . ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
if [ -x usr/sbin/rsyslogd ]; then chroot . rsyslogd; fi
if [ -x usr/bin/wtmpdb ]; then mkdir -p var/lib/wtmpdb; chroot . wtmpdb boot; fi
chroot . sh /tmp/setup.sh > "$2/said" 2>&1
cp etc/ssh/ssh_host_ed25519_key.pub "$2/host-key.pub"
exec chroot . /usr/sbin/sshd -D -o Port=$3 -o ListenAddress=127.0.0.1 -o UsePAM=$4 -o PasswordAuthentication=no -o KbdInteractiveAuthentication=no -o PidFile=none -o AuthorizedKeysFile=.ssh/authorized_keys
`;

/** Starts such a host and runs the set-up on it as root. Wants root and namespaces (see hasSandbox). */
export async function startNodeHost(
  root: string,
  setup: string,
  { pam }: { readonly pam: boolean },
): Promise<NodeHost> {
  const folder = mkdtempSync(join(tmpdir(), 'exitdesk-node-'));
  writeFileSync(join(folder, 'setup.sh'), setup);
  const port = await freePort();
  const words = overRoot(root, folder, enter, { network: 'shared', args: [String(port), pam ? 'yes' : 'no'] });
  const host = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  host.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
  const end = new Promise<void>((resolve) => host.once('exit', () => resolve()));
  while (host.exitCode === null && host.signalCode === null && !(await answers(port)))
    await new Promise((resolve) => setImmediate(resolve));
  const ended = host.exitCode !== null || host.signalCode !== null;
  const read = (name: string): string => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch {
      return '';
    }
  };
  const said = read('said');
  if (ended) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`the host did not start: ${errors}${said}`);
  }
  return {
    port,
    said,
    hostKeyLine: read('host-key.pub').trim(),
    processes: () => processesIn(host.pid ?? 0),
    async stop() {
      host.kill('SIGKILL');
      await end;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A host that was set up with the very lines that `exitdesk probe --print-setup` prints; `more` is run after them, by sh. */
export async function startPreparedHost(
  root: string,
  { keyFile, more = '', pam = true }: { readonly keyFile: string; readonly more?: string; readonly pam?: boolean },
): Promise<NodeHost & { readonly target: ProbeTarget }> {
  const publicKey = readFileSync(`${keyFile}.pub`, 'utf8').trim();
  const setup = nodeSetup({
    node: 'helium',
    account: 'exitdesk',
    publicKey,
    sources: ['127.0.0.1'],
    script: probeScript,
  });
  const host = await startNodeHost(root, `${setup.join('\n')}\n${more}\n`, { pam });
  return {
    ...host,
    target: {
      node: 'helium',
      transport: 'ssh',
      host: '127.0.0.1',
      port: host.port,
      user: 'exitdesk',
      keyFile,
      hostKeys: [host.hostKeyLine],
    },
  };
}
