/**
 * The written configuration: one strict zod object a section. Text becomes values here (ms, bytes, canonical addresses);
 * what needs more than one field is checked in cross-checks.ts, what is filled in from elsewhere happens in normalised.ts.
 */
import { z } from 'zod';
import { categories, handlings, riskLevels } from '../core/judgement.ts';
import { addressUses } from '../core/exits.ts';
import { checkParts } from '../core/hosts/check.ts';
import { letterNames } from '../core/letters.ts';
import { documentForms } from '../core/public-tor/document.ts';
import { isPlainAddress } from '../mail/address.ts';
import { policyLine } from '../core/tor-policy/policy-line.ts';
import { fingerprint } from './fingerprint.ts';
import { calendarDay, duration, instant, prefix, proxyUrl, size, timeOfDay, timeZone, webUrl } from './quantities.ts';

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const modes = ['observe', 'approve', 'auto'] as const;

const text = z.string().trim().min(1, 'must not be empty').max(2000);
const line = text.max(300).refine((t) => !/[\u0000-\u001f\u007f\u2028\u2029]/.test(t), 'must be one line of text');
const name = z.string().regex(/^[A-Za-z0-9][\w.-]{0,62}$/, 'a name is letters, digits, ".", "-" and "_"');
const domain = z
  .string()
  .toLowerCase()
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/, 'not a domain name');
const address = z
  .string()
  .refine(isPlainAddress, 'not a mail address')
  .transform((a) => a.toLowerCase());
const host = z.string().regex(/^[A-Za-z0-9._:-]{1,253}$/, 'not a host name or address');
const port = z.int().min(1).max(65535);
const path = z.string().min(1).max(4096);
const language = z
  .string()
  .regex(/^[a-z]{2,3}(?:-[a-z0-9]{2,8})?$/, 'write a language code such as "en", "de" or "zh-hant"');
const count = z.int().min(0).max(1_000_000);
const security = z.enum(['tls', 'starttls', 'none'], { error: 'one of tls, starttls, none' });

const desk = z
  .strictObject({
    name: line.describe('What the desk calls itself in From and signatures: "Abuse desk"'),
    organisation: line.describe('For which organisation it writes'),
    addresses: z
      .array(address)
      .min(1)
      .describe('Every address at which complaints arrive; the first is the one that letters come from'),
    messageIdDomain: domain
      .optional()
      .describe('Right side of our Message-IDs; default: the domain of the first address'),
    tokenPrefix: z
      .string()
      .regex(/^[A-Z][A-Z0-9]{1,7}$/, 'two to eight capital letters or digits, for example "EX"')
      .default('EX')
      .describe('Case tokens read [EX-17]'),
    authservId: domain.optional().describe('Name under which our own mail server writes Authentication-Results'),
    timeZone: timeZone().default('UTC'),
    subaddress: z
      .union([z.enum(['+', '-']), z.literal(false)])
      .default('+')
      .describe('Separator of sub-addresses (abuse+17-r-…@); false where the mail server has none'),
    providerDomains: z.array(domain).default([]).describe('Domains of the hosting providers that pass complaints on'),
    secretFile: path
      .optional()
      .describe('File with the key that signs case addresses; default: made at the first start, kept in the database'),
  })
  .describe('Who we are');

const plainLogin = {
  host,
  port: port.optional(),
  security: security.default('tls'),
  allowPlaintext: z.boolean().default(false).describe('Allow security "none" to a host that is not this machine'),
  user: line.optional(),
  passwordFile: path.optional(),
  caFile: path.optional().describe('Certificate authority to trust instead of the system’s (PEM)'),
};

const imap = z.strictObject({
  ...plainLogin,
  folder: line.default('INBOX'),
  sentFolder: line.optional().describe('Read for letters that handlers wrote, and where copies of ours are filed'),
  after: z
    .enum(['leave', 'flag', 'move'])
    .default('flag')
    .describe('What becomes of a mail on the server once it is filed'),
  movedTo: line.default('exitdesk'),
});

const mailbox = z.strictObject({
  name: name.default('inbox'),
  imap: imap.optional(),
  maildir: z.strictObject({ path, sentPath: path.optional() }).optional(),
  pollEvery: duration(5000).prefault('2 min'),
});

const sending = z
  .strictObject({
    smtp: z.strictObject(plainLogin).optional(),
    folder: z.strictObject({ path }).optional().describe('Letters go into this Maildir folder and nowhere else'),
    from: line.optional().describe('Display name in From; default: desk.name and desk.organisation'),
    ownCopy: z.boolean().optional().describe('Each letter to our own signed address too: proof that it was accepted'),
    sentCopy: z
      .union([name, z.literal(false)])
      .optional()
      .describe('The mailbox in whose Sent folder copies are filed; false for none'),
    proofWait: duration(1000)
      .prefault('1 hour')
      .describe(
        'How long a letter whose connection died is given to prove that it was accepted; then a person decides',
      ),
    retry: z
      .strictObject({
        first: duration(1000).prefault('5 min'),
        max: duration(1000).prefault('4 hours'),
        giveUpAfter: duration(1000).prefault('2 days'),
      })
      .prefault({}),
  })
  .describe('How letters leave');

