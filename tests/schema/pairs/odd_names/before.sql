CREATE TABLE `a b.c` (`i d` INT PRIMARY KEY, `back``tick` INT, `select` INT, KEY `k,(x)` (`select`));
