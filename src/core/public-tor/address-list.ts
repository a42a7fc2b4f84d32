import { exitAddress, linesOf, sampleOf, type ReadDocument, type Sighting } from './document.ts';

/**
 * Any list with one address a line, v4 or v6: torbulkexitlist, blocklists, dan.me.uk/torlist. Comments (#, ;, //) and what
 * stands behind the address are passed over. A line of fields in the form of dan.me.uk/tornodes
 * (`address|name|port|port|flags|…<br />`) counts as an exit by its flags: E, or X for one that hides it.
 */
export function readAddressList(text: string): ReadDocument {
  const sightings: Sighting[] = [];
  const seen = new Set<string>();
  let others = 0;
  let junk = 0;
  let junkSample: string | null = null;
  const { lines, tooMany } = linesOf(text, /\r?\n|<br ?\/?>/i);
  for (const line of lines) {
    const bare = line.trim();
    if (bare === '' || /^(?:[#;]|\/\/|<!--)/.test(bare)) continue;
    const address = exitAddress(/^\[?([0-9a-f.:]{2,45})\]?(?=$|[\s|,;#/])/i.exec(bare)?.[1] ?? '');
    if (address === null) {
      junk += 1;
      junkSample ??= sampleOf(bare);
    } else if (!isExitLine(bare)) others += 1;
    else if (!seen.has(address)) {
      seen.add(address);
      sightings.push({ address, fingerprint: null, sinceMs: null, untilMs: null, namesUs: null });
    }
  }
  return {
    asOfMs: null,
    sightings,
    others,
    junk,
    junkSample,
    broken: tooMany ? 'it has more lines than there can be' : null,
  };
}

/** A network (192.0.2.0/24) is no address of an exit, and a line of fields says by its flags what the relay is. */
function isExitLine(line: string): boolean {
  if (/^\S+\/(?!32\b|128\b)\d/.test(line)) return false;
  const flags = line.split('|')[4];
  return flags === undefined || /[EX]/.test(flags);
}
