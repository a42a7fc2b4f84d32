import { checkParts } from '../../src/core/hosts/check.ts';
import type { CheckPart, CheckRequirements, PartResult, ProbeOutput } from '../../src/core/hosts/check.ts';

/** Rows of one part as the script prints them, "KIND TEXT", and how the part went. */
export type PartText = {
  readonly status?: PartResult['status'];
  readonly by?: string;
  readonly note?: string;
  readonly rows?: readonly string[];
};

/** When the made-up host was probed: 2026-05-20 12:00:00 UTC. */
export const probedAt = 1_779_278_400_000;

/** The output of the host check as a small Debian host without any visitor gives it; parts and facts may be given. */
export function probeText(
  parts: Partial<Record<CheckPart, PartText>> = {},
  facts: Readonly<Record<string, string>> = {},
): string {
  const all: Record<string, string> = {
    os: 'Linux',
    now: String(probedAt / 1000),
    boot: String(probedAt / 1000 - 20 * 86_400),
    uid: '0',
    zone: '+0200',
    'packages-changed': String(probedAt / 1000 - 2 * 86_400),
    'self-user': 'exitdesk',
    'self-source': '192.0.2.10',
    'self-pid': '4000',
    ...facts,
  };
  return [
    'exitdesk-probe 1',
    ...Object.entries(all).map(([key, value]) => `f ${key} ${value}`),
    ...checkParts.flatMap((part) => {
      const { status = 'done', by = 'test', note = '', rows = [] } = parts[part] ?? {};
      return [...rows.map((row) => `= ${part} ${row}`), `# ${part} ${status} ${by} ${note}`];
    }),
    'exitdesk-probe end',
    '',
  ].join('\n');
}

/** A transport's good outcome with this text. */
export function brought(text: string): ProbeOutput {
  return { ok: true, text, truncated: false, tookMs: 700 };
}

/** The default requirements of a node, whose people log in as `admin` from 192.0.2.0/24. */
export const requirements: CheckRequirements = {
  required: ['logins', 'sessions', 'processes', 'open-files'],
  oneLog: true,
  emptyIsFine: [],
  ownSources: ['192.0.2.0/24'],
  ownAccounts: ['admin'],
};