const part = z.enum(checkParts, { error: `one of ${checkParts.join(', ')}` });

const check = z
  .strictObject({
    transport: z.enum(['ssh', 'local', 'none']).default('ssh'),
    host: host.optional().describe('Default: the node’s first address'),
    port: port.default(22),
    user: name.default('exitdesk'),
    keyFile: path.optional(),
    hostKeys: z
      .array(
        z
          .string()
          .regex(
            /^(?:SHA256:[A-Za-z0-9+/]{43}=?|(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/]+={0,2}(?: .*)?)$/,
            'write a public key line ("ssh-ed25519 AAAA…") or a fingerprint ("SHA256:…")',
          ),
      )
      .default([]),
    knownHostsFile: path
      .optional()
      .describe('An OpenSSH known_hosts file that pins host keys beside or in place of hostKeys'),
    required: z.array(part).default(['logins', 'sessions', 'processes', 'open-files']),
    oneLog: z.boolean().default(true).describe('At least one of the three logs must be read'),
    emptyIsFine: z.array(part).default([]).describe('Parts that are rightly empty on this machine'),
    ownSources: z.array(prefix()).default([]).describe('Where our own logins come from'),
    ownAccounts: z.array(name).default([]).describe('Accounts that may log in'),
  })
  .describe('The host check');

const datedAddress = z
  .strictObject({
    address: prefix(),
    from: instant().nullable().default(null).describe('Default: the node’s'),
    until: instant().nullable().default(null).describe('Default: the node’s'),
    use: z
      .enum(addressUses)
      .optional()
      .describe('exit: users’ traffic comes from it; or: an ORPort; management: only you'),
    exit: z.boolean().optional().describe('Default: the node’s; false for or and management addresses'),
  })
  .describe('An address with a time or use of its own');

const plainAddress = prefix().transform((address) => ({
  address,
  from: null,
  until: null,
  use: undefined,
  exit: undefined,
}));

const exitPolicy = z
  .strictObject({
    from: instant().nullable().default(null).describe('Since when it holds; default: the node’s from'),
    until: instant().nullable().default(null).describe('Default: until the next one begins'),
    exitPolicy: z
      .array(policyLine())
      .default([])
      .describe('The ExitPolicy lines of the torrc, in their order')
      .transform((lines) => lines.flat()),
    reducedExitPolicy: z.boolean().default(false).describe('As in the torrc'),
    ipv6Exit: z.boolean().default(false).describe('As in the torrc'),
  })
  .describe('What tor let out over a span of time, by the options of its torrc');

export const node = z.strictObject({
  name,
  addresses: z
    .array(z.union([plainAddress, datedAddress]))
    .min(1)
    .describe(
      'Exit, OR and management addresses alike, v4 and v6, or prefixes; each with its own time where it differs',
    ),
  hostnames: z.array(domain).default([]),
  from: instant().nullable().default(null).describe('Ours since; leave out for "since ever"'),
  until: instant().nullable().default(null).describe('Not ours any more from then on; leave out while it is ours'),
  exit: z.boolean().default(true),
  provider: line.optional().describe('The hosting provider, by the name that you use'),
  fingerprints: z.array(fingerprint()).default([]).describe('Of the relays that run there'),
  exitPolicies: z
    .array(exitPolicy)
    .default([])
    .describe('What tor let out, and since when; several at one time for several tor processes'),
  check: check.prefault({}),
});

const handler = z.strictObject({
  name,
  address,
  signsAs: line.optional().describe('How letters are signed; default: the name'),
});

const rota = z
  .strictObject({
    default: name.optional().describe('Default: the first handler'),
    weekly: z.partialRecord(z.enum(weekdays), name).default({}),
    dates: z
      .array(z.strictObject({ from: calendarDay(), until: calendarDay().optional(), handler: name }))
      .default([])
      .describe('Days that differ, both ends included; they go before the week'),
  })
  .describe('Who is on duty');

const factText = z.union([text, z.array(text).max(20)]);
const letters = z
  .strictObject({
    languages: z.array(language).min(1).default(['en']),
    defaultLanguage: language.default('en'),
    facts: z
      .record(
        z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/, 'a fact is named like noLogs'),
        z.union([z.boolean(), factText, z.record(language, factText)], {
          error: 'a fact is true, false, a text, a list of texts, or one of these for each language',
        }),
      )
      .default({})
      .describe('What the letters may claim about you; a letter that uses a fact you have not stated does not load'),
    templatesFolder: path.optional().describe('Your own wording: <language>/<letter>.txt here goes before ours'),
    signThreateningByPerson: z.boolean().default(false),
  })
  .describe('What the letters say');

const modeRule = z.strictObject({
  risk: z.enum(riskLevels).optional(),
  category: z.enum(categories).optional(),
  letter: z.enum(letterNames).optional(),
  mode: z.enum(modes),
});

