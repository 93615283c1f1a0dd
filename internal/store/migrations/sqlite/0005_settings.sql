-- +goose Up
-- What the operator decided about the site. The counter is the version of the
-- settings; whoever changes one takes it first, so that changes queue.
INSERT INTO counters (name, value) VALUES ('settings', 0);

CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- Only ever added to. Also the acts about bodies (body:ID) and staff (staff:ID).
CREATE TABLE settings_acts (
  id        INTEGER PRIMARY KEY,
  at        TEXT NOT NULL,
  actor     BIGINT NOT NULL,
  name      TEXT NOT NULL,
  old_value TEXT NOT NULL,
  new_value TEXT NOT NULL
);

CREATE TABLE place_sets (
  hash TEXT PRIMARY KEY,
  csv  TEXT NOT NULL
);

-- Links to the first run; used ones stay, so that a second use is told apart.
CREATE TABLE setup_links (
  hash       BLOB PRIMARY KEY,
  expires_at TEXT NOT NULL,
  used       INTEGER NOT NULL CHECK (used IN (0, 1))
) WITHOUT ROWID;

-- The answers of an unfinished first run, sealed.
CREATE TABLE setup_draft (
  name   TEXT PRIMARY KEY,
  sealed BLOB NOT NULL
);
