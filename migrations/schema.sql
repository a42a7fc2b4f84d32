CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mails (
  id           INTEGER PRIMARY KEY,
  mailbox      TEXT NOT NULL,
  uid_validity TEXT NOT NULL,
  uid          TEXT NOT NULL,
  uid_number   INTEGER,
  folder       TEXT NOT NULL CHECK (folder IN ('inbox', 'sent')),
  content_hash TEXT NOT NULL,
  size         INTEGER NOT NULL,
  truncated    INTEGER NOT NULL CHECK (truncated IN (0, 1)),
  arrived_at   INTEGER NOT NULL,
  filed_at     INTEGER NOT NULL,
  -- filed: bytes are safe, nothing else happened. Every other value is an end.
  stage        TEXT NOT NULL CHECK (stage IN ('filed', 'case', 'linked', 'listed', 'duplicate', 'own-copy', 'backlog')),
  kind         TEXT,
  case_id      INTEGER REFERENCES cases (id),
  -- 1: a person has to look at this mail (fits no case, unreadable, over the limit)
  to_person    INTEGER NOT NULL DEFAULT 0 CHECK (to_person IN (0, 1)),
  sealed       INTEGER NOT NULL DEFAULT 0 CHECK (sealed IN (0, 1)),
  message_id   TEXT,
  sender       TEXT,
  subject      TEXT,
  judgement    TEXT CHECK (judgement IS NULL OR json_valid(judgement)),
  note         TEXT,
  UNIQUE (mailbox, uid_validity, uid)
) STRICT;

CREATE INDEX mails_to_read ON mails (id) WHERE stage = 'filed';

CREATE INDEX mails_by_content ON mails (content_hash, id);

CREATE INDEX mails_by_filing ON mails (filed_at);

CREATE INDEX mails_highest_uid ON mails (mailbox, uid_validity, uid_number);

CREATE INDEX mails_by_message_id ON mails (message_id) WHERE case_id IS NOT NULL AND message_id IS NOT NULL;

CREATE INDEX mails_of_case ON mails (case_id) WHERE case_id IS NOT NULL;

