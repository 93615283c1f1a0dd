-- +goose Up
-- Times are UTC text of fixed width (2026-01-01T00:00:00.000Z), days are numbers
-- of days since 1970-01-01. Addresses are sealed, their hashes keyed.

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- Locked last, in the order number, event, purged, generation. purged counts
-- the events of drafts that were erased.
CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('number', 1000000), ('event', 0), ('generation', 0), ('purged', 0);

CREATE TABLE profiles (
  id      TEXT NOT NULL,
  version TEXT NOT NULL,
  source  TEXT NOT NULL,
  PRIMARY KEY (id, version)
);

CREATE TABLE bodies (
  id     TEXT PRIMARY KEY,
  place  TEXT NOT NULL,
  record TEXT NOT NULL
);

CREATE TABLE places (
  id   INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE
);

-- record is what was decided (package petition); the other columns follow from
-- it and serve look-ups and order. count and shown belong to the pool.
-- An id is never used again: links name it.
CREATE TABLE petitions (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  uid             BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
  number          BIGINT UNIQUE,
  version         BIGINT NOT NULL,
  origin          TEXT NOT NULL CHECK (origin IN ('here', 'uk-json', 'uk-csv', 'replay')),
  archived        INTEGER NOT NULL CHECK (archived IN (0, 1)),
  listed          INTEGER NOT NULL CHECK (listed IN (0, 1)),
  state           TEXT NOT NULL,
  profile         TEXT NOT NULL,
  profile_version TEXT NOT NULL,
  lang            TEXT NOT NULL,
  body            TEXT NOT NULL,
  place           TEXT NOT NULL,
  record          TEXT NOT NULL,
  salt            BLOB,
  count           BIGINT NOT NULL CHECK (count >= 0),
  shown           BIGINT NOT NULL CHECK (shown >= 0),
  shown_at        TEXT,
  counted_at      TEXT,
  next_threshold  BIGINT NOT NULL,
  next_due        TEXT,
  created_at      TEXT NOT NULL,
  updated_at      TEXT NOT NULL,
  opened_at       TEXT,
  closes_at       TEXT,
  queued_at       TEXT,
  response_at     TEXT,
  answered_at     TEXT,
  debate_at       TEXT,
  debate_on       TEXT,
  debated_at      TEXT,
  debated         INTEGER NOT NULL DEFAULT 0 CHECK (debated IN (0, 1))
);
CREATE INDEX petitions_all     ON petitions (listed, shown DESC, id, archived, state);
CREATE INDEX petitions_state   ON petitions (state, listed, shown DESC, id, archived);
CREATE INDEX petitions_newest  ON petitions (listed, opened_at DESC, id, archived, state);
CREATE INDEX petitions_body    ON petitions (body, listed, shown DESC, id) WHERE body <> '';
CREATE INDEX petitions_closing ON petitions (listed, closes_at, id, archived, state);
CREATE INDEX petitions_refused ON petitions (listed, created_at DESC, id, archived) WHERE state IN ('refused', 'appealed');
CREATE INDEX petitions_due     ON petitions (next_due) WHERE next_due IS NOT NULL;
CREATE INDEX petitions_unshown ON petitions (shown_at) WHERE count <> shown;
CREATE INDEX petitions_queue   ON petitions (queued_at) WHERE state IN ('moderation', 'appealed');
CREATE INDEX petitions_answer  ON petitions (listed, response_at) WHERE response_at IS NOT NULL;
CREATE INDEX petitions_debate  ON petitions (listed, debate_at) WHERE debate_at IS NOT NULL;

CREATE TABLE texts (
  petition_id BIGINT NOT NULL REFERENCES petitions (id),
  version     INTEGER NOT NULL,
  texts       TEXT NOT NULL,
  hash        BLOB NOT NULL,
  PRIMARY KEY (petition_id, version)
) WITHOUT ROWID;

-- Stages reached, for lists; the record holds when and at what threshold.
CREATE TABLE stages (
  petition_id BIGINT NOT NULL REFERENCES petitions (id),
  stage       TEXT NOT NULL,
  PRIMARY KEY (stage, petition_id)
) WITHOUT ROWID;

CREATE TABLE topics (
  petition_id BIGINT NOT NULL REFERENCES petitions (id),
  topic       TEXT NOT NULL,
  PRIMARY KEY (topic, petition_id)
) WITHOUT ROWID;

CREATE VIRTUAL TABLE petition_search USING fts5 (
  title, body, content = '', contentless_delete = 1,
  tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3'
);

-- A document of another site as it stood there.
CREATE TABLE imports (
  petition_id BIGINT PRIMARY KEY REFERENCES petitions (id),
  hash        BLOB NOT NULL,
  document    TEXT,
  listed      TEXT,
  parliament  TEXT
);

CREATE TABLE events (
  seq         BIGINT PRIMARY KEY,
  petition_id BIGINT NOT NULL REFERENCES petitions (id),
  kind        TEXT NOT NULL,
  at          TEXT NOT NULL,
  actor       TEXT NOT NULL,
  data        TEXT NOT NULL
);
CREATE INDEX events_petition ON events (petition_id, seq);

