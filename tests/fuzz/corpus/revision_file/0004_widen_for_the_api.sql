-- revision: 0004
-- revises: 0003
-- message: widen ids and text, add versions, times, soft delete and source keys
-- Why: the API's limits (names of 100 characters, diagnoses of 2,000, treatments of 10,000), genders as FHIR's words, etags
-- from row_version and update_time, soft delete, and imports that can be run again (source_key).
-- Indexes: records_by_patient serves the pages of one patient's records and the chart, and the foreign key; the unique ones
-- answer "is this source row here already".
-- migrate:up
ALTER TABLE medical_records DROP FOREIGN KEY medical_records_patient;

ALTER TABLE patients ADD COLUMN gender_word VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin GENERATED ALWAYS AS
  (CASE WHEN LOWER(TRIM(gender)) IN ('f', 'female', 'w', 'woman') THEN 'female'
        WHEN LOWER(TRIM(gender)) IN ('m', 'male', 'man') THEN 'male'
        WHEN LOWER(TRIM(gender)) IN ('o', 'other', 'd', 'diverse', 'x', 'nonbinary', 'non-binary') THEN 'other'
        ELSE 'unknown' END) STORED AFTER gender;

-- keeps: gender_word holds the word for what gender said
ALTER TABLE patients
  DROP COLUMN gender,
  CHANGE COLUMN gender_word gender VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;

ALTER TABLE patients
  MODIFY COLUMN id BIGINT NOT NULL AUTO_INCREMENT,
  MODIFY COLUMN first_name VARCHAR(100) NOT NULL,
  MODIFY COLUMN last_name VARCHAR(100) NOT NULL,
  ADD COLUMN source_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN row_version BIGINT UNSIGNED NOT NULL DEFAULT 1,
  ADD COLUMN create_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  ADD COLUMN update_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  ADD COLUMN delete_time TIMESTAMP(6) NULL DEFAULT NULL,
  ADD UNIQUE KEY patients_by_source_key (source_key),
  ADD CONSTRAINT patients_gender CHECK (gender IN ('female', 'male', 'other', 'unknown'));

ALTER TABLE medical_records
  MODIFY COLUMN id BIGINT NOT NULL AUTO_INCREMENT,
  MODIFY COLUMN patient_id BIGINT NOT NULL,
  MODIFY COLUMN diagnosis VARCHAR(2000) NOT NULL,
  MODIFY COLUMN treatment TEXT NULL,
  ADD COLUMN source_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN row_version BIGINT UNSIGNED NOT NULL DEFAULT 1,
  ADD COLUMN create_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  ADD COLUMN update_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  ADD COLUMN delete_time TIMESTAMP(6) NULL DEFAULT NULL,
  DROP KEY medical_records_patient,
  ADD KEY records_by_patient (patient_id, admission_date, id),
  ADD UNIQUE KEY records_by_source_key (source_key);

ALTER TABLE medical_records
  ADD CONSTRAINT medical_records_patient FOREIGN KEY (patient_id) REFERENCES patients (id);

-- migrate:down
-- Lost: row versions, times, which rows are deleted, source keys, and text beyond the lower revision's lengths.
ALTER TABLE medical_records DROP FOREIGN KEY medical_records_patient;

ALTER TABLE medical_records
  ADD COLUMN diagnosis_short VARCHAR(255) GENERATED ALWAYS AS (LEFT(diagnosis, 255)) STORED AFTER diagnosis,
  ADD COLUMN treatment_short VARCHAR(255) GENERATED ALWAYS AS (LEFT(treatment, 255)) STORED AFTER treatment;

ALTER TABLE medical_records
  DROP COLUMN diagnosis,
  CHANGE COLUMN diagnosis_short diagnosis VARCHAR(255) NOT NULL,
  DROP COLUMN treatment,
  CHANGE COLUMN treatment_short treatment VARCHAR(255) NULL;

ALTER TABLE medical_records
  MODIFY COLUMN id INT NOT NULL AUTO_INCREMENT,
  MODIFY COLUMN patient_id INT NOT NULL,
  DROP KEY records_by_source_key,
  DROP KEY records_by_patient,
  ADD KEY medical_records_patient (patient_id),
  DROP COLUMN delete_time,
  DROP COLUMN update_time,
  DROP COLUMN create_time,
  DROP COLUMN row_version,
  DROP COLUMN source_key;

ALTER TABLE patients DROP CONSTRAINT patients_gender;

ALTER TABLE patients
  ADD COLUMN first_name_short VARCHAR(50) GENERATED ALWAYS AS (LEFT(first_name, 50)) STORED AFTER first_name,
  ADD COLUMN last_name_short VARCHAR(50) GENERATED ALWAYS AS (LEFT(last_name, 50)) STORED AFTER last_name;

ALTER TABLE patients
  DROP COLUMN first_name,
  CHANGE COLUMN first_name_short first_name VARCHAR(50) NOT NULL,
  DROP COLUMN last_name,
  CHANGE COLUMN last_name_short last_name VARCHAR(50) NOT NULL;

ALTER TABLE patients
  MODIFY COLUMN id INT NOT NULL AUTO_INCREMENT,
  MODIFY COLUMN gender VARCHAR(10) NOT NULL,
  DROP KEY patients_by_source_key,
  DROP COLUMN delete_time,
  DROP COLUMN update_time,
  DROP COLUMN create_time,
  DROP COLUMN row_version,
  DROP COLUMN source_key;

ALTER TABLE medical_records
  ADD CONSTRAINT medical_records_patient FOREIGN KEY (patient_id) REFERENCES patients (id);