CREATE TABLE raw_mails (
  content_hash TEXT PRIMARY KEY,
  -- deflate-compressed
  bytes        BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cases (
  id         INTEGER PRIMARY KEY,
  mail_id    INTEGER NOT NULL UNIQUE REFERENCES mails (id),
  state      TEXT NOT NULL CHECK (state IN ('received', 'checking', 'needs-person', 'answering', 'awaiting-answer',
                                            'followed-up', 'in-discussion', 'reopened', 'closed')),
  waits_for_person INTEGER NOT NULL CHECK (waits_for_person IN (0, 1)),
  opened_at  INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  closed_at  INTEGER,
  outcome    TEXT,
  risk       TEXT,
  category   TEXT,
  automated  INTEGER CHECK (automated IN (0, 1)),
  sender     TEXT,
  domain     TEXT,
  body       TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

CREATE INDEX cases_by_state ON cases (state, id);

CREATE INDEX cases_waiting ON cases (id) WHERE waits_for_person = 1;

CREATE INDEX cases_by_opening ON cases (opened_at);

CREATE INDEX cases_by_closing ON cases (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE case_nodes (
  case_id INTEGER NOT NULL REFERENCES cases (id),
  node    TEXT NOT NULL,
  PRIMARY KEY (node, case_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
  id      INTEGER PRIMARY KEY,
  case_id INTEGER NOT NULL REFERENCES cases (id),
  key     TEXT NOT NULL UNIQUE,
  at      INTEGER NOT NULL,
  type    TEXT NOT NULL,
  by      TEXT,
  event   TEXT NOT NULL CHECK (json_valid(event)),
  state   TEXT NOT NULL,
  because TEXT NOT NULL
) STRICT;

CREATE INDEX journal_of_case ON journal (case_id, id);

CREATE TABLE timers (
  case_id INTEGER NOT NULL REFERENCES cases (id),
  kind    TEXT NOT NULL CHECK (kind IN ('check-retry', 'follow-up', 'close', 'provider-deadline')),
  due_at  INTEGER NOT NULL,
  PRIMARY KEY (case_id, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX timers_due ON timers (due_at);

CREATE TABLE outbox (
  id         INTEGER PRIMARY KEY,
  key        TEXT NOT NULL UNIQUE,
  lane       TEXT NOT NULL CHECK (lane IN ('mail', 'host')),
  type       TEXT NOT NULL CHECK (type IN ('check-host', 'send-letter', 'alert', 'desk-alert', 'digest',
                                           'file-sent-copy')),
  case_id    INTEGER REFERENCES cases (id),
  body       TEXT NOT NULL CHECK (json_valid(body)),
  -- due: waits for not_before. doing: an effect may be under way. held: waits for a handler. parked: given up, a person
  -- looks. unknown: nobody knows whether it happened. done: settled.
  status     TEXT NOT NULL CHECK (status IN ('due', 'doing', 'held', 'parked', 'unknown', 'done')),
  attempts   INTEGER NOT NULL DEFAULT 0,
  -- how often the process died while this was under way
  interruptions INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  settled_at INTEGER,
  result     TEXT,
  held_node  TEXT
) STRICT;

CREATE INDEX outbox_due ON outbox (lane, not_before, id) WHERE status = 'due';

CREATE INDEX outbox_by_status ON outbox (status, id);

CREATE TABLE letters (
  id         INTEGER PRIMARY KEY,
  outbox_id  INTEGER NOT NULL UNIQUE REFERENCES outbox (id),
  case_id    INTEGER REFERENCES cases (id),
  message_id TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  slot       TEXT,
  recipient  TEXT NOT NULL,
  domain     TEXT NOT NULL,
  automatic  INTEGER NOT NULL CHECK (automatic IN (0, 1)),
  envelope   TEXT NOT NULL CHECK (json_valid(envelope)),
  bytes      BLOB NOT NULL,
  status     TEXT NOT NULL CHECK (status IN ('waiting', 'sending', 'accepted', 'failed', 'unknown', 'would-send')),
  composed_at INTEGER NOT NULL,
  -- when SMTP took it; what the budgets count
  left_at    INTEGER,
  response   TEXT
) STRICT;

CREATE INDEX letters_to_address ON letters (recipient, left_at) WHERE case_id IS NOT NULL;

CREATE INDEX letters_to_domain ON letters (domain, left_at) WHERE case_id IS NOT NULL;

CREATE INDEX letters_by_time ON letters (left_at) WHERE case_id IS NOT NULL;

CREATE INDEX letters_of_case ON letters (case_id, id) WHERE case_id IS NOT NULL;

CREATE TABLE checks (
  id      INTEGER PRIMARY KEY,
  node    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('clean', 'suspicious', 'could-not-check')),
  body    TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

CREATE INDEX checks_of_node ON checks (node, at);

CREATE TABLE suspect_nodes (
  node     TEXT PRIMARY KEY,
  since    INTEGER NOT NULL,
  check_id INTEGER NOT NULL REFERENCES checks (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE clearings (
  id       INTEGER PRIMARY KEY,
  node     TEXT NOT NULL,
  at       INTEGER NOT NULL,
  by       TEXT NOT NULL,
  note     TEXT NOT NULL,
  check_id INTEGER NOT NULL REFERENCES checks (id)
) STRICT;

CREATE INDEX clearings_of_node ON clearings (node, at);

CREATE TABLE cleared_findings (
  node TEXT NOT NULL,
  rule TEXT NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (node, rule, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE baselines (
  node TEXT PRIMARY KEY,
  at   INTEGER NOT NULL,
  by   TEXT NOT NULL,
  body TEXT NOT NULL CHECK (json_valid(body))
) STRICT, WITHOUT ROWID;

CREATE TABLE dead_addresses (
  address TEXT PRIMARY KEY,
  since   INTEGER NOT NULL,
  mail_id INTEGER NOT NULL REFERENCES mails (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE pulse (
  part       TEXT PRIMARY KEY,
  ok_at      INTEGER,
  failed_at  INTEGER,
  failing_since INTEGER,
  detail     TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE public_sources (
  id           INTEGER PRIMARY KEY,
  -- form, URL and what is asked for: what makes it this source. Another URL is another source, with a history of its own.
  identity     TEXT NOT NULL UNIQUE,
  name         TEXT NOT NULL,
  -- 0: not in the configuration any more; its history stays
  configured   INTEGER NOT NULL CHECK (configured IN (0, 1)),
  -- 1: it shows every exit there is; 0: some relays only, so that what it does not show proves nothing
  complete     INTEGER NOT NULL CHECK (complete IN (0, 1)),
  -- collections that lie no further apart leave nothing out between them
  gap_ms       INTEGER NOT NULL,
  -- when it may be asked again
  next_at      INTEGER NOT NULL,
  attempted_at INTEGER,
  failures     INTEGER NOT NULL DEFAULT 0,
  failing_since INTEGER,
  trouble      TEXT,
  -- of the last document that was taken: what the next request asks by, and what the next document is measured against
  etag         TEXT,
  last_modified TEXT,
  content_hash TEXT,
  unchanged_since INTEGER,
  -- 1: its documents say of which instant they speak
  dated        INTEGER NOT NULL DEFAULT 0 CHECK (dated IN (0, 1)),
  exits_v4     INTEGER,
  exits_v6     INTEGER,
  as_of        INTEGER,
  covered_from INTEGER
) STRICT;

CREATE TABLE public_collections (
  id           INTEGER PRIMARY KEY,
  source_id    INTEGER NOT NULL REFERENCES public_sources (id),
  at           INTEGER NOT NULL,
  outcome      TEXT NOT NULL CHECK (outcome IN ('taken', 'unchanged', 'older', 'stale', 'implausible', 'failed')),
  -- of which instant it speaks, and since when no collection is missing up to it; NULL where it says nothing new
  as_of        INTEGER,
  covered_from INTEGER,
  exits_v4     INTEGER NOT NULL DEFAULT 0,
  exits_v6     INTEGER NOT NULL DEFAULT 0,
  junk         INTEGER NOT NULL DEFAULT 0,
  bytes        INTEGER NOT NULL DEFAULT 0,
  note         TEXT
) STRICT;

CREATE INDEX public_collections_by_instant ON public_collections (source_id, as_of) WHERE as_of IS NOT NULL;

CREATE INDEX public_collections_by_time ON public_collections (source_id, at);

CREATE TABLE public_relays (
  id          INTEGER PRIMARY KEY,
  fingerprint BLOB NOT NULL UNIQUE,
  -- 1: its ContactInfo is ours, by the last document that showed it
  names_us    INTEGER NOT NULL DEFAULT 0 CHECK (names_us IN (0, 1))
) STRICT;

CREATE INDEX public_relays_that_name_us ON public_relays (id) WHERE names_us = 1;

CREATE TABLE public_spans (
  -- 4 or 16 bytes, so that prefixes are ranges
  address   BLOB NOT NULL,
  source_id INTEGER NOT NULL REFERENCES public_sources (id),
  relay_id  INTEGER NOT NULL REFERENCES public_relays (id),
  first_at  INTEGER NOT NULL,
  -- NULL: shown to the last, which is as_of of its source
  last_at   INTEGER,
  PRIMARY KEY (address, source_id, relay_id, first_at),
  CHECK (last_at IS NULL OR last_at >= first_at)
) STRICT, WITHOUT ROWID;

CREATE INDEX public_spans_going_on ON public_spans (source_id) WHERE last_at IS NULL;

CREATE INDEX public_spans_ended ON public_spans (last_at) WHERE last_at IS NOT NULL;
