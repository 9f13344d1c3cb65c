CREATE TABLE t (id INT PRIMARY KEY) TABLESPACE innodb_file_per_table;
