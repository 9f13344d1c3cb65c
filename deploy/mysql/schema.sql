-- What the schema service's user may do in the site's database, which is current; both flavours. Run before the first
-- migration, as `mariadb --defaults-file=… bonnie < schema.sql`: GRANT … ON * means the database that is current.
-- It changes every table and reads none. Grant it no right on a table by name here: it could drop that table and rename
-- another to the name. Its rows are in the ledger's database (ledger.sql).
GRANT CREATE, ALTER, DROP, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW, TRIGGER, EVENT ON * TO 'bonnie_schema'@'%';
-- Shows InnoDB's tables and transactions, and whether the holder of a lease still has its connection.
GRANT PROCESS ON *.* TO 'bonnie_schema'@'%';
-- Any number of empty databases for proofs, and nothing elsewhere: model files come over the wire.
GRANT ALL PRIVILEGES ON `bonnie\_scratch\_%`.* TO 'bonnie_scratch'@'%';
