CREATE TABLE owner (id int NOT NULL PRIMARY KEY);
CREATE TABLE t (
  id int NOT NULL, owner_id int NOT NULL, a int, b varchar(40), c int NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uc (c),
  UNIQUE KEY uid (id, c),
  KEY kb (b(10)),
  KEY ka (a) COMMENT 'it''s first',
  KEY by_owner (owner_id),
  CONSTRAINT t_owner FOREIGN KEY (owner_id) REFERENCES owner (id)
) COMMENT='a ''quoted'' one';
CREATE TABLE u (
  id int NOT NULL PRIMARY KEY, a int, b int,
  KEY ka (a), KEY kb (b)
);
CREATE TABLE v (
  id int NOT NULL, a int, b int, c int,
  PRIMARY KEY (id),
  KEY ka (a), KEY kb (b), KEY kc (c)
) PARTITION BY HASH (id) PARTITIONS 3;
