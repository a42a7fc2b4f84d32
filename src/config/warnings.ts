import { isInner } from '../tor/redirect.ts';
import type { Config } from './normalised.ts';

/** What is allowed and yet probably not meant, one sentence each. */
export function warningsAbout(config: Omit<Config, 'warnings'>): string[] {
  const { desk, sending, nodes, policy, alerts, digest, tor } = config;
  const acts = policy.mode !== 'observe' || policy.modes.some((r) => r.mode !== 'observe');
  const automatic = policy.mode === 'auto' || policy.modes.some((r) => r.mode === 'auto');
  const unchecked = nodes.filter((n) => n.check.transport === 'none' && n.until === null).map((n) => n.name);
  const lax = nodes.filter((n) => n.check.transport !== 'none' && n.check.required.length === 0).map((n) => n.name);
  const clear = tor.sources.filter((source) => isInTheClear(new URL(source.url))).map((source) => source.name);
  const found: [boolean, string][] = [
    [
      alerts.recipients.length === 0,
      'alerts.recipients is empty: nobody learns at once of a threat, a suspicious host or a failing mailbox' +
        (automatic ? ', and yet letters leave by themselves' : ''),
    ],
    [
      alerts.command === null && sending.type === 'smtp' && acts,
      'alerts.command is not set: when SMTP itself fails, an alert reaches only the log',
    ],
    [
      digest.recipients.length === 0 || (digest.dailyAt === null && digest.weeklyOn === null),
      'nobody gets a digest: look at `exitdesk cases` often',
    ],
    [
      desk.authservId === '',
      'desk.authservId is not set: the desk cannot tell forged senders by the checks of your mail server',
    ],
    [desk.subaddress === null, 'desk.subaddress is false: answers and bounces are told apart by their headers only'],
    [
      unchecked.length > 0,
      `no host check (transport: none): complaints about ${unchecked.join(', ')} wait for a person`,
    ],
    [lax.length > 0, `check.required is empty: a check of ${lax.join(', ')} proves next to nothing`],
    [
      clear.length > 0,
      `tor.sources: ${clear.join(', ')} is fetched without TLS: whoever sits in between can change what it says`,
    ],
    [
      config.rehearsal && sending.type === 'smtp',
      'rehearsal is true and letters leave by SMTP: real letters may go out for a rehearsed day',
    ],
    [
      config.backlog === 'answer' && !config.rehearsal,
      'policy.backlog is "answer": mail older than the installation is answered as if it were new',
    ],
  ];
  return found.flatMap(([applies, sentence]) => (applies ? [sentence] : []));
}

/** Onion services are encrypted from end to end without TLS. */
function isInTheClear({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && !isInner(hostname) && !hostname.endsWith('.onion');
}
