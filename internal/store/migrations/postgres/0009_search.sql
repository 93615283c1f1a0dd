-- +goose Up
-- The different words of each public petition, as package search writes them;
-- '' takes one out. seq grows with every change, so that every server can bring
-- its index in memory up to date.
CREATE TABLE petition_words (
  petition_id BIGINT PRIMARY KEY REFERENCES petitions (id),
  seq         BIGINT NOT NULL,
  words       TEXT COLLATE "C" NOT NULL
);
CREATE INDEX petition_words_seq ON petition_words (seq);

-- search is the last seq, search_anew that at which all rows were made again;
-- both are locked between purged and generation.
INSERT INTO counters (name, value) VALUES ('search', 0), ('search_anew', 0);

DROP TABLE petition_search;
