CREATE TABLE feeds (id INT PRIMARY KEY);
CREATE TABLE entries (id INT PRIMARY KEY, feed_id INT, a INT, b INT, UNIQUE KEY u (b), KEY k (b), KEY feed_id (feed_id), KEY z (a), CONSTRAINT g FOREIGN KEY (feed_id) REFERENCES feeds (id));
CREATE TABLE records (id INT PRIMARY KEY, domain_id INT, name VARCHAR(20), KEY domain_id (domain_id), KEY by_domain (domain_id, name), KEY by_name (name), KEY c (name, domain_id));
