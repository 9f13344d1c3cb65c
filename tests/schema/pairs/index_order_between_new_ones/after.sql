CREATE TABLE t (id int NOT NULL PRIMARY KEY, a int, b int, c int, d int, n int, m int, KEY ka (a), KEY kd (d), KEY kc (c), KEY kb (b), KEY kn (n));
CREATE TABLE u (id int NOT NULL PRIMARY KEY, a text, b text, FULLTEXT KEY fab (a, b), FULLTEXT KEY fb (b), FULLTEXT KEY fa (a), FULLTEXT KEY fba (b, a));
