import { canonicalIp, isSpecial } from '../addresses/ip.ts';

/**
 * Names that a sample does not tell, each replaced by the same stand-in wherever it occurs: addresses become ones of the ranges
 * for documentation (RFC 5737, RFC 3849), hosts, accounts, keys and mail addresses are numbered.
 */
export type StandIns = {
  readonly address: (ip: string) => string;
  readonly host: (name: string) => string;
  readonly account: (name: string) => string;
  readonly key: (digest: string) => string;
  readonly mail: (address: string) => string;
  /** A file, or a program of the operator's own. */
  readonly own: (name: string) => string;
};

/** Accounts that every system of its kind has: they tell nothing of whose it is. */
const commonAccounts: ReadonlySet<string> = new Set(
  'root toor daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody operator wheel kmem tty sshd syslog messagebus uuidd tcpdump ntp chrony _chrony unbound _unbound bind named debian-tor tor _tor toranon postfix Debian-exim dbus polkitd rpc rpcuser avahi halt shutdown adm ftp sudo disk shadow docker exitdesk utmp crontab users staff systemd+ reboot runlevel USER LOGIN wtmp'.split(
    ' ',
  ),
);

export function standIns(): StandIns {
  const numbered = (form: (n: number) => string): ((name: string) => string) => {
    const seen = new Map<string, string>();
    return (name) => {
      const known = seen.get(name) ?? form(seen.size + 1);
      seen.set(name, known);
      return known;
    };
  };
  const four = numbered(v4OfDocumentation);
  const six = numbered((n) => `2001:db8::${n.toString(16)}`);
  const account = numbered((n) => `user${n}`);
  return {
    address: (ip) => {
      const canonical = canonicalIp(ip);
      // What is on every machine (0.0.0.0, loopback) tells nothing and makes the form plain.
      if (canonical === null || isSpecial(canonical)) return ip;
      return canonical.includes(':') ? six(canonical) : four(canonical);
    },
    host: numbered((n) => `host${n}.example`),
    account: (name) => (isCommonAccount(name) ? name : account(name)),
    key: numbered((n) => `digest${n}`),
    mail: numbered((n) => `person${n}@mail.example`),
    own: numbered((n) => `name${n}`),
  };
}

/** Does every system of its kind have this account? */
export function isCommonAccount(name: string): boolean {
  return commonAccounts.has(name) || /^(?:_?systemd-[\w-]+|_apt|\d+)$/.test(name);
}

/** 762 of them; a sample with more strangers than that uses the last one for all the rest. */
function v4OfDocumentation(n: number): string {
  const range = ['192.0.2', '198.51.100', '203.0.113'][Math.floor((n - 1) / 254)];
  return range === undefined ? '203.0.113.254' : `${range}.${((n - 1) % 254) + 1}`;
}
