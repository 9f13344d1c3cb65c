CREATE TABLE t (a int, b int, CONSTRAINT z CHECK (b > 3), CONSTRAINT x CHECK (a > 1), CONSTRAINT y CHECK (b > 1));
CREATE TABLE u (a int, b int, c int, CONSTRAINT w CHECK (c > 1), CONSTRAINT y CHECK (b > 1), CONSTRAINT x CHECK (a > 2));
