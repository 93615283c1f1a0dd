-- +goose Up
-- The schema that each server knows. PostgreSQL's signatures get narrower columns
-- in this step; SQLite's integers take the bytes that they need.
ALTER TABLE servers ADD COLUMN knows INTEGER NOT NULL DEFAULT 0;
