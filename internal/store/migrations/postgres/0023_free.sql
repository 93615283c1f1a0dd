-- +goose Up
-- Signatures have had no reference here since 0020, and a batch is one statement
-- that PostgreSQL can take back anyway.
SELECT 1;