CREATE TABLE cursors (
  name TEXT PRIMARY KEY,
  seq  BIGINT NOT NULL
);

CREATE TABLE leases (
  name   TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until  TEXT NOT NULL
);

-- Never names a person. status: 0 active, 1 withdrawn, 2 invalid; generation
-- counts withdrawals, so that an old link cannot sign again.
CREATE TABLE signatures (
  id          INTEGER PRIMARY KEY,
  petition_id BIGINT NOT NULL REFERENCES petitions (id),
  nullifier   BLOB NOT NULL CHECK (length(nullifier) = 16),
  place       INTEGER NOT NULL,
  day         INTEGER NOT NULL,
  status      INTEGER NOT NULL,
  generation  INTEGER NOT NULL,
  UNIQUE (petition_id, nullifier)
);

CREATE TABLE place_counts (
  petition_id BIGINT NOT NULL REFERENCES petitions (id),
  place       INTEGER NOT NULL,
  count       BIGINT NOT NULL CHECK (count >= 0),
  shown       BIGINT NOT NULL CHECK (shown >= 0),
  PRIMARY KEY (petition_id, place)
) WITHOUT ROWID;

CREATE TABLE day_counts (
  petition_id BIGINT NOT NULL REFERENCES petitions (id),
  day         INTEGER NOT NULL,
  count       BIGINT NOT NULL CHECK (count >= 0),
  PRIMARY KEY (petition_id, day)
) WITHOUT ROWID;

-- How many letters were asked for one signature, and for its withdrawal. Purged
-- after 72 hours where no signature came of it; those for a withdrawal always,
-- so that nobody can use them up for somebody else.
CREATE TABLE pending (
  petition_id BIGINT NOT NULL REFERENCES petitions (id),
  nullifier   BLOB NOT NULL CHECK (length(nullifier) = 16),
  withdrawal  INTEGER NOT NULL CHECK (withdrawal IN (0, 1)),
  letters     INTEGER NOT NULL,
  hour        BIGINT NOT NULL,
  PRIMARY KEY (petition_id, nullifier, withdrawal)
) WITHOUT ROWID;
CREATE INDEX pending_hour ON pending (hour);

-- Not joined to signatures. id is a keyed hash of petition and address, and is
-- the unsubscribe link.
CREATE TABLE subscriptions (
  id           BLOB PRIMARY KEY CHECK (length(id) = 16),
  petition_id  BIGINT NOT NULL REFERENCES petitions (id),
  address      BLOB NOT NULL,
  lang         TEXT NOT NULL,
  active       INTEGER NOT NULL CHECK (active IN (0, 1)),
  hour         BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX subscriptions_petition ON subscriptions (petition_id, id) WHERE active = 1;
CREATE INDEX subscriptions_pending ON subscriptions (hour) WHERE active = 0;

CREATE TABLE contacts (
  petition_id  BIGINT PRIMARY KEY REFERENCES petitions (id),
  address_hash BLOB NOT NULL,
  address      BLOB NOT NULL,
  lang         TEXT NOT NULL
);
CREATE INDEX contacts_address ON contacts (address_hash);

-- Letters that wait. stage: 0 waiting, 1 held by a sender, 2 handed over, the
-- receiver's answer not yet noted. sealed holds address, text and link.
CREATE TABLE outbox (
  id         INTEGER PRIMARY KEY AUTOINCREMENT, -- a slow sender must not erase a later letter
  uid        TEXT NOT NULL UNIQUE,
  kind       TEXT NOT NULL,
  priority   INTEGER NOT NULL,
  sealed     BLOB NOT NULL,
  stage      INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  not_before TEXT NOT NULL,
  holder     TEXT NOT NULL
);
CREATE INDEX outbox_next ON outbox (priority, id) WHERE stage < 2;

-- A letter to all subscribers of a petition, expanded into the outbox in steps.
CREATE TABLE mailings (
  id          INTEGER PRIMARY KEY,
  event_seq   BIGINT NOT NULL,
  kind        TEXT NOT NULL,
  petition_id BIGINT NOT NULL REFERENCES petitions (id),
  args        TEXT NOT NULL,
  last        BLOB NOT NULL,
  done        INTEGER NOT NULL,
  UNIQUE (event_seq, kind)
);

CREATE TABLE staff (
  id           INTEGER PRIMARY KEY,
  address_hash BLOB NOT NULL UNIQUE,
  address      BLOB NOT NULL,
  role         TEXT NOT NULL CHECK (role IN ('moderator', 'officer', 'auditor', 'admin')),
  body         TEXT NOT NULL,
  created_at   TEXT NOT NULL,
  disabled     INTEGER NOT NULL CHECK (disabled IN (0, 1))
);

CREATE TABLE login_links (
  hash       BLOB PRIMARY KEY,
  staff_id   BIGINT NOT NULL REFERENCES staff (id),
  expires_at TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE sessions (
  hash       BLOB PRIMARY KEY,
  staff_id   BIGINT NOT NULL REFERENCES staff (id),
  created_at TEXT NOT NULL,
  seen_at    TEXT NOT NULL,
  expires_at TEXT NOT NULL
) WITHOUT ROWID;
