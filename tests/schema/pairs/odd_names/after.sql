CREATE TABLE `a b.c` (`i d` BIGINT PRIMARY KEY, `back``tick` TEXT, `new ✓` INT, `select` INT, KEY `k,(x)` (`new ✓`,`select`));
