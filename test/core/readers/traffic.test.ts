import { describe, expect, it } from 'vitest';
import { readComplaint } from '../../../src/core/readers/read-complaint.ts';
import { flowOfLine } from '../../../src/core/readers/traffic-line.ts';
import { segment } from '../../../src/core/segments.ts';
import { parseMail } from '../../../src/mail/parse.ts';
import { heads, inventory, labels } from './shipped-labels.ts';

const ours = '198.51.100.10';

async function trafficOf(body: string) {
  const raw = `From: a@victim.example\r\nDate: Tue, 06 Oct 2026 10:00:00 +0000\r\nSubject: report\r\n\r\n${body}`;
  const result = await parseMail(Buffer.from(raw));
  if (!result.ok) throw new Error(result.reason);
  return readComplaint(result.mail, segment(result.mail, heads), inventory, labels).traffic;
}

describe('a line of a log', () => {
  it.each([
    [
      'netfilter',
      `Oct  5 08:00:01 gw kernel: DROP IN=eth0 SRC=${ours} DST=203.0.113.1 LEN=40 PROTO=TCP SPT=51022 DPT=3389 SYN URGP=0`,
      'tcp',
      3389,
      '203.0.113.1',
      true,
    ],
    [
      'netfilter, UDP',
      `Oct  5 08:00:01 gw kernel: IN=eth0 SRC=${ours} DST=203.0.113.1 LEN=40 PROTO=UDP SPT=51022 DPT=123`,
      'udp',
      123,
      '203.0.113.1',
      false,
    ],
    [
      'netfilter, ICMP by number',
      `kernel: SRC=${ours} DST=203.0.113.1 LEN=84 PROTO=1 TYPE=8 CODE=0`,
      'icmp',
      null,
      '203.0.113.1',
      false,
    ],
    [
      'netfilter behind address translation',
      `kernel: SRC=${ours} DST=192.168.1.10 PROTO=TCP SPT=1 DPT=22 SYN`,
      'tcp',
      22,
      null,
      true,
    ],
    [
      'netfilter, an established connection',
      `kernel: SRC=${ours} DST=203.0.113.1 PROTO=TCP SPT=1 DPT=22 ACK SYN`,
      'tcp',
      22,
      '203.0.113.1',
      false,
    ],
    [
      'a firewall with names',
      `date=2026-10-05 srcip=${ours} srcport=4022 dstip=203.0.113.7 dstport=5060 proto=17 action="deny"`,
      'udp',
      5060,
      '203.0.113.7',
      false,
    ],
    [
      'a netscan table',
      `Mon Oct  5 11:10:17 2026 TCP      ${ours} 48122 =>    203.0.113.10 22`,
      'tcp',
      22,
      '203.0.113.10',
      false,
    ],
    [
      'tcpdump, UDP',
      `10:00:00.123456 IP ${ours}.40001 > 203.0.113.15.27015: UDP, length 1200`,
      'udp',
      27015,
      '203.0.113.15',
      false,
    ],
    [
      'tcpdump, a first packet',
      `10:00:00.123456 IP ${ours}.40001 > 203.0.113.15.22: Flags [S], seq 1, win 1024, length 0`,
      'tcp',
      22,
      '203.0.113.15',
      true,
    ],
    [
      'tcpdump, ICMP',
      `10:00:00.123456 IP ${ours} > 203.0.113.15: ICMP echo request, id 1, seq 1, length 64`,
      'icmp',
      null,
      '203.0.113.15',
      false,
    ],
    [
      'nfdump',
      `2026-10-05 10:00:00.000     0.000 UDP      ${ours}:4444  ->    203.0.113.9:53        1       60     1`,
      'udp',
      53,
      '203.0.113.9',
      false,
    ],
    [
      'a Cisco ASA',
      `Oct  5 08:00:01 fw : %ASA-4-106023: Deny udp src outside:${ours}/443 dst inside:203.0.113.9/1900 by access-group`,
      'udp',
      1900,
      '203.0.113.9',
      false,
    ],
    [
      'pf’s filterlog',
      `fw filterlog: 5,,,1000000103,igb0,match,block,in,4,0x0,,241,54321,0,none,6,tcp,40,${ours},203.0.113.9,41022,22,0,S,1,,1024,,`,
      'tcp',
      22,
      '203.0.113.9',
      true,
    ],
  ] as const)('of %s says what was sent, and where to', (...[, line, protocol, port, address, isSyn]) => {
    expect(flowOfLine(line, ours)).toEqual({ flow: { protocol, port, address, stated: true }, isSyn });
  });

  it.each([
    ['sshd', `Oct  5 07:19:02 gate sshd[71]: Failed password for root from ${ours} port 4410 ssh2`, 22],
    ['a web server', `${ours} - - [05/Oct/2026:08:00:00 +0000] "GET /wp-login.php HTTP/1.1" 404 12`, null],
    ['a mail server', `Oct  5 07:19:02 mx postfix/smtpd[71]: connect from unknown[${ours}]`, null],
  ] as const)('of %s is TCP, and its port is only concluded', (_, line, port) => {
    expect(flowOfLine(line, ours)?.flow).toEqual({ protocol: 'tcp', port, address: null, stated: false });
  });

  it.each([
    ['we are the destination', `kernel: SRC=203.0.113.1 DST=${ours} PROTO=UDP SPT=53 DPT=40001`],
    ['it is prose', `The host ${ours} sent us a lot at 10:00:00 over UDP`],
    ['we are right of the arrow', `10:00:00.1 IP 203.0.113.15.53 > ${ours}.40001: UDP, length 12`],
  ])('says nothing where %s', (_, line) => {
    expect(flowOfLine(line, ours)).toBeNull();
  });
});

