-- What the records service's user may do in the current database; both flavours. Run after migrating, as
-- `mariadb --defaults-file=… bonnie < records.sql`: a GRANT on a missing table fails. Run again when a revision adds
-- a table. No DDL. ledger.sql lets it read which revision the tables are at.
GRANT SELECT, INSERT, UPDATE, DELETE ON patients TO 'bonnie_records'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON medical_records TO 'bonnie_records'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON request_log TO 'bonnie_records'@'%';
