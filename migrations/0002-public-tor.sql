-- Public Tor data: confirmation of the inventory, never the truth. Instants are ms UTC.

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

-- Every attempt to collect, and what came of it.
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
-- The relay of the sources that name none.
INSERT INTO public_relays (id, fingerprint) VALUES (0, x'');
CREATE INDEX public_relays_that_name_us ON public_relays (id) WHERE names_us = 1;

-- In which spans a source showed an address as an exit.
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
