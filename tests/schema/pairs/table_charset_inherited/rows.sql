INSERT INTO t VALUES (1,'abc','d','x');
