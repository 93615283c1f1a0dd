-- +goose Up
-- What people and authorities say against a petition or the site, and the
-- register of what authorities demanded. Addresses are sealed.

-- record is package petition's Complaint; the other columns serve the queue.
CREATE TABLE complaints (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  ref         TEXT NOT NULL UNIQUE,
  petition_id BIGINT REFERENCES petitions (id),
  state       TEXT NOT NULL CHECK (state IN ('received', 'decided')),
  decide_by   TEXT NOT NULL,
  record      TEXT NOT NULL,
  address     BLOB
);
CREATE INDEX complaints_queue ON complaints (decide_by, id) WHERE state = 'received';

CREATE TABLE complaint_events (
  complaint_id BIGINT NOT NULL REFERENCES complaints (id),
  kind         TEXT NOT NULL,
  at           TEXT NOT NULL,
  actor        TEXT NOT NULL,
  PRIMARY KEY (complaint_id, kind)
) WITHOUT ROWID;

-- publish_on is the first day on which a demand may be read, '' for at once.
CREATE TABLE demands (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  arrived    TEXT NOT NULL,
  publish_on TEXT NOT NULL,
  record     TEXT NOT NULL
);
CREATE INDEX demands_newest ON demands (arrived DESC, id DESC);

-- How many acts there were, by month: follows the events, written in the
-- transaction that writes them. days is -1 where none are counted.
CREATE TABLE tallies (
  month  TEXT NOT NULL,
  act    TEXT NOT NULL,
  reason TEXT NOT NULL,
  days   INTEGER NOT NULL,
  count  BIGINT NOT NULL,
  PRIMARY KEY (month, act, reason, days)
) WITHOUT ROWID;

-- What happened before there were tallies; the working days of those
-- decisions are not known.
INSERT INTO tallies (month, act, reason, days, count)
SELECT substr(at, 1, 7), CASE kind WHEN 'started' THEN 'submitted' WHEN 'upheld' THEN 'appeal-lost'
    WHEN 'published' THEN CASE actor WHEN 'calendar' THEN 'published-auto' ELSE 'published' END ELSE kind END AS act,
  COALESCE(CASE kind WHEN 'refused' THEN data ->> '$.reason' END, '') AS reason, -1, count(*)
FROM events WHERE kind IN ('started', 'confirmed', 'returned', 'published', 'refused', 'appealed', 'upheld', 'removed')
GROUP BY 1, 2, 3;

CREATE INDEX events_removals ON events (seq) WHERE kind IN ('refused', 'hidden', 'removed', 'withdrawn');
