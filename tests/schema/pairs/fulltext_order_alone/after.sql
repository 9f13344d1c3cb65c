CREATE TABLE t (
  id int NOT NULL PRIMARY KEY, a text, b text, c text, d int,
  KEY kd (d),
  FULLTEXT KEY fc (c), FULLTEXT KEY fb (b), FULLTEXT KEY fa (a)
);
CREATE TABLE u (
  id int NOT NULL PRIMARY KEY, a text, b text, c text,
  FULLTEXT KEY fa (a), FULLTEXT KEY fc (c), FULLTEXT KEY fb (b)
);
