-- +goose Up
-- When a petition made here went to the archive, and from when an officer may
-- send it there. What another site archived has neither, and archived = 1.
ALTER TABLE petitions ADD COLUMN archived_at TEXT COLLATE "C";
ALTER TABLE petitions ADD COLUMN archive_from TEXT COLLATE "C";
CREATE INDEX petitions_archived ON petitions (archived_at, id) WHERE archived_at IS NOT NULL;
CREATE INDEX petitions_ripe ON petitions (archive_from, id) WHERE archive_from IS NOT NULL;
-- What has ended under a law and is not archived yet.
CREATE INDEX petitions_ended ON petitions (profile, id) WHERE archived = 0 AND state IN ('closed', 'refused');
-- What a body was asked and never answered before the archive waits no more.
DROP INDEX petitions_by_body;
CREATE INDEX petitions_by_body ON petitions (body, listed, state, answered_at, answer_by, answer_days, answer_workdays, response_at, archived_at) WHERE body <> '';
