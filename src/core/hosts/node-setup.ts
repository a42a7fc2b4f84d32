/** What a node needs to know of the desk: its account there, the desk's public key line, and where the desk connects from. */
export type NodeSetup = {
  readonly node: string;
  readonly account: string;
  /** "ssh-ed25519 AAAA… comment" */
  readonly publicKey: string;
  /** Addresses or prefixes; none where that is not known. */
  readonly sources: readonly string[];
  /** The probe's script, which is installed as it is. */
  readonly script: string;
};

const program = '/usr/local/lib/exitdesk/probe';
const endOfScript = 'END-OF-EXITDESK-PROBE';

/**
 * A script for root on the node that sets it up for its check (docs/node-setup.md): the account, the program, and the two files
 * that restrict the key to it. Running it again, for example with a newer probe, does no harm.
 */
export function nodeSetup({ node, account, publicKey, sources, script }: NodeSetup): string[] {
  const home = `/var/lib/${account}`;
  const from = sources.length === 0 ? '' : `,from="${sources.join(',')}"`;
  return [
    '#!/bin/sh',
    `# Sets up ${node} for the host check of exitdesk. Read it, then run it there as root: sh setup.sh`,
    'set -eu',
    'umask 022',
    '',
    '# An account that can do nothing but run the check. "*": no password opens it, and it is not locked, which sshd without PAM minds.',
    `if ! id ${account} >/dev/null 2>&1; then`,
    `  if command -v useradd >/dev/null; then useradd --system --user-group --shell /bin/sh --home-dir ${home} --no-create-home ${account}`,
    `  else addgroup -S ${account}; adduser -S -D -H -h ${home} -s /bin/sh -G ${account} ${account}; fi`,
    `  echo '${account}:*' | chpasswd -e`,
    'fi',
    '',
    '# Owned by root, so that the account can change neither its key nor the program.',
    `mkdir -p ${home}/.ssh ${program.replace(/\/[^/]*$/, '')}`,
    `chown root ${home} ${home}/.ssh`,
    ...(from === ''
      ? []
      : ['# from=: the ownSources of this node. The desk itself must be among them, or its key does not work.']),
    `cat >${home}/.ssh/authorized_keys <<'END'`,
    `restrict,command="sudo -n ${program}"${from} ${publicKey}`,
    'END',
    `chmod 644 ${home}/.ssh/authorized_keys`,
    '',
    '# The two quotation marks allow the program without arguments only. Without sudo the check runs as the account, and sees less.',
    'if command -v visudo >/dev/null; then',
    `  cat >/etc/sudoers.d/${account}.new <<'END'`,
    `Defaults:${account} !requiretty`,
    `${account} ALL=(root) NOPASSWD: ${program} ""`,
    'END',
    `  chmod 440 /etc/sudoers.d/${account}.new`,
    `  visudo -cqf /etc/sudoers.d/${account}.new`,
    `  mv /etc/sudoers.d/${account}.new /etc/sudoers.d/${account}`,
    'else',
    `  sed 's|command="sudo -n |command="|' ${home}/.ssh/authorized_keys >${home}/.ssh/new`,
    `  mv ${home}/.ssh/new ${home}/.ssh/authorized_keys`,
    '  echo "There is no sudo here: the check cannot read everything (docs/node-setup.md)."',
    'fi',
    '',
    '# The program: src/hosts/probe.sh of exitdesk, as it is.',
    `cat >${program}.new <<'${endOfScript}'`,
    ...script.replace(/\n$/, '').split('\n'),
    endOfScript,
    `chmod 755 ${program}.new`,
    `mv ${program}.new ${program}`,
    '',
    'echo "Pin this in the configuration of the desk, under hostKeys:"',
    "cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub",
  ];
}
