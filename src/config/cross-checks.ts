/** What no single field can tell: names that must exist, spans that must not overlap, choices that exclude each other. */
import { neverByMachine } from '../core/policy.ts';
import { nearestName } from '../core/nearest-name.ts';
import { isPlainAddress } from '../mail/address.ts';
import { isLoopback } from '../mail/server-address.ts';
import { checkNodes } from './node-checks.ts';
import type { Path, Problem } from './problems.ts';
import type { Written } from './schema.ts';

type WrittenNode = Written['nodes'][number];
/** Only what was readable of the configuration: faulty sections and nodes are missing, and what needs them is not checked. */
export type Readable = { readonly [S in Exclude<keyof Written, 'nodes'>]?: Written[S] | undefined } & {
  readonly nodes?: readonly (WrittenNode | undefined)[] | undefined;
};

export function crossCheck(written: Readable): Problem[] {
  return [
    ...checkDesk(written),
    ...checkMailboxes(written),
    ...checkSending(written),
    ...checkNodes(written.nodes ?? []),
    ...checkHandlers(written),
    ...checkRota(written),
    ...checkLetters(written),
    ...checkPolicy(written),
    ...checkRecipients(written),
    ...checkLimits(written),
    ...checkTor(written),
  ];
}

/** A signed case address needs 33 characters of the local part's 64. */
function checkDesk({ desk }: Readable): Problem[] {
  if (desk === undefined || desk.subaddress === false) return [];
  const local = desk.addresses[0]?.split('@')[0] ?? '';
  const text = 'too long before the @ for signed sub-addresses: at most 30 characters, or subaddress: false';
  return local.length > 30 ? [{ path: ['desk', 'addresses', 0], text }] : [];
}

function checkMailboxes({ mailboxes = [] }: Readable): Problem[] {
  const problems: Problem[] = duplicates(mailboxes, (m) => m.name.replace(/\W/g, '_').toUpperCase()).map((index) => ({
    path: ['mailboxes', index, 'name'],
    text: 'two mailboxes have this name; name each differently',
  }));
  for (const [index, mailbox] of mailboxes.entries()) {
    const path = ['mailboxes', index];
    if ((mailbox.imap === undefined) === (mailbox.maildir === undefined))
      problems.push({ path, text: 'state either imap or maildir' });
    if (mailbox.imap !== undefined) {
      if (mailbox.imap.user === undefined) problems.push({ path: [...path, 'imap'], text: 'user is missing' });
      problems.push(...checkPlaintext([...path, 'imap'], mailbox.imap));
    }
  }
  return problems;
}

function checkSending({ sending, mailboxes }: Readable): Problem[] {
  if (sending === undefined) return [];
  const problems: Problem[] = [];
  if ((sending.smtp === undefined) === (sending.folder === undefined))
    problems.push({ path: ['sending'], text: 'state either smtp or folder' });
  if (sending.smtp !== undefined) problems.push(...checkPlaintext(['sending', 'smtp'], sending.smtp));
  if (sending.retry.first > sending.retry.max)
    problems.push({ path: ['sending', 'retry', 'first'], text: 'must not be longer than max' });
  const { sentCopy } = sending;
  if (typeof sentCopy === 'string' && mailboxes !== undefined) {
    const mailbox = mailboxes.find((m) => m.name === sentCopy);
    if (mailbox === undefined)
      problems.push({
        path: ['sending', 'sentCopy'],
        text: unknownName(
          'mailbox',
          sentCopy,
          mailboxes.map((m) => m.name),
        ),
      });
    else if (mailbox.imap?.sentFolder === undefined && mailbox.maildir?.sentPath === undefined)
      problems.push({ path: ['sending', 'sentCopy'], text: `mailbox "${sentCopy}" states no sentFolder` });
  }
  return problems;
}

function checkPlaintext(
  path: Path,
  server: { readonly host: string; readonly security: string; readonly allowPlaintext: boolean },
): Problem[] {
  if (server.security !== 'none' || server.allowPlaintext || isLoopback(server.host)) return [];
  const text = `"none" sends mail and password in the clear to ${server.host}: use tls or starttls (or, if you must, allowPlaintext: true)`;
  return [{ path: [...path, 'security'], text }];
}

function checkHandlers({ handlers = [], desk }: Readable): Problem[] {
  const problems: Problem[] = duplicates(handlers, (h) => h.name).map((index) => ({
    path: ['handlers', index, 'name'],
    text: 'two handlers have this name',
  }));
  for (const [index, handler] of handlers.entries())
    if (desk?.addresses.includes(handler.address) === true)
      problems.push({
        path: ['handlers', index, 'address'],
        text: 'this is an address of the desk itself: digests and alerts to it would come back as mail; state a personal address',
      });
  return problems;
}

