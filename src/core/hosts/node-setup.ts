/** What a node needs to know of the desk: its account there, the desk's public key line, and where the desk connects from. */
export type NodeSetup = {
  readonly node: string;
  readonly account: string;
  /** "ssh-ed25519 AAAA… comment" */
  readonly publicKey: string;
  /** Addresses or prefixes; none where that is not known. */
  readonly sources: readonly string[];
};

const program = '/usr/local/lib/exitdesk/probe';

/**
 * The lines that set up a node for its check (docs/node-setup.md): shell commands for root, and the two files that restrict
 * the key to the one program. The script itself is installed from src/hosts/probe.sh.
 */
export function nodeSetup({ node, account, publicKey, sources }: NodeSetup): string[] {
  const home = `/var/lib/${account}`;
  const from = sources.length === 0 ? '' : `,from="${sources.join(',')}"`;
  return [
    `# On ${node}, as root; probe.sh is src/hosts/probe.sh of exitdesk`,
    `install -d -m 755 -o root -g root ${program.replace(/\/[^/]*$/, '')} ${home} ${home}/.ssh`,
    `install -m 755 -o root -g root probe.sh ${program}`,
    `adduser --system --group --shell /bin/sh --home ${home} --no-create-home ${account}`,
    '',
    `# ${home}/.ssh/authorized_keys, owned by root, mode 644`,
    `restrict,command="sudo -n ${program}"${from} ${publicKey}`,
    '',
    `# /etc/sudoers.d/${account}, mode 440, then: visudo -c`,
    `${account} ALL=(root) NOPASSWD: ${program} ""`,
    '',
    '# The line to pin in the configuration, under hostKeys',
    'cut -d" " -f1,2 /etc/ssh/ssh_host_ed25519_key.pub',
  ];
}
