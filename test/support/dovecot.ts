/** A real Dovecot 2.3 on loopback, from a scratch folder, without systemd: IMAP (plain, STARTTLS, TLS), LMTP, Sieve with vacation. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { freePort, makeCertificate, run, scratchFolder, startServer, untilListening } from './servers.ts';

/** No such user need exist: Dovecot takes numbers. */
const MAIL_UID = 5000;

export type DovecotOptions = {
  /** Full addresses; the password of each is `password`. */
  readonly users: readonly string[];
  readonly password?: string;
  /** Where Sieve sends what it writes (vacation notes): Postfix's port, taken with freePort() before both start. */
  readonly submissionPort?: number;
  /** Lines of configuration at the end, for the odd case. */
  readonly extra?: string;
};

export type Dovecot = {
  readonly imapPort: number;
  readonly imapsPort: number;
  readonly lmtpPort: number;
  /** A UNIX socket for Postfix's smtpd_sasl_path. */
  readonly authSocket: string;
  /** PEM of the authority that signed its certificate (for localhost and 127.0.0.1). */
  readonly ca: string;
  readonly password: string;
  readonly folder: string;
  /** Puts a message into a folder, as it is, at once visible to IMAP. */
  readonly deliver: (user: string, raw: string | Buffer, folder?: string) => void;
  /** Every message of a folder as IMAP gives it (lines end with CRLF), oldest first; [] where the folder is missing. */
  readonly messages: (user: string, folder?: string) => readonly Buffer[];
  /** Makes the INBOX message with this subject one that the server cannot read any more. */
  readonly damage: (user: string, subject: string) => void;
  /** Makes a folder one that the server can read but not write. */
  readonly forbid: (user: string, folder: string) => void;
  /** Makes a Sieve script (RFC 5228) the active one of this user. */
  readonly setSieve: (user: string, script: string) => void;
  /** doveadm with this instance's configuration, for example ('kick', user). */
  readonly doveadm: (...args: readonly string[]) => string;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
};

export async function startDovecot(options: DovecotOptions): Promise<Dovecot> {
  const scratch = scratchFolder('dovecot');
  const folder = scratch.path;
  const password = options.password ?? 'secret';
  const [imapPort, imapsPort, lmtpPort] = [await freePort(), await freePort(), await freePort()];
  const tls = makeCertificate(folder);
  const authSocket = join(folder, 'auth');
  const configuration = join(folder, 'dovecot.conf');
  mkdirSync(join(folder, 'home'));
  chownSync(join(folder, 'home'), MAIL_UID, MAIL_UID);
  writeFileSync(join(folder, 'users'), options.users.map((user) => `${user}:{PLAIN}${password}\n`).join(''));
  writeFileSync(configuration, configure({ folder, imapPort, imapsPort, lmtpPort, authSocket, tls, options }));
  const log = (): string => readIfThere(join(folder, 'dovecot.log'));
  const server = startServer('/usr/sbin/dovecot', ['-F', '-c', configuration]);
  const stop = async (): Promise<void> => {
    await server.stop();
    scratch.remove();
  };
  try {
    await untilListening(imapPort, '* OK', server, log);
    await untilListening(lmtpPort, '220', server, log);
  } catch (error) {
    await stop();
    throw error;
  }
  const doveadm = (...args: readonly string[]): string => run('/usr/bin/doveadm', ['-c', configuration, ...args]);
  return {
    imapPort,
    imapsPort,
    lmtpPort,
    authSocket,
    password,
    folder,
    doveadm,
    log,
    stop,
    ca: tls.ca,
    deliver: (user, raw, into = 'INBOX') => {
      if (into !== 'INBOX' && !doveadm('mailbox', 'list', '-u', user).split('\n').includes(into)) {
        doveadm('mailbox', 'create', '-u', user, into);
      }
      run('/usr/bin/doveadm', ['-c', configuration, 'save', '-u', user, '-m', into], raw);
    },
    messages: (user, from = 'INBOX') =>
      readMaildir(join(folder, 'home', user, 'Maildir', from === 'INBOX' ? '' : `.${from}`)),
    damage: (user, subject) => {
      const inbox = join(folder, 'home', user, 'Maildir');
      const files = ['new', 'cur'].flatMap((part) => namesIn(join(inbox, part)));
      for (const file of files.filter((path) => readFileSync(path, 'latin1').includes(`Subject: ${subject}`))) {
        chownSync(file, 0, 0);
        chmodSync(file, 0o600);
      }
    },
    forbid: (user, into) => {
      for (const part of ['', 'new', 'cur', 'tmp']) {
        const path = join(folder, 'home', user, 'Maildir', `.${into}`, part);
        chownSync(path, 0, 0);
        chmodSync(path, 0o755);
      }
    },
    setSieve: (user, script) => {
      const home = join(folder, 'home', user);
      mkdirSync(home, { recursive: true });
      writeFileSync(join(home, 'active.sieve'), script);
      for (const path of [home, join(home, 'active.sieve')]) chownSync(path, MAIL_UID, MAIL_UID);
    },
  };
}

function configure(of: {
  readonly folder: string;
  readonly imapPort: number;
  readonly imapsPort: number;
  readonly lmtpPort: number;
  readonly authSocket: string;
  readonly tls: { readonly cert: string; readonly key: string };
  readonly options: DovecotOptions;
}): string {
  const { folder } = of;
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
listen = 127.0.0.1
protocols = imap lmtp
ssl = yes
ssl_cert = <${of.tls.cert}
ssl_key = <${of.tls.key}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
auth_username_format = %Lu
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%Lu ${folder}/users
}
userdb {
  driver = static
  args = uid=${MAIL_UID} gid=${MAIL_UID} home=${folder}/home/%Lu
}
mail_location = maildir:~/Maildir
mail_fsync = never
mail_max_userip_connections = 100
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
namespace inbox {
  inbox = yes
  separator = /
}
service imap-login {
  inet_listener imap {
    port = ${of.imapPort}
  }
  inet_listener imaps {
    port = ${of.imapsPort}
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${of.lmtpPort}
  }
}
service auth {
  unix_listener ${of.authSocket} {
    mode = 0666
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
protocol lmtp {
  mail_plugins = sieve
  postmaster_address = postmaster@localhost
}
plugin {
  sieve = file:~/sieve;active=~/active.sieve
  sieve_vacation_min_period = 0
}
${of.options.submissionPort === undefined ? '' : `submission_host = 127.0.0.1:${of.options.submissionPort}`}
${of.options.extra ?? ''}
`;
}

function readMaildir(path: string): readonly Buffer[] {
  for (;;) {
    try {
      const files = ['new', 'cur'].flatMap((part) => namesIn(join(path, part)));
      const dated = files.map((file) => ({ file, at: statSync(file).mtimeMs }));
      const sorted = dated.sort((a, b) => a.at - b.at || (a.file < b.file ? -1 : 1));
      return sorted.map(({ file }) => Buffer.from(readFileSync(file, 'latin1').replace(/\r?\n/g, '\r\n'), 'latin1'));
    } catch (error) {
      // Dovecot renames a file whenever its flags change: look again.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function namesIn(path: string): readonly string[] {
  return existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [];
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
