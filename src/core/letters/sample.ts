/**
 * A made-up case in which every name of every view has a value: templates are checked against it when they load, and
 * operators see their wording with it before a real case does.
 */
import type { HostCheck } from '../hosts/check.ts';
import type { Judgement, Passage } from '../judgement.ts';
import type { Facts, LetterInput } from '../letters.ts';
import type { LetterName } from '../policy.ts';
import type { PublicAnswer } from '../public-tor.ts';

/** 2026-03-02 09:30 UTC: an instant of the sample, not of now. */
const now = 1_772_443_800_000;
const hourMs = 3_600_000;

export function sampleInput(letter: LetterName, language: string, facts: Facts): LetterInput {
  return {
    language,
    desk: { name: 'Abuse desk', organisation: 'Exits Example' },
    signedBy: 'Ada',
    signThreateningByPerson: true,
    caseToken: '[EX-17]',
    replyTo: 'abuse+17-r-abcdefghijklmnop@exits.example',
    facts,
    judgement: letter === 'provider' ? forwarded : direct,
    category: 'spam',
    complaint: {
      subject: 'Attack from your network',
      sentAt: { at: now - 2 * hourMs },
      arrivedAt: now - 2 * hourMs,
      publicTor: [{ ip: '198.51.100.10', answer: seenPublicly }],
    },
    inventory: {
      desk: {
        addresses: ['abuse@exits.example'],
        messageIdDomain: 'exits.example',
        authservId: '',
        tokenPrefix: 'EX',
        providerDomains: [],
      },
      nodes: [
        {
          name: 'helium',
          addresses: ['198.51.100.10', '2001:db8:e1::10'],
          hostnames: [],
          from: 1_704_067_200_000,
          until: null,
          exit: true,
        },
      ],
    },
    checks: [check],
    letters: [{ letter: 'non-threatening', to: 'jane@site.example', acceptedAt: now - hourMs }],
    now,
  };
}

const seenPublicly: PublicAnswer = {
  kind: 'exit',
  firstSeenMs: now - 90 * 24 * hourMs,
  lastSeenMs: now - hourMs,
  fingerprint: null,
  source: 'exit-addresses',
};

const notThroughTor: Passage = {
  verdict: 'impossible',
  because: [
    { why: 'not-tcp', protocol: 'udp', port: 123 },
    { why: 'refused', port: 4444, address: null, rule: 'reject *:4444', since: null, stated: true },
    { why: 'syn-only' },
  ],
};

const direct: Judgement = {
  kind: 'complaint',
  sender: {
    address: 'jane@site.example',
    name: 'Jane Doe',
    greeting: 'Jane Doe',
    automated: false,
    confidence: 1,
    because: [],
  },
  risk: { level: 'non-threatening', category: 'spam', handling: 'letter', confidence: 1, because: [] },
  addresses: ['198.51.100.10', '2001:db8:e1::10'].map((ip) => ({
    ip,
    role: 'reported',
    standing: 'exit',
    node: 'helium',
    because: '',
    passage: notThroughTor,
  })),
  event: { at: '2026-03-01T11:04:00Z', local: '2026-03-01T12:04', text: '01 Mar 2026 12:04 CET' },
  language: 'en',
  letter: { template: 'non-threatening', to: 'jane@site.example', language: 'en' },
  provider: null,
  sealed: false,
  alarms: [],
  oneLetterOnly: false,
};

const forwarded: Judgement = {
  ...direct,
  sender: { ...direct.sender, address: 'abuse@hoster.example', name: 'Hoster Example', greeting: 'Max Muster' },
  letter: { template: 'provider', to: 'abuse@hoster.example', language: 'en' },
  provider: {
    token: '[AbuseID:1A2B3C:4D]',
    deadline: 'PT24H',
    form: 'https://hoster.example/statement',
    complainant: 'jane@site.example',
  },
};

const check: HostCheck = {
  node: 'helium',
  at: now - hourMs,
  tookMs: 900,
  verdict: 'clean',
  because: [],
  parts: (['logins', 'sessions', 'processes', 'open-files', 'auth-log'] as const).map((part) => ({
    part,
    required: true,
    status: 'done',
    by: part,
    note: null,
  })),
  findings: [],
  hostKeyTrouble: false,
};
