CREATE TABLE t (id INT PRIMARY KEY, UserName VARCHAR(5), KEY UserName (UserName));
