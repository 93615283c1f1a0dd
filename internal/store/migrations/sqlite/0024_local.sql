-- +goose Up
-- The most signed petitions of a place. Only cells that the public may see are
-- in it, and they move with the steps of the public count: no signature pays.
CREATE INDEX place_counts_shown ON place_counts (place, shown DESC, petition_id) WHERE shown >= 10;
