CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY two (a), KEY one (b), UNIQUE KEY mixed (a,b));
