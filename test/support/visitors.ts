/** Addresses from which the stand-ins for tor are connected: whoever reads one of them anywhere has seen a user of the exit. */
export const visitors = ['127.71.7.1', '127.71.7.2', '127.71.7.3', '127.71.7.4', '127.71.7.5', '127.71.7.6'] as const;
/** The peer of a process that is not tor's: its kind is told, its address is not. */
export const otherPeer = '127.71.8.1';

/**
 * A script that starts stand-ins for tor, each known by another mark, which hold connections as tor holds those of its users: by
 * name, by the name of an instance, by account (under an odd name), by its arguments, over v4-mapped v6, and a child of tor. Never a
 * real tor: that would reach out. Beside them a process that is not tor's.
 */
export function standIns(port: number): string {
  const hold = (name: string, from: string, more = ''): string =>
    `perl -MIO::Socket::INET -e '$0 = q(${name}); $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => ${port}, LocalAddr => "${from}") or die; ${more} sleep 120' &`;
  const [a, b, c, d, e, f] = visitors;
  return [
    'id debian-tor >/dev/null 2>&1 || useradd --system debian-tor',
    `perl -MIO::Socket::IP -e '$s = IO::Socket::IP->new(Listen => 20, LocalHost => "::", LocalPort => ${port}, V6Only => 0) or die; while ($c = $s->accept) { push @c, $c }' &`,
    'sleep 1',
    hold('tor', a),
    hold('tor-instance@relay1', b),
    // The name is the kernel's too ("comm"): brackets, blanks and a line break.
    `setpriv --reuid debian-tor --regid debian-tor --clear-groups ${hold('relay (x) 7 S 1\\n: [y]', c)}`,
    // Its arguments are what it is known by, so they may not hold the address.
    `FROM=${d} perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => ${port}, LocalAddr => $ENV{FROM}) or die; sleep 120' -- -f /etc/tor/torrc &`,
    `perl -MIO::Socket::IP -e '$0 = "tor"; $s = IO::Socket::IP->new(PeerHost => "::ffff:127.0.0.1", PeerPort => ${port}, LocalHost => "::ffff:${e}") or die; sleep 120' &`,
    hold(
      'tor',
      '127.0.0.1',
      `if (!fork) { $0 = "helper"; $h = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => ${port}, LocalAddr => "${f}") or die; sleep 120 }`,
    ),
    hold('elsewhere', otherPeer),
    'sleep 1',
  ].join('\n');
}
