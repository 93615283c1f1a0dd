-- +goose Up
-- The signatures of a crowd, before they are in the table: a row is what one commit
-- counted for a petition on a day. people is an object of JSONB, the key of the
-- place by the nullifier's 16 bytes. A signature that is in both stands as the
-- table has it. An id never comes twice.
CREATE TABLE recent (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  petition_id BIGINT NOT NULL,
  day         INTEGER NOT NULL,
  generation  INTEGER NOT NULL,
  people      BLOB NOT NULL
);
