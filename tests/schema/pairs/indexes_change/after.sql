CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(50), c TEXT, UNIQUE KEY a (a), KEY b (b(5)), KEY c (c(20)), KEY come (b,a));
