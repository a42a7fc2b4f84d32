-- The desk's record. Instants are integer milliseconds UTC. JSON stands only in body columns; whatever is searched is a column.
-- Every row has a natural key, so that doing anything twice is a no-op.

CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a message of a mailbox folder. The raw bytes are kept once per content (raw_mails).
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

-- Which accused hosts a case relies on.
CREATE TABLE case_nodes (
  case_id INTEGER NOT NULL REFERENCES cases (id),
  node    TEXT NOT NULL,
  PRIMARY KEY (node, case_id)
) STRICT, WITHOUT ROWID;

-- Append-only: every event, and why the decision was what it was.
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

-- Effects happen only from these rows, after commit.
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

-- The exact bytes of everything that left or was about to, and what became of it.
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

-- Host checks: findings and the lines that led to them, never dumps.
CREATE TABLE checks (
  id      INTEGER PRIMARY KEY,
  node    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('clean', 'suspicious', 'could-not-check')),
  body    TEXT NOT NULL CHECK (json_valid(body))
) STRICT;
CREATE INDEX checks_of_node ON checks (node, at);

-- A node under suspicion: no letter of any kind leaves for it until a handler clears it.
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

-- What a handler looked at when clearing a node: the same line does not make it suspicious again.
CREATE TABLE cleared_findings (
  node TEXT NOT NULL,
  rule TEXT NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (node, rule, line)
) STRICT, WITHOUT ROWID;

-- What a handler accepted as normal on a node.
CREATE TABLE baselines (
  node TEXT PRIMARY KEY,
  at   INTEGER NOT NULL,
  by   TEXT NOT NULL,
  body TEXT NOT NULL CHECK (json_valid(body))
) STRICT, WITHOUT ROWID;

-- A hard bounce came from here: no automatic letter goes there again.
CREATE TABLE dead_addresses (
  address TEXT PRIMARY KEY,
  since   INTEGER NOT NULL,
  mail_id INTEGER NOT NULL REFERENCES mails (id)
) STRICT, WITHOUT ROWID;

-- What the daemon is doing, for `health`: one row a loop or connection.
CREATE TABLE pulse (
  part       TEXT PRIMARY KEY,
  ok_at      INTEGER,
  failed_at  INTEGER,
  failing_since INTEGER,
  detail     TEXT
) STRICT, WITHOUT ROWID;
