CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY one (a), KEY two (b), UNIQUE KEY Mixed (a,b));
