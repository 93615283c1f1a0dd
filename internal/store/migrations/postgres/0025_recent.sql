-- +goose Up
-- SQLite keeps the signatures of a crowd beside the table for a while. PostgreSQL
-- writes a few bytes of log for a changed page of an index, not the page.
SELECT 1;
