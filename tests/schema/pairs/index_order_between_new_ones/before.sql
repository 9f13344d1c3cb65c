CREATE TABLE t (id int NOT NULL PRIMARY KEY, a int, b int, c int, d int, n int, KEY kb (b), KEY kd (d));
CREATE TABLE u (id int NOT NULL PRIMARY KEY, a text, b text, FULLTEXT KEY fa (a), FULLTEXT KEY fb (b));
