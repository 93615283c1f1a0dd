-- +goose Up
-- Signatures without what nothing asks for: the reference to the petition, which
-- cost a query for each row (the petition's row is locked before, and its count
-- written behind, so that it is there), and the id with its index, which also
-- told in which order people signed. The key is what it always was. Programs of
-- before write and read neither.
ALTER TABLE signatures DROP CONSTRAINT signatures_petition_id_fkey;
ALTER TABLE signatures DROP COLUMN id;
ALTER TABLE signatures REPLICA IDENTITY USING INDEX signatures_petition_id_nullifier_key;

-- Counters are written with every commit: room beside each row keeps the new
-- version on its page, where the old one is cleared away, out of the indexes.
ALTER TABLE place_counts SET (fillfactor = 40);
ALTER TABLE day_counts SET (fillfactor = 40);
