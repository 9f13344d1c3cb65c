-- What only MySQL has.
CREATE TABLE my_functional (id int PRIMARY KEY, a varchar(30), b json, KEY f ((lower(a))), KEY g ((a + 1) DESC, id), KEY h ((cast(b->'$.tags' AS char(20) ARRAY))), UNIQUE KEY i ((concat(a, 'it''s'))));
CREATE TABLE my_invisible (id int PRIMARY KEY, a int, KEY hidden (a) INVISIBLE, CONSTRAINT lax CHECK (a > 0) NOT ENFORCED);
CREATE TABLE my_srid (a point NOT NULL SRID 4326, SPATIAL KEY (a));
CREATE TABLE my_ngram (id int PRIMARY KEY, a text, FULLTEXT KEY n (a) WITH PARSER ngram COMMENT 'x');
CREATE TABLE my_options (id int PRIMARY KEY, a varchar(5) COLUMN_FORMAT FIXED STORAGE DISK) TABLESPACE innodb_file_per_table AUTOEXTEND_SIZE=4M COMPRESSION='zlib' ENCRYPTION='N';
CREATE TABLE my_vector (id int PRIMARY KEY, v vector(3));
CREATE TABLE my_collations (a varchar(9) COLLATE utf8mb4_0900_as_cs, b varchar(9) COLLATE utf8mb4_ja_0900_as_cs);
CREATE TABLE my_attribute (id int PRIMARY KEY, a json DEFAULT (json_object('a', 1)), b varchar(20) DEFAULT (concat('it''s', '💩')));
CREATE TABLE archive_table (id int, a text) ENGINE=ARCHIVE;
CREATE TABLE blackhole_table (id int) ENGINE=BLACKHOLE;
SET SESSION sql_generate_invisible_primary_key = 1;
CREATE TABLE my_generated_key (a int);
