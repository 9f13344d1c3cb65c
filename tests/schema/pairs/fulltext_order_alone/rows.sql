INSERT INTO t VALUES (1, 'one', 'two', 'three', 4); INSERT INTO u VALUES (1, 'one', 'two', 'three');
