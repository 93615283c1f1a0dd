-- +goose Up
-- What a body was handed, and how long it took to answer. answer_by is the last
-- day of a duty that runs (YYYY-MM-DD); the days are those of the answer.
ALTER TABLE petitions ADD COLUMN answer_by TEXT COLLATE "C";
ALTER TABLE petitions ADD COLUMN answer_days INTEGER;
ALTER TABLE petitions ADD COLUMN answer_workdays INTEGER;

-- The numbers of all bodies are read from this index alone.
CREATE INDEX petitions_by_body ON petitions (body, listed, state, answered_at, answer_by, answer_days, answer_workdays, response_at) WHERE body <> '';
CREATE INDEX petitions_answer_by ON petitions (answer_by, id) WHERE answer_by IS NOT NULL;

-- Documents of public acts, each under the SHA-256 of its bytes.
CREATE TABLE files (
  hash  BYTEA PRIMARY KEY CHECK (octet_length(hash) = 32),
  type  TEXT COLLATE "C" NOT NULL,
  bytes BYTEA NOT NULL
);

-- Which petitions' acts a document belongs to: a document is served while one
-- of them is public.
CREATE TABLE attachments (
  hash        BYTEA NOT NULL REFERENCES files (hash),
  petition_id BIGINT NOT NULL REFERENCES petitions (id),
  PRIMARY KEY (hash, petition_id)
);

-- Letters to a body about a duty, once of each kind for each term.
CREATE TABLE reminders (
  petition_id BIGINT NOT NULL REFERENCES petitions (id),
  due         TEXT COLLATE "C" NOT NULL,
  kind        TEXT COLLATE "C" NOT NULL,
  at          TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (petition_id, due, kind)
);
