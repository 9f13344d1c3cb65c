CREATE TABLE t (id INT PRIMARY KEY, new_name VARCHAR(5), KEY k (new_name));
