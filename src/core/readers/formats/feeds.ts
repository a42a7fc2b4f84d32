import { cellsOf } from '../table.ts';
import type { Material } from '../list.ts';
import type { Finding } from '../reading.ts';

/** CSV feeds (Shadowserver, CERTs, WAF and bulk reports): an attached table with a header. Its columns decide who is accused. */
export function readCsvFeed(material: Material): Finding | null {
  const files = material.units.filter(
    (u) => u.place === 'file' && (/csv/.test(u.contentType) || /\.csv\b/i.test(u.filename ?? '')),
  );
  const isTable = files.some((u) => ([',', ';', '\t'] as const).some((s) => cellsOf(u.lines[0] ?? '', s).length >= 3));
  return isTable ? { format: 'csv-feed', accused: [], time: null, automated: false } : null;
}

/** Netscan tables ("time protocol source port -> destination port") of hosting providers: rows with an arrow between addresses. */
export function readNetscan(material: Material): Finding | null {
  let rows = 0;
  const row = /(?:tcp|udp|icmp)\s{1,12}[\da-f.:]{7,45}[ :]\s{0,12}\d{0,5}\s{0,12}(?:->|=>|→)\s{0,12}[\da-f.:]{7,45}/i;
  for (const unit of material.units) for (const line of unit.lines.slice(0, 3000)) if (row.test(line)) rows++;
  if (rows < 3) return null;
  return { format: 'netscan', accused: [], time: null, category: 'scan', automated: false };
}
