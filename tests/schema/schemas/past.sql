-- Tables with a past.
CREATE TABLE had_fulltext (id int PRIMARY KEY, a text, FULLTEXT KEY f (a));
ALTER TABLE had_fulltext DROP KEY f;
CREATE TABLE had_instant (id int PRIMARY KEY, a int);
ALTER TABLE had_instant ADD COLUMN b varchar(9) DEFAULT 'x' AFTER id, ALGORITHM=INSTANT;
ALTER TABLE had_instant DROP COLUMN a;
ALTER TABLE had_instant ADD COLUMN c int NOT NULL DEFAULT 7 FIRST;
CREATE TABLE had_latin1 (id int PRIMARY KEY, a varchar(9), b text) DEFAULT CHARSET=latin1;
ALTER TABLE had_latin1 DEFAULT CHARSET=utf8mb4;
CREATE TABLE had_redundant (id int PRIMARY KEY, a int NOT NULL) ROW_FORMAT=REDUNDANT;
ALTER TABLE had_redundant MODIFY a int NULL;
CREATE TABLE had_other_name (id int PRIMARY KEY, a int, CONSTRAINT positive_a CHECK (a > 0), KEY (a));
ALTER TABLE had_other_name CHANGE id renamed_id int NOT NULL;
RENAME TABLE had_other_name TO has_new_name;
CREATE TABLE had_converted (id int PRIMARY KEY, a varchar(20), b tinytext) DEFAULT CHARSET=latin1;
ALTER TABLE had_converted CONVERT TO CHARACTER SET utf8mb4;
CREATE TABLE had_partitions (id int PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2;
ALTER TABLE had_partitions REMOVE PARTITIONING;
