CREATE TABLE t (id INT PRIMARY KEY, old_name VARCHAR(5), KEY k (old_name));
