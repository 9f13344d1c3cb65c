CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(9), CONSTRAINT one CHECK (a > 1 AND a <> 3), CONSTRAINT three CHECK (b IN ('x','it''s')));
