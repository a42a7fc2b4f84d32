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

export type AccusedAddress = {
  /** Canonical text (IPv4 dotted, IPv6 as in RFC 5952). */
  readonly ip: string;
  readonly role: 'reported' | 'mentioned';
  readonly standing: Standing;
  readonly node: string | null;
  readonly because: string;
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
