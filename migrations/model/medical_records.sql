-- What was found and done, from admission to discharge; many to a patient.
CREATE TABLE medical_records (
  id BIGINT NOT NULL AUTO_INCREMENT,
  patient_id BIGINT NOT NULL,
  diagnosis VARCHAR(2000) NOT NULL,
  treatment TEXT NULL,
  admission_date DATE NOT NULL,
  discharge_date DATE NULL,
  source_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  row_version BIGINT UNSIGNED NOT NULL DEFAULT 1,
  create_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  update_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  delete_time TIMESTAMP(6) NULL DEFAULT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY records_by_source_key (source_key),
  KEY records_by_patient (patient_id, admission_date, id),
  CONSTRAINT medical_records_patient FOREIGN KEY (patient_id) REFERENCES patients (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
