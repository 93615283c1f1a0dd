-- +goose Up
-- The days as the public may see them, beside what they are: place_counts has
-- had both from the start. A petition whose public count is behind shows no
-- days until its next step.
ALTER TABLE day_counts ADD COLUMN shown BIGINT NOT NULL DEFAULT 0 CHECK (shown >= 0);
UPDATE day_counts SET shown = count
  WHERE petition_id IN (SELECT id FROM petitions WHERE count = shown);
