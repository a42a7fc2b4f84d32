import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readProbe } from '../../src/core/hosts/read-probe.ts';
import { ordinaryHost } from '../support/noise.ts';
import { hasSandbox, probeSandbox } from '../support/sandbox.ts';

/** The script in every shell that Debian has and that may be somebody's /bin/sh: the same parts are done in the same way. */
const wanted = process.env['EXITDESK_SOAK'] === '1' && hasSandbox();
const root = join(process.env['EXITDESK_ROOTS'] ?? '/var/cache/exitdesk-roots', 'bookworm');
const shells = ['dash', 'bash --posix', 'bash', 'mksh', 'ksh93', 'posh', 'yash', 'busybox ash'];
const host = ordinaryHost('files', 1);

async function partsIn(shell: string): Promise<readonly string[]> {
  // posh reads commands from its input only where it is given nothing at all.
  const words = [...shell.split(' '), ...(shell === 'posh' ? [] : ['-s'])];
  const output = await probeSandbox({ root, seed: host.seed, plant: host.plant, command: words });
  const reading = output.ok ? readProbe(output.text) : null;
  expect(reading?.whole).toBe(true);
  return [...(reading?.parts ?? [])].map(([part, { status, by, note }]) => `${part} ${status} ${by} ${note ?? ''}`);
}

describe.skipIf(!wanted || !existsSync(root))('the script in another shell', () => {
  it.each(shells)(
    'does the same as everywhere: %s',
    async (shell) => {
      expect(await partsIn(shell)).toEqual(await partsIn('sh'));
    },
    60_000,
  );
});
