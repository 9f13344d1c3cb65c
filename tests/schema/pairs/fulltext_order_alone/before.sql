CREATE TABLE t (
  id int NOT NULL PRIMARY KEY, a text, b text, c text, d int,
  KEY kd (d),
  FULLTEXT KEY fa (a), FULLTEXT KEY fb (b), FULLTEXT KEY fc (c)
);
CREATE TABLE u (
  id int NOT NULL PRIMARY KEY, a text, b text, c text,
  FULLTEXT KEY fb (b), FULLTEXT KEY fc (c)
);
