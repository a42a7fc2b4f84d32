import type { Inventory } from '../exits.ts';
import type { Category, Judgement, Traffic } from '../judgement.ts';
import type { Mail } from '../mail.ts';
import type { Labels } from '../readers/labels.ts';
import { readComplaint } from '../readers/read-complaint.ts';
import type { Segments } from '../segments.ts';

/** What the readers found in a mail, as judging needs it. */
export type ReadReport = {
  readonly addresses: Judgement['addresses'];
  readonly event: Judgement['event'];
  readonly traffic: Traffic | null;
  readonly provider: Judgement['provider'];
  /** The machine-readable format, null for free text. */
  readonly format: string | null;
  readonly category: Category | null;
  readonly automated: boolean;
};

export function readReport(mail: Mail, segments: Segments, inventory: Inventory, labels: Labels): ReadReport {
  const reading = readComplaint(mail, segments, inventory, labels);
  return {
    addresses: reading.addresses,
    event: reading.event,
    traffic: reading.traffic,
    provider: reading.provider,
    format: reading.format === 'free-text' ? null : reading.format,
    category: reading.reportedCategory,
    automated: reading.automatedHint,
  };
}
