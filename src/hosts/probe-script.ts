import { readFileSync } from 'node:fs';

/** The host check's script as it is shipped: the same text for both transports and for `probe --print-setup`. */
export const probeScript: string = readFileSync(new URL('probe.sh', import.meta.url), 'utf8');
