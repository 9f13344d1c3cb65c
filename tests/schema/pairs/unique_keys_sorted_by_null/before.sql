CREATE TABLE t (id int NOT NULL PRIMARY KEY, a int NOT NULL, b int NOT NULL, UNIQUE KEY ua (a), UNIQUE KEY ub (b));
CREATE TABLE u (id int NOT NULL PRIMARY KEY, a int NOT NULL, b int, c varchar(20), UNIQUE KEY ub (b), UNIQUE KEY ua (a), UNIQUE KEY uc (c(5)));