describe('the traffic of a complaint', () => {
  const flow = { protocol: null, port: null, address: null, stated: true };

  it.each([
    [
      'labelled lines',
      `Source: ${ours}\r\nDestination port: 5060\r\nProtocol: UDP\r\n`,
      [{ ...flow, protocol: 'udp', port: 5060 }],
    ],
    [
      'German labels',
      `Quell-IP: ${ours}\r\nZielport: 3389\r\nProtokoll: TCP\r\n`,
      [{ ...flow, protocol: 'tcp', port: 3389 }],
    ],
    ['one value for both', `IP: ${ours}\r\nTarget port: 22/tcp\r\n`, [{ ...flow, protocol: 'tcp', port: 22 }]],
    [
      'several ports',
      `IP: ${ours}\r\nDst ports: 22, 23\r\n`,
      [
        { ...flow, port: 22 },
        { ...flow, port: 23 },
      ],
    ],
    [
      'a bare port, which may be either side’s',
      `IP: ${ours}\r\nPort: 40321\r\n`,
      [{ ...flow, port: 40321, stated: false }],
    ],
    [
      'a table',
      `time,src_ip,src_port,dst_port,proto\r\n2026-10-05 08:00:00,${ours},4022,1900,udp\r\n`,
      [{ ...flow, protocol: 'udp', port: 1900 }],
    ],
  ])('is read from %s', async (_, body, flows) => {
    expect(await trafficOf(body)).toEqual({ flows, whole: true, synOnly: false });
  });

  it.each([
    ['the source’s port alone', `IP: ${ours}\r\nSource port: 40321\r\n`],
    ['a range of ports', `IP: ${ours}\r\nDestination ports: 6881-6889\r\n`],
    ['a protocol that is none of transport', `IP: ${ours}\r\nProtocol: BitTorrent\r\n`],
    ['prose', `Your ${ours} attacks us. You should close UDP port 123 on your side.\r\n`],
  ])('is none where there is only %s', async (_, body) => {
    expect(await trafficOf(body)).toBeNull();
  });

  it('is not whole where a log line about the accused shows no traffic', async () => {
    const body = `kernel: SRC=${ours} DST=203.0.113.1 PROTO=UDP SPT=1 DPT=123\r\nOct  5 08:00:01 app[7]: user bob banned ${ours}\r\n`;
    expect(await trafficOf(body)).toMatchObject({ whole: false, flows: [{ protocol: 'udp', port: 123 }] });
  });

  it('is whole where a sentence names the accused and the time beside a log', async () => {
    const body = `${ours} attacked us on 2026-10-05 08:00:01 UTC.\r\nkernel: SRC=${ours} DST=203.0.113.1 PROTO=UDP SPT=1 DPT=123\r\n`;
    expect(await trafficOf(body)).toMatchObject({ whole: true });
  });

  it('is of first packets only where every line shows one', async () => {
    const line = (flags: string) =>
      `Oct  5 08:00:01 gw kernel: SRC=${ours} DST=203.0.113.1 PROTO=TCP SPT=1 DPT=22 ${flags}\r\n`;
    expect(await trafficOf(line('SYN'))).toMatchObject({ synOnly: true });
    expect(await trafficOf(line('SYN') + line('ACK'))).toMatchObject({ synOnly: false });
  });
});
