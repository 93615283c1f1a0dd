-- +goose Up
-- Each tenure of a lease has a number, and work commits only in its own tenure.
-- The version before leaves the column alone.
ALTER TABLE leases ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
