-- +goose Up
-- missed says that a term of the moderation ran out already. What has no
-- deadline comes last.
ALTER TABLE desk ADD COLUMN missed INTEGER NOT NULL DEFAULT 0 CHECK (missed IN (0, 1));
UPDATE desk SET missed = 1 WHERE petition_id IN (SELECT id FROM petitions
  WHERE state = 'moderation' AND record ->> '$.escalated' = 1);
UPDATE desk SET due = '9999-12-31T23:59:59.999Z' WHERE due < '1';

-- The few among the many, to be counted without looking at the others.
CREATE INDEX desk_second ON desk (petition_id) WHERE second = 1;
CREATE INDEX desk_appeals ON desk (petition_id) WHERE state = 'appealed';
CREATE INDEX desk_others ON desk (state, due) WHERE state NOT IN ('moderation', 'appealed');
CREATE INDEX desk_missed ON desk (due, petition_id) WHERE missed = 1;

-- The words of the desk as an index, kept by the database itself, so that a
-- restore and an older program keep it, too.
CREATE VIRTUAL TABLE desk_search USING fts5 (
  words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3'
);
INSERT INTO desk_search (rowid, words) SELECT petition_id, words FROM desk;
-- +goose StatementBegin
CREATE TRIGGER desk_search_insert AFTER INSERT ON desk BEGIN
  INSERT INTO desk_search (rowid, words) VALUES (new.petition_id, new.words);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER desk_search_update AFTER UPDATE OF words ON desk WHEN old.words <> new.words BEGIN
  DELETE FROM desk_search WHERE rowid = old.petition_id;
  INSERT INTO desk_search (rowid, words) VALUES (new.petition_id, new.words);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER desk_search_delete AFTER DELETE ON desk BEGIN
  DELETE FROM desk_search WHERE rowid = old.petition_id;
END;
-- +goose StatementEnd

-- Letters about delay, each an act of an officer. form names the form it was
-- sent with: one form is one act. last is the petition up to which letters were
-- written, told how many there were. Rows are never deleted.
CREATE TABLE delay_letters (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  form     TEXT NOT NULL UNIQUE,
  at       TEXT NOT NULL,
  staff_id BIGINT NOT NULL REFERENCES staff (id),
  record   TEXT NOT NULL,
  last     BIGINT NOT NULL,
  told     BIGINT NOT NULL,
  done     INTEGER NOT NULL CHECK (done IN (0, 1))
);
CREATE INDEX delay_letters_open ON delay_letters (id) WHERE done = 0;

-- Who was written to so far; emptied when an act is done.
CREATE TABLE delay_told (
  letter_id    BIGINT NOT NULL REFERENCES delay_letters (id),
  address_hash BLOB NOT NULL,
  PRIMARY KEY (letter_id, address_hash)
) WITHOUT ROWID;
