import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breakIns } from '../support/break-ins.ts';
import { hasTool, rehearse } from '../support/rehearsal.ts';
import type { HostKind, Rehearsal } from '../support/rehearsal.ts';
import { hasSandbox } from '../support/sandbox.ts';

/**
 * The rehearsal of break-ins, and of many quiet days. It plants things that a host check of this very machine would find too, so
 * it never runs beside other tests: `npm run soak`. It runs over this machine's own root file system, and over each one in
 * EXITDESK_ROOTS (a folder that scripts/make-roots filled), with logs in files and with nothing but a journal. Nothing of them
 * is changed. EXITDESK_CLEAN_RUNS: how many quiet runs of each root file system.
 */
const wanted = process.env['EXITDESK_SOAK'] === '1' && hasSandbox();
const cleanRuns = Number(process.env['EXITDESK_CLEAN_RUNS'] ?? 200);
const folder = process.env['EXITDESK_ROOTS'] ?? '/var/cache/exitdesk-roots';
const kinds: readonly HostKind[] = [
  { name: 'this machine', root: '/', logs: 'files' },
  ...(existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : []).flatMap(
    (name): HostKind[] => {
      const root = join(folder, name);
      if (!existsSync(join(root, 'etc/debian_version'))) return [{ name, root, logs: 'messages' }];
      return [
        { name, root, logs: 'files' },
        { name: `${name}, journal`, root, logs: 'journal' },
      ];
    },
  ),
];

const told: string[] = [];
afterAll(() => {
  if (told.length > 0) console.log(['What the rehearsal found:', ...told].join('\n'));
});

describe.skipIf(!wanted).each(kinds)('a break-in rehearsed over $name', (kind) => {
  let host: Rehearsal;
  beforeAll(async () => {
    host = await rehearse(kind);
  });

  it.each(breakIns(kind.logs).map((b) => [b.what, b] as const))(
    'finds %s',
    async (what, { plant, needs, rules, says, notFound }) => {
      const missing = needs.find((tool) => !hasTool(kind.root, tool));
      if (missing !== undefined) {
        told.push(`${kind.name} | ${what} | not rehearsed: there is no ${missing}`);
        return;
      }
      const check = await host.check(plant);
      const found = check.findings.filter((f) => f.severity === 'suspicious');
      const why = notFound?.[kind.name];
      if (why !== undefined) {
        expect(found).toEqual([]);
        told.push(`${kind.name} | ${what} | NOT FOUND: ${why}`);
        return;
      }
      expect(found.map((f) => f.rule)).toEqual(expect.arrayContaining([...rules]));
      const line = found.find((f) => f.line.includes(says))?.line;
      expect(found.map((f) => f.line).join('\n')).toContain(says);
      expect(check.verdict).toBe('suspicious');
      told.push(`${kind.name} | ${what} | ${rules.join(', ')} | ${line}`);
    },
    180_000,
  );

  it.skipIf(!hasTool(kind.root, 'lsof'))(
    'ends in time where a tool hangs or never stops, and takes neither for done',
    async () => {
      const fake = (name: string, body: string): string =>
        `printf '#!/bin/sh\\n${body}\\n' > /usr/bin/${name}; chmod 755 /usr/bin/${name}`;
      const lsof = fake('lsof', 'case $1 in -v) echo revision; exit;; esac; sleep 600');
      const check = await host.check(`${lsof}; ${fake('ps', 'yes root 1 0 0 1 1 x')}`);
      const status = (part: string): string | undefined => check.parts.find((p) => p.part === part)?.status;
      expect({ processes: status('processes'), openFiles: status('open-files') }).toEqual({
        processes: 'failed',
        openFiles: 'failed',
      });
      expect(check.tookMs).toBeLessThan(50_000);
    },
    90_000,
  );
});

/** The quiet runs of one root file system: where it has both forms of logs, they take turns. */
const quiet = Object.values(Object.groupBy(kinds, (kind) => kind.root)).flatMap((forms) =>
  forms === undefined || forms[0] === undefined ? [] : [{ name: forms[0].name, forms }],
);

describe.skipIf(!wanted).each(quiet)('an ordinary host over $name', ({ name, forms }) => {
  it(`gives no false alarm in ${cleanRuns} runs with noise, and names no stranger`, async () => {
    const hosts = await Promise.all(forms.map(rehearse));
    let loud = 0;
    const lane = async (first: number): Promise<void> => {
      for (let run = first; run <= cleanRuns; run += 2) {
        const check = await (hosts[Math.floor(run / 2) % hosts.length] as Rehearsal).check('', run);
        expect({ run, verdict: check.verdict, because: check.because }).toEqual({ run, verdict: 'clean', because: [] });
        expect({ run, named: check.host.strangers.filter((s) => check.text.includes(s)) }).toEqual({ run, named: [] });
        if (check.findings.some((f) => f.severity === 'notice')) loud++;
      }
    };
    await Promise.all([lane(1), lane(2)]);
    told.push(`${name} | ${cleanRuns} quiet runs | no false alarm, ${loud} with a notice`);
  }, 7_200_000);
});
