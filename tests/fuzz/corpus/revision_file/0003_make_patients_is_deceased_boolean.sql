-- revision: 0003
-- revises: 0002
-- message: make patients.is_deceased a boolean
-- Why: text that means yes or no is compared in as many ways as it is written.
-- How: by DDL alone, because the user that runs migrations may not read patients: a stored generated column computes the
-- new values and follows every write, until it is made plain and takes the old column's place in one statement.
-- migrate:up
-- A row whose text says neither yes nor no stops here, before anything has changed: correct that row, then run again.
ALTER TABLE patients ADD CONSTRAINT is_deceased_says_yes_or_no CHECK (LOWER(TRIM(is_deceased)) IN
  ('yes', 'y', 'true', 't', '1', 'deceased', 'dead', '', 'no', 'n', 'false', 'f', '0', 'alive', 'living'));

ALTER TABLE patients ADD COLUMN is_deceased_flag TINYINT(1) GENERATED ALWAYS AS
  (CASE WHEN LOWER(TRIM(is_deceased)) IN ('yes', 'y', 'true', 't', '1', 'deceased', 'dead') THEN 1 ELSE 0 END) STORED;

-- keeps: is_deceased_flag holds what the text said
ALTER TABLE patients
  DROP CONSTRAINT is_deceased_says_yes_or_no,
  DROP COLUMN is_deceased,
  CHANGE COLUMN is_deceased_flag is_deceased TINYINT(1) NOT NULL DEFAULT 0;

-- migrate:down
ALTER TABLE patients ADD COLUMN is_deceased_text VARCHAR(30) GENERATED ALWAYS AS
  (CASE WHEN is_deceased THEN 'yes' ELSE 'no' END) STORED;

-- keeps: is_deceased_text holds what the flag said
ALTER TABLE patients
  DROP COLUMN is_deceased,
  CHANGE COLUMN is_deceased_text is_deceased VARCHAR(30) NOT NULL DEFAULT 'no';
