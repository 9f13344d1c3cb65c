-- Odd names.
CREATE TABLE `with space` (`a b` int, `c.d` int, KEY `e f` (`a b`, `c.d`));
CREATE TABLE `dot.ted` (`a``b` int PRIMARY KEY, ```` int, CONSTRAINT `c``k` CHECK (`a``b` > 0));
CREATE TABLE `back``tick` (`select` int, `from` int, `key` int, `order` int, KEY `index` (`key`), UNIQUE KEY `unique` (`order`));
CREATE TABLE `table` (`primary` int PRIMARY KEY, `comment` int COMMENT 'comment', `default` int DEFAULT 1, `check` int CHECK (`check` > 1), `generated` int AS (`default`) VIRTUAL);
CREATE TABLE `ünïcödé 表` (`naïve` int, `列` varchar(9) COMMENT '列', KEY `索引` (`列`));
CREATE TABLE `quo'te"s` (`it's` int, `say "x"` int, `/* no */` int, `-- no` int, `# no` int, KEY `(` (`it's`));
CREATE TABLE `line
break` (`a
b` int);
CREATE TABLE `back\slash` (`a\` int, `b;` int, `c,` int, `d)` int);
CREATE TABLE `$dollar_1` (`1a` int, `2` int, `_` int);
CREATE TABLE MixedCase (Id int PRIMARY KEY, `UPPER` int);
