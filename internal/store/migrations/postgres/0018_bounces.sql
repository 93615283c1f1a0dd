-- +goose Up
-- Letters that came back and were counted: a keyed hash of each letter's tag, so
-- that a report that comes twice counts once. Rows are kept for some weeks.
CREATE TABLE bounces (
  tag BYTEA NOT NULL PRIMARY KEY,
  day TEXT COLLATE "C" NOT NULL
);
CREATE INDEX bounces_day ON bounces (day);
