CREATE TABLE feeds (id INT PRIMARY KEY);
CREATE TABLE entries (id INT PRIMARY KEY, feed_id INT, a INT, b INT, UNIQUE KEY u (b), KEY k (b), FOREIGN KEY (feed_id) REFERENCES feeds (id), KEY z (a));
ALTER TABLE entries DROP FOREIGN KEY entries_ibfk_1;
CREATE TABLE records (id INT PRIMARY KEY, domain_id INT, name VARCHAR(20), KEY domain_id (domain_id), KEY by_name (name), KEY c (name, domain_id));
