-- +goose Up
-- Letters leave by class, and within a class the petitions take turns (lane).
-- Stage 0 is ready to be claimed; stage 1 waits for the moment not_before: a
-- back-off when holder is '', otherwise the end of a sender's hold.
ALTER TABLE outbox ADD COLUMN lane BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN queued_at TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE outbox SET queued_at = not_before;
UPDATE outbox SET stage = 1 WHERE stage = 0;
DROP INDEX outbox_next;
CREATE INDEX outbox_ready ON outbox (priority, lane, id) WHERE stage = 0;
CREATE INDEX outbox_later ON outbox (not_before) WHERE stage = 1;

-- How many letters ended how: by day and class, of nobody.
CREATE TABLE letter_counts (
  day      TEXT COLLATE "C" NOT NULL,
  priority INTEGER NOT NULL,
  result   TEXT COLLATE "C" NOT NULL,
  count    BIGINT NOT NULL,
  PRIMARY KEY (day, priority, result)
);

-- done: 0 goes on, 1 is finished, 2 paused, 3 stopped by an officer. made is
-- how many letters were made, audience how many subscribers there were at the
-- beginning.
ALTER TABLE mailings ADD COLUMN made BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mailings ADD COLUMN audience BIGINT NOT NULL DEFAULT 0;
CREATE INDEX mailings_open ON mailings (made, id) WHERE done = 0;

-- How often the address was refused for good; nothing says which it is.
ALTER TABLE subscriptions ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
