/** The one YAML file that configures a desk: read, checked as a whole, normalised. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DateTime } from 'luxon';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { crossCheck, type Readable } from './config/cross-checks.ts';
import { inventoryNodes, type NodeConfig } from './config/nodes.ts';
import { type Config, type Handler, normalise } from './config/normalised.ts';
import { explain, type Problem, problemsOf, type Source } from './config/problems.ts';
import { node as nodeSchema, schema, sections, weekdays } from './config/schema.ts';
import type { SecretReader } from './config/secrets.ts';
import { identityOf, isComplete } from './config/tor.ts';
import { warningsAbout } from './config/warnings.ts';
import type { Inventory } from './core/exits.ts';
import type { CheckRequirements } from './core/hosts/check.ts';
import type { Policy } from './core/policy.ts';
import { DeskError } from './errors.ts';
import type { ProbeTarget } from './hosts/probe.ts';
import type { SourceIdentity } from './store/public-sources.ts';

export type * from './config/nodes.ts';
export type * from './config/normalised.ts';
export type { TorSourceConfig } from './config/tor.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration. `env` gives the secrets (EXITDESK_…); relative paths count from the file's own folder.
 * Throws DeskError config-missing where the file cannot be read, and config-invalid with every problem in one message.
 */
export function loadConfig(path: string, env: Environment): Config {
  const file = resolve(path);
  const source = parseYaml(file, readText(file));
  const written = valuesOf(file, source);
  const parsed = schema.safeParse(written);
  const problems = [...problemsOf(parsed.error?.issues ?? []), ...crossCheck(parsed.data ?? readableOf(written))];
  if (parsed.data !== undefined) {
    const reader: SecretReader = { env, folder: dirname(file), problems, warnings: [] };
    const config = normalise(file, parsed.data, reader);
    if (problems.length === 0) return { ...config, warnings: [...reader.warnings, ...warningsAbout(config)] };
  }
  throw new DeskError('config-invalid', explain(file, problems, source));
}

/** The JSON Schema of the written configuration, from which editors complete. */
export function configSchema(): object {
  return { title: 'exitdesk configuration', ...z.toJSONSchema(schema, { io: 'input' }) };
}

/** Made once for each configuration, so that what is looked up in it is indexed once. */
const inventories = new WeakMap<Config, Inventory>();

/** What judging a mail needs to know of the configuration. */
export function inventoryOf(config: Config): Inventory {
  const known = inventories.get(config);
  if (known !== undefined) return known;
  const { addresses, messageIdDomain, authservId, tokenPrefix, providerDomains } = config.desk;
  const inventory = {
    desk: { addresses, messageIdDomain, authservId, tokenPrefix, providerDomains },
    nodes: config.nodes.flatMap(inventoryNodes),
  };
  inventories.set(config, inventory);
  return inventory;
}

/** The sources of public Tor data, as the database knows them. */
export function torSourcesOf({ tor }: Config): readonly SourceIdentity[] {
  return tor.sources.map((source) => ({
    name: source.name,
    identity: identityOf(source),
    complete: isComplete(source),
    gapMs: tor.gapMs,
  }));
}

export function policyOf(config: Config): Policy {
  return config.policy;
}

/** How a node's check is reached; null where none is configured. */
export function probeTargetOf(node: NodeConfig): ProbeTarget | null {
  const { transport, host, port, user, keyFile, hostKeys, knownHostsFile } = node.check;
  switch (transport) {
    case 'ssh':
      return { node: node.name, transport, host, port, user, keyFile, hostKeys, knownHostsFile };
    case 'local':
      return { node: node.name, transport };
    case 'none':
      return null;
  }
}

export function requirementsOf(node: NodeConfig): CheckRequirements {
  const { required, oneLog, emptyIsFine, ownSources, ownAccounts } = node.check;
  return { required, oneLog, emptyIsFine, ownSources, ownAccounts };
}

/** Who is on duty at an instant (ms UTC): by date, then by weekday in the desk's zone, else the default. */
export function handlerOnDuty(config: Pick<Config, 'handlers' | 'rota' | 'desk'>, at: number): Handler {
  const { handlers, rota, desk } = config;
  const local = DateTime.fromMillis(at, { zone: desk.timeZone });
  const day = local.toISODate() ?? '';
  const weekday = weekdays[local.weekday - 1] ?? 'monday';
  const name = rota.dates.find((d) => d.from <= day && day <= d.until)?.handler ?? rota.weekly[weekday] ?? rota.default;
  const handler = handlers.find((h) => h.name === name);
  if (handler === undefined) throw new Error(`the rota names ${name}, who is no handler`);
  return handler;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new DeskError('config-missing', `cannot read the configuration ${file} (${code})`, { cause });
  }
}

function parseYaml(file: string, text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const errors: readonly Problem[] = document.errors.map((e) => ({ path: [], text: e.message.trimEnd() }));
  if (errors.length > 0) throw new DeskError('config-invalid', explain(file, errors, null));
  return { document, lines };
}

/** The plain values of the document; a file whose aliases grow without bound is refused. */
function valuesOf(file: string, source: Source): unknown {
  try {
    return source.document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (cause) {
    throw new DeskError(
      'config-invalid',
      explain(file, [{ path: [], text: 'its aliases cannot be resolved' }], source),
      {
        cause,
      },
    );
  }
}

/** The sections and nodes that can be read although others cannot, so that every problem is reported at once. */
function readableOf(written: unknown): Readable {
  if (typeof written !== 'object' || written === null) return {};
  const stated = written as Readonly<Record<string, unknown>>;
  const readable = Object.fromEntries(
    Object.entries(sections).map(([name, section]) => [name, section.safeParse(stated[name]).data]),
  ) as Readable;
  const nodes = Array.isArray(stated['nodes']) ? stated['nodes'].map((n) => nodeSchema.safeParse(n).data) : [];
  return { ...readable, nodes };
}
