-- Indexes, foreign keys and checks.
CREATE TABLE parents (id int NOT NULL, code varchar(20) NOT NULL, a int NOT NULL, b int NOT NULL, PRIMARY KEY (id), UNIQUE KEY (code), UNIQUE KEY pair (a, b));
CREATE TABLE children (id int PRIMARY KEY, parent int, code varchar(20), a int, b int, c int, CONSTRAINT by_id FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE ON UPDATE CASCADE, CONSTRAINT `by ``code` FOREIGN KEY (code) REFERENCES parents (code) ON DELETE SET NULL, FOREIGN KEY (a, b) REFERENCES parents (a, b) ON DELETE RESTRICT ON UPDATE NO ACTION, FOREIGN KEY (c) REFERENCES parents (id));
CREATE TABLE trees (id int PRIMARY KEY, parent int, KEY up (parent), CONSTRAINT tree_up FOREIGN KEY (parent) REFERENCES trees (id));
CREATE TABLE cycle_a (id int PRIMARY KEY, b int);
CREATE TABLE cycle_b (id int PRIMARY KEY, a int, CONSTRAINT cycle_to_a FOREIGN KEY (a) REFERENCES cycle_a (id));
ALTER TABLE cycle_a ADD CONSTRAINT cycle_to_b FOREIGN KEY (b) REFERENCES cycle_b (id) ON DELETE SET NULL;
CREATE TABLE indexes_of_all_kinds (id int, a varchar(300), b text, c varbinary(300), d int, PRIMARY KEY (id, d), UNIQUE KEY u (a(10)), KEY p (b(20), a(5)), KEY q (d DESC, id), KEY r (c(7)) COMMENT 'it''s', KEY s (d) USING BTREE, KEY t (d, id), KEY t2 (d, id));
CREATE TABLE fulltexts (id int PRIMARY KEY, a varchar(99), b text, FULLTEXT KEY one (a), FULLTEXT KEY both_of (a, b) COMMENT 'two');
CREATE TABLE spatials (id int PRIMARY KEY, a point NOT NULL, SPATIAL KEY place (a));
CREATE TABLE no_key (a int, b varchar(5));
CREATE TABLE unique_only (a int NOT NULL, b int, UNIQUE KEY (a), UNIQUE KEY b (b, a));
CREATE TABLE checks (a int, b int, c varchar(20), CONSTRAINT positive CHECK (a > 0), CONSTRAINT `odd ``name` CHECK (a < b OR b IS NULL AND c <> 'it''s'), CHECK (c IN ('a', 'b)', '"')), CONSTRAINT wide CHECK (c <> '💩'), CONSTRAINT liked CHECK (c LIKE 'a\\_%' OR a BETWEEN 1 AND 5));
CREATE TABLE hash_key (id int, KEY h (id) USING HASH) ENGINE=MEMORY;
CREATE TABLE long_names_bcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzab (a2345678901234567890123456789012345678901234567890123456789abcd int);