const policy = z
  .strictObject({
    mode: z.enum(modes).default('observe'),
    modes: z.array(modeRule).default([]).describe('The first rule that fits decides; without one, mode does'),
    answerRobots: z.boolean().default(true).describe('Ask a human to step in, once for each complaint of a robot'),
    followUpAfter: duration(60_000).prefault('7 days'),
    closeAfter: duration(60_000).prefault('7 days'),
    closingLabel: line.default('Successfully Solved'),
    budgets: z
      .strictObject({
        perCase: z.int().min(0).max(2).default(2),
        robotAddressPerDay: count.default(1),
        personAddressPerDay: count.default(5),
        domainPerDay: count.default(10),
        perHour: count.default(60),
      })
      .prefault({}),
    checkFreshness: duration(0).prefault('15 min'),
    checkRetryEvery: duration(1000).prefault('15 min'),
    checkRetryFor: duration(0).prefault('24 hours'),
    providerMargin: duration(0)
      .default(14_400_000)
      .describe('How long before a provider’s deadline a handler is alerted'),
    handling: z.partialRecord(z.enum(categories), z.enum(handlings)).default({}),
    backlog: z
      .enum(['file', 'answer'])
      .default('file')
      .describe('Mail older than the installation: only filed, or answered'),
  })
  .describe('What the desk may do by itself');

const recipient = z.string().min(1).describe('A handler’s name, or a mail address');

const digest = z
  .strictObject({
    daily: z
      .union([timeOfDay(), z.literal(false)])
      .prefault(8)
      .describe('Hour of the daily digest; false for none'),
    weekly: z
      .union([z.enum(weekdays), z.literal(false)])
      .default('monday')
      .describe('Day of the weekly digest; false for none'),
    timeZone: timeZone().optional().describe('Default: desk.timeZone'),
    recipients: z.array(recipient).optional().describe('Default: every handler'),
  })
  .describe('The daily and weekly digest');

const alerts = z
  .strictObject({
    recipients: z.array(recipient).optional().describe('Default: every handler'),
    command: z.array(z.string().min(1)).min(1).optional().describe('Run, without a shell, when SMTP itself fails'),
  })
  .describe('What cannot wait for the digest');

const storage = z.strictObject({ path: path.default('data/exitdesk.sqlite') });

const torSource = z.strictObject({
  name,
  form: z.enum(documentForms, { error: `one of ${documentForms.join(', ')}` }),
  url: webUrl(),
  every: duration(600_000).prefault('1 hour'),
  contact: line.optional().describe('onionoo: ask only for relays whose contact holds this'),
  fingerprints: z.array(fingerprint()).min(1).max(50).optional().describe('onionoo: ask only for these relays'),
});

const tor = z
  .strictObject({
    sources: z.array(torSource).default([]).describe('Where public Tor data come from; none: nothing is fetched'),
    proxy: proxyUrl().optional().describe('socks5://127.0.0.1:9050 for Tor, or http://proxy:3128; default: directly'),
    caFile: path.optional(),
    contact: line
      .optional()
      .describe('What stands in the ContactInfo of your relays: by it onionoo shows which are yours'),
    gap: duration(600_000).prefault('6 hours').describe('Collections no further apart leave nothing out between them'),
    staleAfter: duration(3_600_000).prefault('24 hours').describe('Data older than this are told and not used'),
    unseenAfter: duration(3_600_000).prefault('3 days').describe('An exit of yours not seen for so long is told'),
    keep: duration(86_400_000).prefault('1826 days').describe('How long the history is kept'),
  })
  .describe('Public Tor data: confirmation of the inventory, never the truth');

const limits = z.strictObject({
  mailSize: size().prefault('25 MB'),
  judgeTime: duration(100).prefault('10 s'),
  unpackedSize: size().prefault('20 MB'),
  probe: z
    .strictObject({
      deadline: duration(1000).prefault('90 s'),
      maxOutput: size().prefault('4 MB'),
      connectTimeout: duration(100).prefault('15 s'),
      concurrent: z.int().min(1).max(50).default(4),
    })
    .prefault({}),
  download: z
    .strictObject({
      deadline: duration(1000).prefault('2 min'),
      maxSize: size().prefault('10 MB'),
      maxUnpacked: size().prefault('30 MB'),
    })
    .prefault({}),
});

const judgement = z
  .strictObject({
    folder: path
      .optional()
      .describe('Your own words, rules and fingerprints: files here add to ours or replace entries'),
  })
  .describe('What mail is judged by');

/** Section by section, so that one faulty section does not hide what is wrong between the others. */
export const sections = {
  desk,
  mailboxes: z.array(mailbox).min(1),
  sending,
  nodes: z.array(node).min(1),
  handlers: z.array(handler).min(1),
  rota: rota.prefault({}),
  letters: letters.prefault({}),
  policy: policy.prefault({}),
  judgement: judgement.prefault({}),
  digest: digest.prefault({}),
  alerts: alerts.prefault({}),
  tor: tor.prefault({}),
  storage: storage.prefault({}),
  limits: limits.prefault({}),
  rehearsal: z.boolean().default(false).describe('A rehearsal: `exitdesk once --now` may play another day'),
};

export const schema = z.strictObject(sections);

/** The configuration as it was written, with texts turned into values. */
export type Written = z.output<typeof schema>;
