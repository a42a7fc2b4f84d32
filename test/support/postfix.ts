/** A real Postfix 3.7 on loopback, from a scratch folder, without systemd. It delivers the given domains and nothing else anywhere. */
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, makeCertificate, run, scratchFolder, startServer, untilListening } from './servers.ts';

export type PostfixOptions = {
  readonly domains: readonly string[];
  /** Known recipients: others are refused at RCPT TO with 550. Without it every address of the domains is taken. */
  readonly users?: readonly string[];
  /** Dovecot's LMTP port: where mail of the domains goes. */
  readonly lmtpPort: number;
  /** A port taken with freePort() beforehand, where somebody has to know it before Postfix starts. */
  readonly port?: number;
  /** Dovecot's auth socket: opens a submission port that demands TLS and a login. */
  readonly authSocket?: string;
  /** Lines for main.cf at its end, for the odd case. */
  readonly extra?: string;
};

export type Postfix = {
  /** Takes mail from loopback without login; STARTTLS is offered. */
  readonly smtpPort: number;
  /** STARTTLS and login demanded; 0 without `authSocket`. */
  readonly submissionPort: number;
  readonly ca: string;
  /** The folder of its main.cf, for sendmail(1) and its kind. */
  readonly configuration: string;
  /** What still waits for delivery (postqueue -j). */
  readonly queue: () => readonly { readonly queue_id: string; readonly sender: string }[];
  readonly log: () => string;
  readonly stop: () => Promise<void>;
};

export async function startPostfix(options: PostfixOptions): Promise<Postfix> {
  const scratch = scratchFolder('postfix');
  const folder = scratch.path;
  const configuration = join(folder, 'etc');
  const smtpPort = options.port ?? (await freePort());
  const submissionPort = options.authSocket === undefined ? 0 : await freePort();
  const tls = makeCertificate(folder, ['mail.exits.example']);
  makeFolders(folder);
  writeFileSync(join(configuration, 'recipients'), (options.users ?? []).map((user) => `${user} x\n`).join(''));
  writeFileSync(join(configuration, 'main.cf'), mainCf(folder, tls, options));
  writeFileSync(join(configuration, 'master.cf'), masterCf(smtpPort, submissionPort));
  const log = (): string => readIfThere(join(folder, 'mail.log'));
  const server = startServer('/usr/lib/postfix/sbin/master', ['-c', configuration, '-d']);
  const stop = async (): Promise<void> => {
    await server.stop();
    scratch.remove();
  };
  try {
    await untilListening(smtpPort, '220', server, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    smtpPort,
    submissionPort,
    configuration,
    log,
    stop,
    ca: tls.ca,
    queue: () =>
      run('/usr/sbin/postqueue', ['-c', configuration, '-j'])
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { queue_id: string; sender: string }),
  };
}

/** The folders with the owners that Postfix insists on; its own "postfix check" makes them too, in two seconds. */
function makeFolders(folder: string): void {
  const owner = Number(run('id', ['-u', 'postfix']));
  for (const part of ['etc', 'queue', 'queue/pid']) mkdirSync(join(folder, part), { mode: 0o755 });
  const queues = [
    'active',
    'bounce',
    'corrupt',
    'defer',
    'deferred',
    'flush',
    'hold',
    'incoming',
    'private',
    'saved',
    'trace',
  ];
  for (const part of ['data', ...[...queues, 'maildrop', 'public'].map((queue) => `queue/${queue}`)]) {
    mkdirSync(join(folder, part), { mode: part.endsWith('public') ? 0o755 : 0o700 });
    chownSync(join(folder, part), owner, 0);
  }
}

function mainCf(folder: string, tls: { readonly cert: string; readonly key: string }, options: PostfixOptions): string {
  return `
compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = ${folder}/mail.log
maillog_file_prefixes = ${folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.exits.example
mydestination =
local_recipient_maps =
alias_maps =
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
recipient_delimiter = +
virtual_mailbox_domains = ${options.domains.join(', ')}
virtual_mailbox_maps = ${options.users === undefined ? '' : `texthash:${folder}/etc/recipients`}
virtual_transport = lmtp:inet:127.0.0.1:${options.lmtpPort}
lmtp_host_lookup = native
lmtp_destination_recipient_limit = 1
relayhost =
relay_transport = error:nothing leaves this machine
local_transport = error:nothing leaves this machine
default_transport = error:nothing leaves this machine
notify_classes =
minimal_backoff_time = 5s
maximal_backoff_time = 10s
queue_run_delay = 5s
default_process_limit = 20
smtpd_tls_security_level = may
smtpd_tls_cert_file = ${tls.cert}
smtpd_tls_key_file = ${tls.key}
smtp_tls_security_level = none
lmtp_tls_security_level = none
smtpd_sasl_type = dovecot
smtpd_sasl_path = ${options.authSocket ?? 'private/auth'}
${options.extra ?? ''}
`;
}

function masterCf(smtpPort: number, submissionPort: number): string {
  const submission = [
    `127.0.0.1:${submissionPort} inet n - n - - smtpd`,
    '  -o smtpd_tls_security_level=encrypt',
    '  -o smtpd_sasl_auth_enable=yes',
    '  -o smtpd_client_restrictions=permit_sasl_authenticated,reject',
  ];
  return [
    `127.0.0.1:${smtpPort} inet n - n - - smtpd`,
    ...(submissionPort === 0 ? [] : submission),
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    ...['bounce', 'defer', 'trace'].map((name) => `${name} unix - - n - 0 bounce`),
    'verify unix - - n - 1 verify',
    'flush unix n - n 1000? 0 flush',
    'proxymap unix - - n - - proxymap',
    'showq unix n - n - - showq',
    ...['error', 'retry'].map((name) => `${name} unix - - n - - error`),
    'discard unix - - n - - discard',
    'lmtp unix - - n - - lmtp',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
    'postlog unix-dgram n - n - 1 postlogd',
    '',
  ].join('\n');
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
