import type { Config } from './config.ts';
import type { Judgement } from './core/judgement.ts';
import type { Mail } from './core/mail.ts';
import type { Policy } from './core/policy.ts';
import type { Probe } from './hosts/probe.ts';
import type { Log } from './log.ts';
import type { Mailbox } from './mail/mailbox.ts';
import type { Templates } from './mail/render.ts';
import type { Sender } from './mail/send.ts';
import type { Db } from './store/open.ts';
import type { Fetch } from './tor/fetch.ts';

/** Raw bytes to a mail and its judgement, within the limits and the deadline of the configuration; never throws on content. */
export type ReadMail = (
  raw: Buffer,
  meta: { readonly truncated: boolean; readonly size: number },
) => Promise<{ readonly mail: Mail | null; readonly judgement: Judgement; readonly problem: string | null }>;

/** Everything that the flow works with, as one plain object: built once (build-app.ts), given to daemon, commands and tests. */
export type App = {
  readonly config: Config;
  readonly policy: Policy;
  readonly db: Db;
  readonly log: Log;
  /** ms UTC */
  readonly now: () => number;
  /** In [0, 1): jitter of retries. */
  readonly random: () => number;
  readonly mailboxes: readonly Mailbox[];
  readonly sender: Sender;
  readonly probe: Probe;
  readonly readMail: ReadMail;
  /** Fetches public Tor data; null where the clock is not the real one: what is fetched would be kept under a wrong date. */
  readonly tor: Fetch | null;
  readonly templates: Templates;
  /** Signs case addresses and makes Message-IDs unguessable. */
  readonly secret: string;
  /** ms UTC: when the database was made. */
  readonly installedAt: number;
  /** By mailbox name, ms UTC: mail that arrived earlier is its backlog, older than the installation. */
  readonly mailboxSince: ReadonlyMap<string, number>;
};
