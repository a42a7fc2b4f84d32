import type { ProbeReading } from './read-probe.ts';

/** What a probe says of its host beside findings: which system it is, and how tor fares there. Nothing of its users. */
export type HostFacts = {
  /** In the system's own words, for example "Debian GNU/Linux 12 (bookworm)"; escaped by whoever shows it. */
  readonly system: string | null;
  /** Was the check run on this very system before it was released? */
  readonly proved: boolean;
  readonly tor: TorFacts;
};

export type TorFacts = {
  readonly running: boolean;
  /** As its package has it. */
  readonly version: string | null;
  /** ms UTC since when the oldest of its processes runs; null where none runs, or the host does not tell. */
  readonly since: number | null;
  /** ms UTC when the newest of its configuration files was last written. */
  readonly configChangedAt: number | null;
};

/** Where the script was run over the real userland (test/soak): "ID VERSION_ID" of os-release(5). */
const provedSystems: ReadonlySet<string> = new Set(['debian 11', 'debian 12', 'debian 13', 'busybox']);
const longest = 100;

/** Reads the facts; what the host does not tell is null. */
export function factsOf(reading: ProbeReading): HostFacts {
  const id = reading.facts.get('system') ?? '';
  return {
    system: (reading.facts.get('release') ?? id).slice(0, longest) || null,
    proved: provedSystems.has(id),
    tor: torFacts(reading),
  };
}

function torFacts(reading: ProbeReading): TorFacts {
  const rows = reading.parts.get('tor')?.rows ?? [];
  const of = (kind: string): readonly string[][] => rows.filter((r) => r.kind === kind).map((r) => r.text.split(' '));
  const tor = new Set(
    of('process')
      .filter(([, , program = '']) => isTorProgram(program))
      .map(([pid]) => pid),
  );
  const began = of('since').flatMap(([pid, seconds]) => (tor.has(pid) ? instant(seconds) : []));
  const written = of('config').flatMap(([seconds]) => instant(seconds));
  return {
    running: tor.size > 0,
    version: of('package')[0]?.[0]?.slice(0, longest) ?? null,
    since: began.length === 0 ? null : Math.min(...began),
    configChangedAt: written.length === 0 ? null : Math.max(...written),
  };
}

/** Is this program, as /proc names it, tor itself? Where it may not be seen ("-"), the name has to do. */
export function isTorProgram(program: string): boolean {
  return program === '-' || /\/tor(?: \(deleted\))?$/.test(program);
}

function instant(seconds: string | undefined): number[] {
  const value = Number(seconds);
  return Number.isSafeInteger(value) && value > 0 ? [value * 1000] : [];
}
