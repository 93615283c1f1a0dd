-- +goose Up
-- The servers that are up, each until a moment of the database's clock that it
-- moves on while it lives. What one that died had in hand is free then, and the
-- others know how many share the limits. Names are random, made at each start.
CREATE TABLE servers (
  name  TEXT NOT NULL PRIMARY KEY,
  until TEXT NOT NULL
) WITHOUT ROWID;
