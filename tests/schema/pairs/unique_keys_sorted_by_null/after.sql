CREATE TABLE t (id int NOT NULL PRIMARY KEY, a int, b int NOT NULL, UNIQUE KEY ua (a), UNIQUE KEY ub (b));
CREATE TABLE u (id int NOT NULL PRIMARY KEY, a int, b int NOT NULL, c varchar(20), d int, UNIQUE KEY ub (b), UNIQUE KEY ua (a), UNIQUE KEY uc (c(5)));
