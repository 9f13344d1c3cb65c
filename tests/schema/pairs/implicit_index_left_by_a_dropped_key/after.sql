CREATE TABLE p (id INT NOT NULL PRIMARY KEY);CREATE TABLE c (id INT PRIMARY KEY, p_id INT, KEY f (p_id), KEY wider (p_id, id));
