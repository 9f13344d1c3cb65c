-- revision: 0002
-- revises: 0001
-- message: add patients.is_deceased
-- Why: as the seed project did, with a default so that the rows which are there say something.
-- migrate:up
ALTER TABLE patients ADD COLUMN is_deceased VARCHAR(30) NOT NULL DEFAULT 'no';

-- migrate:down
ALTER TABLE patients DROP COLUMN is_deceased;
