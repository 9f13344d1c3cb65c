CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, c INT, KEY ab (a,b), KEY c (c));
