CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, CHECK (b > 0), CHECK (a > 5), CHECK (a <> b));
