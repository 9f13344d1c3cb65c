-- MariaDB's part of the schema user's rights: routines' bodies are readable through this table only.
GRANT SELECT ON mysql.proc TO 'bonnie_schema'@'%';
