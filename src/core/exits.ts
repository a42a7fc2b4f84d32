import type { Standing } from './judgement.ts';

/** A machine of the operator over a span of time. The dated inventory is the truth (procedure.md §3, "whose address"). */
export type Node = {
  readonly name: string;
  /** Addresses or prefixes (CIDR), v4 and v6, in canonical text: exit, OR and management addresses alike. */
  readonly addresses: readonly string[];
  readonly hostnames: readonly string[];
  /** ms UTC, inclusive; null = since ever. */
  readonly from: number | null;
  /** ms UTC, exclusive; null = still ours. */
  readonly until: number | null;
  readonly exit: boolean;
};

/** Who the desk is, as far as judging a mail needs to know. */
export type DeskIdentity = {
  readonly addresses: readonly string[];
  readonly messageIdDomain: string;
  readonly authservId: string;
  readonly tokenPrefix: string;
  /** Registrable domains of our hosting providers, where configured: their forwards are recognised by structure too. */
  readonly providerDomains: readonly string[];
};

export type Inventory = { readonly desk: DeskIdentity; readonly nodes: readonly Node[] };

/** What one address was at one instant. */
export type StandingAt = {
  readonly standing: Standing;
  readonly node: string | null;
  readonly from: number | null;
  readonly until: number | null;
};
