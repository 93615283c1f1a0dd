-- +goose Up
-- What waits for an officer, one narrow row each: due is the deadline, second
-- says that one officer has spoken and another must, words are the folded text,
-- each word after a blank. It follows from the record.
CREATE TABLE desk (
  petition_id BIGINT PRIMARY KEY REFERENCES petitions (id),
  state       TEXT NOT NULL,
  due         TEXT NOT NULL,
  second      INTEGER NOT NULL CHECK (second IN (0, 1)),
  words       TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX desk_due ON desk (due, petition_id, second, state);

-- Who has a case before them; of no effect once until has passed.
CREATE TABLE claims (
  petition_id BIGINT PRIMARY KEY REFERENCES petitions (id),
  staff_id    BIGINT NOT NULL REFERENCES staff (id),
  until       TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX claims_staff ON claims (staff_id);

-- What officers tell each other about a case. Rows are only added.
CREATE TABLE notes (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  petition_id BIGINT NOT NULL REFERENCES petitions (id),
  staff_id    BIGINT NOT NULL REFERENCES staff (id),
  at          TEXT NOT NULL,
  text        TEXT NOT NULL
);
CREATE INDEX notes_petition ON notes (petition_id, id);

-- The second factor. secret is sealed; step is the last step of the clock
-- whose code was used, so that a code works once; proven is 0 until the first.
CREATE TABLE totp (
  staff_id BIGINT PRIMARY KEY REFERENCES staff (id),
  secret   BLOB NOT NULL,
  step     BIGINT NOT NULL,
  proven   INTEGER NOT NULL CHECK (proven IN (0, 1))
) WITHOUT ROWID;
ALTER TABLE sessions ADD COLUMN proven INTEGER NOT NULL DEFAULT 0;
ALTER TABLE login_links ADD COLUMN reset INTEGER NOT NULL DEFAULT 0;
