import { describe, expect, it } from 'vitest';
import { shownLine } from '../../../src/core/hosts/shown-line.ts';

const digest = 'dd572d18'.repeat(8);

describe('the line of a finding, as people are shown it', () => {
  it.each([
    [
      'autostart-changed-lately',
      `1795384497 ${digest} /root/.profile`,
      '/root/.profile, last changed 2026-11-22 21:54 UTC',
    ],
    [
      'autostart-changed-lately',
      '1795384497  /etc/cron.d/my own',
      '/etc/cron.d/my own, last changed 2026-11-22 21:54 UTC',
    ],
    [
      'keys-changed-lately',
      'root 1795384497 /root/.ssh/authorized_keys',
      'root /root/.ssh/authorized_keys, last changed 2026-11-22 21:54 UTC',
    ],
    [
      'log-emptied',
      '/var/log/auth.log 0 1795000000 1795384497 no',
      '/var/log/auth.log 0 bytes, last changed 2026-11-22 21:54 UTC',
    ],
    ['new-account', `sudoers ${digest} /etc/sudoers.d/x`, 'sudoers /etc/sudoers.d/x'],
    ['new-autostart', `${digest} /etc/cron.d/cache`, '/etc/cron.d/cache'],
    ['changed-package-autostart', `${digest} /etc/cron.daily/dpkg`, '/etc/cron.daily/dpkg'],
    ['tor-config-changed', `${digest} /etc/tor/torrc`, '/etc/tor/torrc'],
  ])('of %s has dates and no digest: %s', (rule, line, shown) => {
    expect(shownLine({ rule, line })).toBe(shown);
  });

  it.each([
    ['reverse-shell', `1795384497 ${digest} /dev/tcp/203.0.113.1/4444`],
    ['autostart-changed-lately', '… and 3 more'],
    ['autostart-changed-lately', `99999999999999999999 ${digest} /etc/rc.local`],
    ['new-account', 'account support 1001 /bin/bash'],
    ['a-rule-of-another-version', `1795384497 ${digest} /x`],
  ])('of %s stays as it is, where it is of another form: %s', (rule, line) => {
    expect(shownLine({ rule, line })).toBe(line);
  });
});
