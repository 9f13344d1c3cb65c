-- What the schema service's user may do in the current database; both flavours. Run before the first migration, as
-- `mariadb --defaults-file=… bonnie < schema.sql`: GRANT … ON * means the database that is current.
-- It changes every table and reads none but the ledger's. CREATE is in the ledger's lists because a GRANT on a table
-- that does not exist yet is accepted only with it.
GRANT CREATE, ALTER, DROP, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW, TRIGGER, EVENT ON * TO 'bonnie_schema'@'%';
GRANT CREATE, SELECT, INSERT, UPDATE, DELETE ON bonnie_revisions TO 'bonnie_schema'@'%';
GRANT CREATE, SELECT, INSERT, UPDATE, DELETE ON bonnie_plans TO 'bonnie_schema'@'%';
GRANT CREATE, SELECT, INSERT, UPDATE, DELETE ON bonnie_journal TO 'bonnie_schema'@'%';
GRANT CREATE, SELECT, INSERT, UPDATE, DELETE ON bonnie_lease TO 'bonnie_schema'@'%';
-- Shows InnoDB's tables and transactions, and whether the holder of a lease still has its connection.
GRANT PROCESS ON *.* TO 'bonnie_schema'@'%';
-- Any number of empty databases for proofs, and nothing elsewhere: model files come over the wire.
GRANT ALL PRIVILEGES ON `bonnie\_scratch\_%`.* TO 'bonnie_scratch'@'%';
