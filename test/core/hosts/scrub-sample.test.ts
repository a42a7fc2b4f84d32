import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProbe } from '../../../src/core/hosts/read-probe.ts';
import { sampleNotice, scrubSample } from '../../../src/core/hosts/scrub-sample.ts';
import { probeText } from '../../support/probe-text.ts';

const identity = {
  addresses: ['198.51.100.10', '2001:db8:e1::10'],
  hosts: ['helium', 'helium.exits.example', 'exits.example'],
  accounts: ['exitdesk-probe', 'margarethe'],
};

const secrets = [
  'margarethe',
  'jens.p',
  'zebra',
  'helium',
  'quartz-laptop',
  'isp-pool.example.net',
  'exits.example',
  '93.184.216.7',
  '2a02:908:1::77',
  'S3cret',
  'contact-token',
  'acme',
  'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg',
  '0f'.repeat(32),
  'friend@mail.acme-corp.org',
];

const output = probeText(
  {
    logins: {
      rows: [
        'row margarethe pts/0 93.184.216.7 Wed May 20 09:00:00 2026 still logged in',
        'row jens.p pts/1 isp-pool.example.net Wed May 20 09:00',
      ],
    },
    sessions: {
      rows: [
        'who margarethe pts/0 2026-05-20 11:58 (2a02:908:1::77)',
        'who jens.p tty1 2026-05-20 11:58 (quartz-laptop)',
        'loginctl margarethe - 93.184.216.7 sshd active',
      ],
    },
    processes: {
      rows: [
        'ps USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND',
        'ps zebra 77 0.0 0.1 4000 900 ? S May19 0:00 /home/zebra/acme-agent --token S3cret --to friend@mail.acme-corp.org',
        'ps root 1 0.0 0.1 4000 900 ? Ss May19 0:07 /usr/lib/systemd/systemd --system',
        'stat 77 1 1001 S user acme-agent',
        'exe 77 /home/zebra/acme-agent',
        'args 77 /home/zebra/acme-agent --token S3cret contact-token',
      ],
    },
    'open-files': {
      rows: [
        'listen 600 0 sshd TCP 93.184.216.7:22',
        'listen 601 0 sshd TCP [2a02:908:1::77]:22',
        'conn 602 0 sshd TCP 22 93.184.216.7',
      ],
    },
    'auth-log': {
      rows: [
        'line May 20 11:00:01 helium sshd[8]: Accepted publickey for margarethe from 93.184.216.7 port 50000 ssh2: ED25519 SHA256:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg',
        'line 2026-05-20T11:00:01+02:00 helium sudo[9]:  jens.p : TTY=pts/0 ; PWD=/home/jens.p ; USER=root ; COMMAND=/usr/bin/vim /etc/acme.conf',
      ],
    },
    accounts: {
      rows: [
        'account zebra 1001 /bin/bash',
        'group sudo margarethe,jens.p',
        `sudoers 1 ${'0f'.repeat(32)} /etc/sudoers.d/acme`,
      ],
    },
    keys: {
      rows: [
        'key margarethe SHA256:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg (ED25519)',
        'file margarethe 1 /home/margarethe/.ssh/authorized_keys',
      ],
    },
    autostart: {
      rows: [
        `file 1 ${'0f'.repeat(32)} /etc/cron.d/acme-backup`,
        'job /etc/cron.d/acme-backup 5 * * * * margarethe rsync S3cret friend@mail.acme-corp.org',
        'exec /etc/systemd/system/acme.service /opt/acme/bin/run S3cret',
      ],
    },
  },
  { 'self-user': 'margarethe', 'self-source': '93.184.216.7', kernel: '6.1.0-acme-amd64' },
);

describe('a sample of a host', () => {
  const banner = 'Welcome to helium, margarethe\n# helium of acme #\nf quartz-laptop is yours\n= zebra helium =\n';
  const sample = scrubSample(`${banner}${output}\n# helium of acme #\n`, identity);

  it.each(secrets)('tells nothing of %s', (secret) => {
    expect(sample.toLowerCase()).not.toContain(secret.toLowerCase());
  });

  it('says what it holds, and is still the output of a check', () => {
    expect(sample.startsWith(`; ${sampleNotice[0]}`)).toBe(true);
    const reading = readProbe(sample);
    expect(reading?.whole).toBe(true);
    expect([...(reading?.parts.keys() ?? [])]).toEqual([...(readProbe(output)?.parts.keys() ?? [])]);
    expect(reading?.parts.get('processes')?.rows).toHaveLength(6);
  });

  it('takes nothing from what is not the output of the script', () => {
    const notice = sampleNotice.map((line) => `; ${line}\n`).join('');
    expect(scrubSample('# helium of acme #\n= logins row margarethe\n', identity)).toBe(notice);
    const within = output.replace('\n# ', '\n# helium of acme #\n= helium row x\n# ');
    expect(scrubSample(within, identity)).toBe(scrubSample(output, identity));
  });

  it('is not spoilt by a node that bears a common name', () => {
    const plain = scrubSample(output, { addresses: [], hosts: ['sys', 'off'], accounts: ['sys'] });
    expect(plain).toContain('/usr/lib/systemd/systemd (and 1 more)');
  });

  it('replaces the same by the same, and keeps the form', () => {
    const of = (part: 'logins' | 'sessions' | 'open-files'): readonly string[] =>
      readProbe(sample)
        ?.parts.get(part)
        ?.rows.map((row) => row.text) ?? [];
    const [account, address] = [/^\S+/.exec(of('logins')[0] ?? '')?.[0], '192.0.2.1'];
    expect(of('logins')[0]).toBe(`${account} pts/0 ${address} Wed May 20 09:00:00 2026 still logged in`);
    expect(of('sessions')[2]).toBe(`${account} - ${address} sshd active`);
    expect(of('open-files')).toEqual([
      `600 0 sshd TCP ${address}:22`,
      '601 0 sshd TCP [2001:db8::1]:22',
      `602 0 sshd TCP 22 ${address}`,
    ]);
    expect(sample).toContain(
      '= processes ps root 1 0.0 0.1 4000 900 ? Ss May19 0:07 /usr/lib/systemd/systemd (and 1 more)',
    );
  });

  it('never names an address, an account or a host that the desk knows, whatever the output is like', () => {
    const word = fc.constantFrom(
      'helium',
      'margarethe',
      '198.51.100.10',
      '[2001:db8:e1::10]:22',
      'x=198.51.100.10,',
      'helium.exits.example:',
      '/home/margarethe/x',
      'a',
      '=',
      '#',
      '\u00e4',
      '\u001b',
    );
    const row = fc
      .tuple(
        fc.constantFrom('f x', '= logins row', '= processes ps', '= auth-log line', '# syslog done', '= a b'),
        fc.array(word),
      )
      .map(([head, words]) => `${head} ${words.join(' ')}`);
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const text = scrubSample(['exitdesk-probe 1', ...rows].join('\n'), identity);
        expect(text).not.toMatch(/helium|margarethe|198\.51\.100\.10\b|2001:db8:e1::10/i);
      }),
      { numRuns: 300 },
    );
  });

  it('takes little time for whatever a hostile host sends', () => {
    const rows = Array.from(
      { length: 20_000 },
      (_, i) => `= accounts account u${i % 900}x 0 /bin/sh\n= auth-log line ${'a.'.repeat(40)}${':1'.repeat(60)}`,
    );
    const began = performance.now();
    expect(scrubSample(['exitdesk-probe 1', ...rows].join('\n'), identity).length).toBeGreaterThan(100_000);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
