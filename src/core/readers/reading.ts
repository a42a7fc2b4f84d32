import type { AccusedAddress, Category, Judgement, Traffic } from '../judgement.ts';

/** What a complaint says, before anybody judges how grave it is or who wrote it. */
export type ComplaintReading = {
  /** Id of the reader that matched, for example "xarf-v4", "arf", "free-text". */
  readonly format: string;
  readonly addresses: readonly AccusedAddress[];
  readonly event: Judgement['event'];
  /** When each accused address was seen, where the mail says so: ISO 8601 UTC or, without a zone, "YYYY-MM-DDTHH:MM". */
  readonly times: readonly { readonly ip: string; readonly at: string | null; readonly local: string | null }[];
  readonly sourcePort: number | null;
  /** Null where the mail shows none. */
  readonly traffic: Traffic | null;
  /** The kind of abuse that a structured report states by itself. */
  readonly reportedCategory: Category | null;
  readonly provider: Judgement['provider'];
  /** True where the form can only come from a machine. */
  readonly automatedHint: boolean;
  /** Nodes that the mail names only by host name. */
  readonly namedNodes: readonly string[];
};

/** What a reader of one structured format found: null fields where the report does not say. */
export type Finding = {
  readonly format: string;
  /** Accused addresses with their own time. Empty where the format states none: then the text decides. */
  readonly accused: readonly { readonly ip: string; readonly time: string | null }[];
  /** The report's own time of the event, as written. */
  readonly time: string | null;
  readonly sourcePort?: number | null;
  readonly destinationPort?: number | null;
  readonly protocol?: string | null;
  readonly category?: Category | null;
  readonly automated: boolean;
};
