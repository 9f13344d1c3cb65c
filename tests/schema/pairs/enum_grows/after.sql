CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a','it''s','b','c,d') NOT NULL DEFAULT 'b', s SET('x','y','z'));
