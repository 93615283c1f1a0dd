-- +goose Up
-- Signatures without what is looked at for each row and says nothing new: the
-- reference to the petition, which PostgreSQL left away in 0020, and the length of
-- the nullifier, which the program has as 16 bytes and nothing else. With either of
-- them SQLite also copies each page that an insert of several rows changes.
-- The file stays as it is: this takes the words out of the table's definition.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql, ' REFERENCES petitions (id)', ''), ' CHECK (length(nullifier) = 16)', '')
WHERE type = 'table' AND name = 'signatures';
PRAGMA writable_schema = RESET;
