import { z } from 'zod';
import { addressOf, portOf } from '../fields.ts';
import type { Material } from '../list.ts';
import type { Finding } from '../reading.ts';
import { categoryOfType } from '../report-types.ts';

const loose = z.union([z.string(), z.number()]).nullish();
const v4 = z.looseObject({
  xarf_version: z.string(),
  source_identifier: z.string(),
  timestamp: z.string().nullish(),
  first_seen: z.string().nullish(),
  category: z.string().nullish(),
  type: z.string().nullish(),
  source_port: loose,
  destination_port: loose,
  protocol: z.string().nullish(),
});
const v3 = z.looseObject({
  Report: z.looseObject({
    ReportType: z.string(),
    ReportClass: z.string().nullish(),
    Date: z.string().nullish(),
    FirstSeen: z.string().nullish(),
    SourceIp: z.string().nullish(),
    Source: z.looseObject({ IP: z.string().nullish(), Port: loose }).nullish(),
    SourcePort: loose,
    DestinationPort: loose,
    Protocol: z.string().nullish(),
  }),
});

/** XARF v4 (xarf.org): one JSON object a report, `source_identifier` is the accused; the first time seen is the event. */
export function readXarf4(material: Material): Finding | null {
  const reports = material.json.flatMap((value) => reportsIn(value)).flatMap((value) => v4.safeParse(value).data ?? []);
  const first = reports[0];
  if (first === undefined) return null;
  return {
    format: 'xarf-v4',
    accused: reports.flatMap((r) => accusedAt(r.source_identifier, r.first_seen ?? r.timestamp)),
    time: first.first_seen ?? first.timestamp ?? null,
    sourcePort: portOf(first.source_port),
    destinationPort: portOf(first.destination_port),
    protocol: first.protocol?.toLowerCase() ?? null,
    category: categoryOfType(first.type, first.category),
    automated: true,
  };
}

/** XARF v1 to v3 (github.com/abusix/xarf): { Version, ReporterInfo, Report: { ReportType, SourceIp, Date … } }. */
export function readXarf3(material: Material): Finding | null {
  const reports = material.json
    .flatMap((value) => reportsIn(value))
    .flatMap((value) => v3.safeParse(value).data?.Report ?? []);
  const first = reports[0];
  if (first === undefined) return null;
  return {
    format: 'xarf-v3',
    accused: reports.flatMap((r) => accusedAt(r.SourceIp ?? r.Source?.IP, r.FirstSeen ?? r.Date)),
    time: first.FirstSeen ?? first.Date ?? null,
    sourcePort: portOf(first.SourcePort ?? first.Source?.Port),
    destinationPort: portOf(first.DestinationPort),
    protocol: first.Protocol?.toLowerCase() ?? null,
    category: categoryOfType(first.ReportType, first.ReportClass),
    automated: true,
  };
}

function reportsIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, 5000) : [value];
}

function accusedAt(source: string | null | undefined, time: string | null | undefined): Finding['accused'] {
  const ip = addressOf(source);
  return ip === null ? [] : [{ ip, time: time ?? null }];
}
