-- +goose Up
-- Names of organisations that petition, with what a reader would confuse them by.
CREATE TABLE org_names (
  petition_id BIGINT PRIMARY KEY REFERENCES petitions (id),
  skeleton    TEXT NOT NULL,
  name        TEXT NOT NULL
);
CREATE INDEX org_names_skeleton ON org_names (skeleton);

-- News that wait for a moderator; the words are in the record.
CREATE TABLE news_waiting (
  petition_id BIGINT PRIMARY KEY REFERENCES petitions (id),
  at          TEXT NOT NULL
);
CREATE INDEX news_waiting_at ON news_waiting (at);
