CREATE TABLE t (id INT PRIMARY KEY, a INT COMMENT 'new "quoted" `x`, (y)', KEY a (a) COMMENT 'index') COMMENT='other; AUTO_INCREMENT=3';
