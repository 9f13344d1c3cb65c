-- Every type that both flavours have.
CREATE TABLE integers (a tinyint, b smallint unsigned, c mediumint zerofill, d int(5) zerofill, e bigint unsigned NOT NULL AUTO_INCREMENT, f boolean, g tinyint unsigned, PRIMARY KEY (e));
CREATE TABLE serials (id serial, n int);
CREATE TABLE decimals (a decimal, b decimal(65,30), c numeric(5,2) unsigned, d float, e double, f float(7,3), g double(9,4) unsigned, h real, i dec(3));
CREATE TABLE bits (a bit, b bit(5), c bit(64) DEFAULT b'1');
CREATE TABLE times_of_day (a date, b time, c time(3), d datetime, e datetime(6), f timestamp NULL, g timestamp(6) NULL, h year);
CREATE TABLE texts (a char, b char(255), c varchar(1), d varchar(3000), e tinytext, f text, g mediumtext, h longtext);
CREATE TABLE binaries (a binary, b binary(16), c varbinary(255), d tinyblob, e blob, f mediumblob, g longblob);
CREATE TABLE words (a enum('a','b,c','d''e','(','') NOT NULL DEFAULT 'd''e', b set('x','y z','`') DEFAULT 'x,`', c enum('back\\slash','tab	'));
CREATE TABLE documents (id int PRIMARY KEY, body json, kind varchar(20) GENERATED ALWAYS AS (json_unquote(json_extract(body,'$.kind'))) STORED);
CREATE TABLE shapes (a geometry, b point NOT NULL, c linestring, d polygon, e multipoint, f multilinestring, g multipolygon, h geometrycollection);
