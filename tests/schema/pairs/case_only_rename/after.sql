CREATE TABLE t (id INT PRIMARY KEY, username VARCHAR(6), KEY username (username));
