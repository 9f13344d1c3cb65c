CREATE TABLE owner (id int NOT NULL PRIMARY KEY);
CREATE TABLE t (
  id int NOT NULL, owner_id int NOT NULL, a int, b varchar(40), c int NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uid (id, c),
  UNIQUE KEY uc (c),
  KEY by_owner (owner_id),
  KEY ka (a) COMMENT 'it''s first',
  KEY kb (b(10)),
  CONSTRAINT t_owner FOREIGN KEY (owner_id) REFERENCES owner (id)
) COMMENT='a ''quoted'' one';
CREATE TABLE u (
  id int NOT NULL PRIMARY KEY, a int, b int,
  KEY kb (b), KEY ka (a)
);
CREATE TABLE v (
  id int NOT NULL, a int, b int, c int,
  PRIMARY KEY (id),
  KEY kc (c), KEY ka (a), KEY kb (b)
) PARTITION BY HASH (id) PARTITIONS 4;
