-- +goose Up
-- When a server of this site last said that it is up. One row; it belongs to
-- the processes that run now and is in no backup.
CREATE TABLE heartbeats (
  name TEXT PRIMARY KEY,
  at   TEXT NOT NULL
);

-- Times in which none did. given is 1 once every window that ran has its days back.
CREATE TABLE outages (
  from_at TEXT PRIMARY KEY,
  to_at   TEXT NOT NULL,
  given   INTEGER NOT NULL CHECK (given IN (0, 1))
);
