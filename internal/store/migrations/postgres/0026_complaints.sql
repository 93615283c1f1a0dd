-- +goose Up
-- The petitioner's page asks for the complaints about one petition.
CREATE INDEX complaints_petition ON complaints (petition_id);
