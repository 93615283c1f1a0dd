-- +goose Up
-- What a body was handed, and how long it took to answer. answer_by is the last
-- day of a duty that runs (YYYY-MM-DD); the days are those of the answer.
ALTER TABLE petitions ADD COLUMN answer_by TEXT;
ALTER TABLE petitions ADD COLUMN answer_days INTEGER;
ALTER TABLE petitions ADD COLUMN answer_workdays INTEGER;

-- The numbers of all bodies are read from this index alone.
CREATE INDEX petitions_by_body ON petitions (body, listed, state, answered_at, answer_by, answer_days, answer_workdays, response_at) WHERE body <> '';
CREATE INDEX petitions_answer_by ON petitions (answer_by, id) WHERE answer_by IS NOT NULL;

-- Documents of public acts, each under the SHA-256 of its bytes.
CREATE TABLE files (
  hash  BLOB PRIMARY KEY CHECK (length(hash) = 32),
  type  TEXT NOT NULL,
  bytes BLOB NOT NULL
);

-- Which petitions' acts a document belongs to: a document is served while one
-- of them is public.
CREATE TABLE attachments (
  hash        BLOB NOT NULL REFERENCES files (hash),
  petition_id BIGINT NOT NULL REFERENCES petitions (id),
  PRIMARY KEY (hash, petition_id)
) WITHOUT ROWID;

-- Letters to a body about a duty, once of each kind for each term.
CREATE TABLE reminders (
  petition_id BIGINT NOT NULL REFERENCES petitions (id),
  due         TEXT NOT NULL,
  kind        TEXT NOT NULL,
  at          TEXT NOT NULL,
  PRIMARY KEY (petition_id, due, kind)
) WITHOUT ROWID;
