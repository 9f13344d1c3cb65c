-- revision: 0001
-- revises:
-- message: create patients and medical_records
-- Why: the two tables as the seed project had them.
-- migrate:up
CREATE TABLE patients (
  id INT NOT NULL AUTO_INCREMENT,
  first_name VARCHAR(50) NOT NULL,
  last_name VARCHAR(50) NOT NULL,
  date_of_birth DATE NOT NULL,
  gender VARCHAR(10) NOT NULL,
  contact_number VARCHAR(20) NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE medical_records (
  id INT NOT NULL AUTO_INCREMENT,
  patient_id INT NOT NULL,
  diagnosis VARCHAR(255) NOT NULL,
  treatment VARCHAR(255) NULL,
  admission_date DATE NOT NULL,
  discharge_date DATE NULL,
  PRIMARY KEY (id),
  KEY medical_records_patient (patient_id),
  CONSTRAINT medical_records_patient FOREIGN KEY (patient_id) REFERENCES patients (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- migrate:down
DROP TABLE medical_records;

DROP TABLE patients;
