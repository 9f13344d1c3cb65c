-- What only MariaDB has.
CREATE TABLE maria_types (a uuid DEFAULT uuid(), b inet6 DEFAULT '::1', c inet4);
CREATE TABLE maria_compressed (id int PRIMARY KEY, a varchar(500) COMPRESSED, b blob COMPRESSED);
CREATE TABLE maria_versioned (id int PRIMARY KEY, a int, b int WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING;
CREATE TABLE maria_versioned_columns (id int, r timestamp(6) GENERATED ALWAYS AS ROW START INVISIBLE, e timestamp(6) GENERATED ALWAYS AS ROW END INVISIBLE, PERIOD FOR SYSTEM_TIME (r, e)) WITH SYSTEM VERSIONING;
CREATE TABLE maria_period (id int, d1 date, d2 date, PERIOD FOR p (d1, d2), UNIQUE KEY (id, p WITHOUT OVERLAPS));
CREATE TABLE maria_options (id int PRIMARY KEY, a int, KEY ign (a) IGNORED) PAGE_COMPRESSED=1 `encrypted`=no;
CREATE TABLE maria_aria (id int PRIMARY KEY) ENGINE=Aria TRANSACTIONAL=1 PAGE_CHECKSUM=0;
CREATE TABLE maria_checks (a int CHECK (a > 0), b json, c varchar(9) CHECK (c <> 'it''s'), CONSTRAINT table_a CHECK (a < 9));
CREATE TABLE maria_point (a point REF_SYSTEM_ID=101) ENGINE=Aria;
