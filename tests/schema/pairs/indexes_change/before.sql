CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(50), c TEXT, KEY a (a), UNIQUE KEY b (b), KEY c (c(10)), KEY gone (a,b));