function checkRota({ rota, handlers }: Readable): Problem[] {
  if (rota === undefined || handlers === undefined) return [];
  const names = handlers.map((h) => h.name);
  const stated: { path: Path; handler: string | undefined }[] = [
    { path: ['rota', 'default'], handler: rota.default },
    ...Object.entries(rota.weekly).map(([day, handler]) => ({ path: ['rota', 'weekly', day], handler })),
    ...rota.dates.map((d, index) => ({ path: ['rota', 'dates', index, 'handler'], handler: d.handler })),
  ];
  return [
    ...stated.flatMap(({ path, handler }) =>
      handler === undefined || names.includes(handler) ? [] : [{ path, text: unknownName('handler', handler, names) }],
    ),
    ...rota.dates.flatMap((d, index) =>
      d.until !== undefined && d.until < d.from
        ? [{ path: ['rota', 'dates', index, 'until'], text: 'must not be before from' }]
        : [],
    ),
  ];
}

function checkLetters({ letters }: Readable): Problem[] {
  if (letters === undefined) return [];
  const problems: Problem[] = Object.entries(letters.facts)
    .filter(([name, fact]) => name.endsWith('Links') && !isLinks(fact))
    .map(([name]) => ({ path: ['letters', 'facts', name], text: 'must be a list of at least one link (https://…)' }));
  if (!letters.languages.includes(letters.defaultLanguage))
    problems.push({
      path: ['letters', 'defaultLanguage'],
      text: `"${letters.defaultLanguage}" is not among languages`,
    });
  return problems;
}

/** Facts named …Links stand under a heading in the letters, so none of them may be empty. */
function isLinks(fact: Written['letters']['facts'][string]): boolean {
  if (typeof fact === 'object' && !Array.isArray(fact)) return Object.values(fact).every(isLinks);
  return Array.isArray(fact) && fact.length > 0 && fact.every((link) => /^https?:\/\/\S+$/.test(link));
}

function checkPolicy({ policy }: Readable): Problem[] {
  return [...neverByMachine].flatMap((category) => {
    const handling = policy?.handling[category];
    return handling === undefined || handling === 'person'
      ? []
      : [{ path: ['policy', 'handling', category], text: 'always goes to a person; this cannot be changed' }];
  });
}

function checkRecipients({ digest, alerts, handlers, desk }: Readable): Problem[] {
  if (handlers === undefined) return [];
  const names = handlers.map((h) => h.name);
  return [
    { path: ['digest', 'recipients'], stated: digest?.recipients ?? [] },
    { path: ['alerts', 'recipients'], stated: alerts?.recipients ?? [] },
  ].flatMap(({ path, stated }) =>
    stated.flatMap((recipient, index) => {
      const at = [...path, index];
      if (desk?.addresses.includes(recipient.toLowerCase()) === true)
        return [{ path: at, text: 'this is an address of the desk itself: its own digest would come back as mail' }];
      if (names.includes(recipient) || isPlainAddress(recipient)) return [];
      return [{ path: at, text: `${unknownName('handler', recipient, names)}; or write a mail address` }];
    }),
  );
}

function checkLimits({ limits }: Readable): Problem[] {
  return limits === undefined || limits.probe.connectTimeout < limits.probe.deadline
    ? []
    : [{ path: ['limits', 'probe', 'connectTimeout'], text: 'must be shorter than deadline' }];
}

function checkTor({ tor }: Readable): Problem[] {
  if (tor === undefined) return [];
  const problems: Problem[] = duplicates(tor.sources, (source) => source.name).map((index) => ({
    path: ['tor', 'sources', index, 'name'],
    text: 'two sources have this name',
  }));
  const identities = duplicates(tor.sources, ({ form, url, contact, fingerprints }) =>
    JSON.stringify([form, url, contact, fingerprints]),
  );
  problems.push(
    ...identities.map((index) => ({ path: ['tor', 'sources', index, 'url'], text: 'this is asked for twice' })),
  );
  for (const [index, source] of tor.sources.entries()) {
    const path = ['tor', 'sources', index];
    const narrowed = source.contact !== undefined || source.fingerprints !== undefined;
    if (narrowed && source.form !== 'onionoo')
      problems.push({ path, text: 'only onionoo can be asked by contact or fingerprints' });
    if (source.contact !== undefined && source.fingerprints !== undefined)
      problems.push({ path, text: 'state either contact or fingerprints' });
    if (source.every > tor.gap)
      problems.push({ path: [...path, 'every'], text: 'longer than tor.gap: every pause between two collections would be a gap' }); // prettier-ignore
  }
  return problems;
}

function unknownName(kind: string, written: string, known: readonly string[]): string {
  const meant = nearestName(written, known);
  return `no ${kind} is named "${written}"${meant === null ? `; there are ${known.join(', ')}` : `; did you mean "${meant}"?`}`;
}

/** Indexes of the items whose key an earlier one has. */
function duplicates<T>(items: readonly T[], keyOf: (item: T) => string): number[] {
  const keys = items.map(keyOf);
  return keys.flatMap((key, index) => (keys.indexOf(key) < index ? [index] : []));
}
