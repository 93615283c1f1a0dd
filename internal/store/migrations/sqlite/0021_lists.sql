-- +goose Up
-- What was answered and what was debated, the latest first: the first page asks
-- for both whenever something public changes, and walked through all petitions.
CREATE INDEX petitions_answered ON petitions (listed, answered_at DESC, id) WHERE answered_at IS NOT NULL;
CREATE INDEX petitions_debated  ON petitions (listed, debated_at DESC, id) WHERE debated = 1;
