/** What one line of a log says of the traffic that it records: protocol, destination, destination port. */
import { findAddresses } from '../addresses/find.ts';
import { isPrivate, isSpecial } from '../addresses/ip.ts';
import type { Flow } from '../judgement.ts';

/** `isSyn`: the line shows the first packet of a connection and no more. */
export type LineFlow = { readonly flow: Flow; readonly isSyn: boolean };

/**
 * Reads a log line that names `accused` as its source; null where the line shows no traffic from it. Only forms whose fields
 * are sure: key=value of firewalls (netfilter, CEF, FortiGate), an arrow between source and destination (tcpdump, netflow,
 * netscan tables, ASA), pf's filterlog. A daemon's own log tells its usual port, which is concluded and not stated.
 */
export function flowOfLine(line: string, accused: string): LineFlow | null {
  return fromPairs(line, accused) ?? fromFilterlog(line, accused) ?? fromArrow(line, accused) ?? fromDaemon(line);
}

/** A protocol by its name or its number (IANA); null for names of something else. */
export function protocolOf(text: string | null | undefined): Flow['protocol'] {
  const name = /^\W{0,3}(?:(tcp|6)|(udp|17)|(icmp\w{0,4}|1|58))\b/i.exec(text ?? '');
  return name === null ? null : name[1] !== undefined ? 'tcp' : name[2] !== undefined ? 'udp' : 'icmp';
}

/** A port of a destination; null for what is none. */
export function portOfText(text: string | null | undefined): number | null {
  const port = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0;
  return port > 0 && port < 65_536 ? port : null;
}

/** An address as a destination of the Internet; inner ones were rewritten on their way and say nothing. */
export function destinationOf(ip: string | null | undefined): string | null {
  return ip === null || ip === undefined || isPrivate(ip) || isSpecial(ip) ? null : ip;
}

const sourceKey = /\b(?:src|srcip|src_ip|saddr|source|source_address|sourceaddress)="?\[?([\da-f.:]{3,45})/i;
const targetKey =
  /\b(?:dst|dstip|dst_ip|daddr|destination|destination_address|destinationaddress)="?\[?([\da-f.:]{3,45})/i;
const portKey = /\b(?:dpt|dport|dstport|dst_port|destport|dest_port|destination_port|destinationport)="?(\d{1,5})\b/i;
const protocolKey = /\b(?:proto|protocol|transport|protocol_id|ip_proto)="?(\w{1,6})\b/i;

function fromPairs(line: string, accused: string): LineFlow | null {
  const source = sourceKey.exec(line)?.[1];
  if (source === undefined || findAddresses(source)[0]?.ip !== accused) return null;
  const protocol = protocolOf(protocolKey.exec(line)?.[1]);
  const port = protocol === 'icmp' ? null : portOfText(portKey.exec(line)?.[1]);
  if (protocol === null && port === null) return null;
  const address = destinationOf(findAddresses(targetKey.exec(line)?.[1] ?? '')[0]?.ip);
  return { flow: { protocol, port, address, stated: true }, isSyn: isSyn(line) };
}

/** pf's filterlog: …,tcp,LENGTH,SOURCE,DESTINATION,SOURCE PORT,DESTINATION PORT,DATA LENGTH,FLAGS,… */
function fromFilterlog(line: string, accused: string): LineFlow | null {
  const found =
    /,(tcp|udp|icmp\w{0,4}),(?:\d{1,5},)?([\da-f.:]{3,45}),([\da-f.:]{3,45})(?:,\d{1,5},(\d{1,5}),\d{1,6},(\w{0,8}))?/i.exec(
      line,
    );
  if (found === null || found[2] !== accused) return null;
  const protocol = protocolOf(found[1]);
  const address = destinationOf(findAddresses(found[3] ?? '')[0]?.ip);
  const port = protocol === 'icmp' ? null : portOfText(found[4]);
  return { flow: { protocol, port, address, stated: true }, isSyn: found[5] === 'S' };
}

/** "SOURCE[:port] -> DESTINATION[:port]" with the protocol somewhere in the line, or told by what tcpdump shows of the packet. */
function fromArrow(line: string, accused: string): LineFlow | null {
  const found = findAddresses(line);
  const at = found.findIndex((s) => s.ip === accused);
  const [from, to] = [found[at], found[at + 1]];
  if (from === undefined || to === undefined) return null;
  const gap = line.slice(from.end, to.start);
  const isArrow = /^[:./\s]{0,12}(?:\d{1,5})?[\s]{0,12}(?:->|-->|=>|→|>)\s{0,12}\[?(?:[a-z]+:)?$/i.test(gap);
  const isAsa = /^\/\d{1,5}(?:\([^)]{0,40}\))?\s{1,3}(?:dst|to)\s{1,3}[\w-]{1,30}:$/i.test(gap);
  if (!isArrow && !isAsa) return null;
  const behind = line.slice(to.end, to.end + 120);
  const protocol = arrowProtocol(line.slice(0, from.start), behind);
  const port = to.port ?? portOfText(/^(?:\s{1,20}|\/)(\d{1,5})(?=[\s,;:)|]|$)/.exec(behind)?.[1]);
  if (protocol === null) return null;
  return {
    flow: { protocol, port: protocol === 'icmp' ? null : port, address: destinationOf(to.ip), stated: true },
    isSyn: isSyn(line),
  };
}

function arrowProtocol(before: string, behind: string): Flow['protocol'] {
  const named = [...before.matchAll(/\b(tcp|udp|icmp)6?\b/gi)].at(-1)?.[1];
  if (named !== undefined) return protocolOf(named);
  if (/^[.:\d\s]{0,8}:?\s{0,2}Flags \[/.test(behind)) return 'tcp';
  return protocolOf(/^[.:\d\s|]{0,24}\b(tcp|udp|icmp)\b/i.exec(behind)?.[1]);
}

const daemons: readonly { readonly line: RegExp; readonly port: number | null }[] = [
  { line: /\bsshd(?:-session)?\[\d{1,8}\]:/, port: 22 },
  {
    line: /\b(?:postfix|exim|dovecot|proftpd|vsftpd|pure-ftpd|courier\w{0,8})\b[\w/-]{0,30}(?:\[\d{1,8}\])?:/,
    port: null,
  },
  {
    line: /"(?:GET|POST|HEAD|PUT|OPTIONS|DELETE|PATCH|CONNECT|PROPFIND) \S{1,2000}(?: HTTP\/[\d.]{1,3})?"/,
    port: null,
  },
];

/** All of these speak TCP; which port they listen on is their operator's choice. */
function fromDaemon(line: string): LineFlow | null {
  const daemon = daemons.find((d) => d.line.test(line));
  if (daemon === undefined) return null;
  return { flow: { protocol: 'tcp', port: daemon.port, address: null, stated: false }, isSyn: false };
}

/** netfilter's " SYN ", tcpdump's "Flags [S]", netflow's "....S." */
function isSyn(line: string): boolean {
  if (/\bACK\b|\bPSH\b|\bRST\b|\bFIN\b/.test(line)) return false;
  return /\bSYN\b|Flags \[S\]|\s\.{4,6}S\.?(?:\s|$)/.test(line);
}
