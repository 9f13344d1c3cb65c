CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT AS (a + 1) STORED, s INT AS (a + 2) VIRTUAL, KEY v (v), KEY s (s));
