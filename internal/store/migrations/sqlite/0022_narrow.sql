-- +goose Up
-- Nothing here: an integer takes the bytes that it needs. PostgreSQL's signatures
-- get narrower columns in this step, and a backup is of both engines' schema.
SELECT 1;
