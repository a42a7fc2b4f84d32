/** What the desk makes of one mail: the shape of `exitdesk judge --json`, stored with the case as it was made then. */

export const kinds = [
  'complaint',
  'reply',
  'auto-reply',
  'ticket-ack',
  'bounce',
  'notice',
  'unrelated',
  'unreadable',
] as const;
export type Kind = (typeof kinds)[number];

export const categories = [
  'login-attack',
  'scan',
  'web-attack',
  'dos',
  'scraping',
  'spam',
  'comment-spam',
  'copyright',
  'phishing',
  'malware',
  'fraud',
  'account-compromise',
  'harassment',
  'threat-of-violence',
  'stalking',
  'doxxing',
  'extortion',
  'self-harm',
  'terrorism',
  'child-abuse',
  'weapons-drugs',
  'law-enforcement',
  'legal-demand',
  'blocklist-notice',
  'other',
] as const;
export type Category = (typeof categories)[number];

export const riskLevels = ['threatening', 'non-threatening', 'unsure'] as const;
export type RiskLevel = (typeof riskLevels)[number];

/** letter: a standard letter may leave once the host is clean; person: the letter named is a draft; none: nothing may be sent. */
export const handlings = ['letter', 'person', 'none'] as const;
export type Handling = (typeof handlings)[number];

/** exit: our exit at that time; exit-then: our exit then, not ours any more; not-exit: ours, but no exit then; not-ours. */
export type Standing = 'exit' | 'exit-then' | 'not-exit' | 'not-ours';

export const firstLetters = [
  'threatening',
  'non-threatening',
  'ask-for-human',
  'not-ours',
  'provider',
  'details',
] as const;
export type FirstLetter = (typeof firstLetters)[number];

/** A rule that fired and the very words that fired it; `text` is '' for a sealed rule. */
export type Reason = { readonly rule: string; readonly text: string };

/** One kind of traffic that a complaint shows: what was sent, and where it went. Null where the complaint does not say. */
export type Flow = {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | null;
  readonly port: number | null;
  /** The destination, where it is an address of the Internet and not of an inner network. */
  readonly address: string | null;
  /** False where it was concluded (an sshd's log means port 22, as a rule) and not stated. */
  readonly stated: boolean;
};

/** What a complaint shows of the traffic that it is about. */
export type Traffic = {
  /** Each kind once. */
  readonly flows: readonly Flow[];
  /** False where there is more evidence than was read, or some that shows no traffic: nothing holds for all of it then. */
  readonly whole: boolean;
  /** Every line of it shows first packets of connections (SYN) and no more: anybody can send those in another's name. */
  readonly synOnly: boolean;
};

/** Why traffic cannot, or may not, have come through an exit of ours (tor manual, ExitPolicy; Tor carries TCP only). */
export type PassageReason =
  | { readonly why: 'not-tcp'; readonly protocol: 'udp' | 'icmp'; readonly port: number | null }
  | {
      readonly why: 'refused';
      readonly port: number | null;
      readonly address: string | null;
      /** The line of the exit policy that decides, and since when the policy held (ms UTC; null: since the node was ours). */
      readonly rule: string;
      readonly since: number | null;
      /** False where the port was concluded and not stated. */
      readonly stated: boolean;
    }
  /** Only first packets (SYN) to port 22: easily sent in another's name. */
  | { readonly why: 'syn-only' }
  /** UDP to port 53, or to no named port: an exit looks names up for its users, and Tor does not carry that. */
  | { readonly why: 'name-lookup' };

/**
 * Could the reported traffic have come through our exit? impossible: none of it; partly: some of it not; doubtful: maybe not;
 * possible: the exit let such traffic out; unknown: the exit policy of that time is not.
 */
export type Passage = {
  readonly verdict: 'impossible' | 'partly' | 'doubtful' | 'possible' | 'unknown';
  readonly because: readonly PassageReason[];
};

export type AccusedAddress = {
  /** Canonical text (IPv4 dotted, IPv6 as in RFC 5952). */
  readonly ip: string;
  readonly role: 'reported' | 'mentioned';
  readonly standing: Standing;
  readonly node: string | null;
  readonly because: string;
  /** The complaint's time leaves it open: within its window the address was also something else than `standing`. */
  readonly uncertain?: true;
  /** Could it have come through us? Left out where the complaint shows no traffic, or the address was no exit of ours. */
  readonly passage?: Passage;
};

export type Judgement = {
  readonly kind: Kind;
  readonly sender: {
    readonly address: string | null;
    readonly name: string | null;
    /** The personal name to greet, null where there is none that is surely a person's. */
    readonly greeting: string | null;
    readonly automated: boolean | null;
    readonly confidence: number;
    readonly because: readonly Reason[];
  };
  readonly risk: {
    readonly level: RiskLevel | null;
    readonly category: Category | null;
    readonly handling: Handling;
    readonly confidence: number;
    readonly because: readonly Reason[];
  };
  readonly addresses: readonly AccusedAddress[];
  /** at: ISO 8601 UTC where a zone was given; local: "YYYY-MM-DDTHH:MM" where none was; text: as written. */
  readonly event: { readonly at: string | null; readonly local: string | null; readonly text: string | null };
  /** Left out where the complaint shows none. */
  readonly traffic?: Traffic;
  /** ISO 639-1 */
  readonly language: string | null;
  readonly letter: { readonly template: FirstLetter; readonly to: string | null; readonly language: string } | null;
  readonly provider: {
    readonly token: string;
    /** ISO instant, or an ISO 8601 duration counted from the mail's date. */
    readonly deadline: string | null;
    readonly form: string | null;
    /** The original complainant's address where the forward names one. */
    readonly complainant: string | null;
  } | null;
  /** Sealed (child abuse): nothing of the mail may be shown anywhere but to the person who opens the raw mail. */
  readonly sealed: boolean;
  /** dmarc=fail under p=none: at most one automatic letter ever goes to this address. */
  readonly oneLetterOnly: boolean;
  /** Rule ids of the grounds on which a handler is alerted at once (danger to a person, police, threats to the desk ...). */
  readonly alarms: readonly string[];
};
