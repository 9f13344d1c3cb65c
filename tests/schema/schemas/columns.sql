-- Generated, invisible, commented columns and their charsets.
CREATE TABLE generated_columns (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL, c int AS (a * 2) STORED COMMENT 'twice', d varchar(40) AS (concat('x(', a, ')''')) VIRTUAL, e int AS (b + c) VIRTUAL, f varchar(9) AS (case when a > 3 then 'big' else 'small' end) STORED);
CREATE TABLE generated_indexed (id int PRIMARY KEY, a varchar(30), b varchar(30) AS (lower(a)) VIRTUAL, c int AS (char_length(a)) STORED, KEY by_b (b), UNIQUE KEY by_c (c, id));
CREATE TABLE invisible_columns (id int PRIMARY KEY, a int INVISIBLE, b int DEFAULT 5 INVISIBLE COMMENT 'hidden', c int NOT NULL DEFAULT 1);
CREATE TABLE comments (a int COMMENT 'it''s', b int COMMENT 'a "quoted" \\ word', c int COMMENT 'two\nlines', d int COMMENT '', e int COMMENT ', `f` int NOT NULL', f int COMMENT 'ünïcode') COMMENT='table''s; "comment" \\ (x) é';
CREATE TABLE charsets (a varchar(9) CHARACTER SET latin1, b varchar(9) CHARACTER SET utf8mb3, c varchar(9) CHARACTER SET ascii COLLATE ascii_bin, d varchar(9) COLLATE utf8mb4_bin, e text CHARACTER SET ucs2, f char(2) CHARACTER SET binary, g enum('a','é') CHARACTER SET latin1, h varchar(9) CHARACTER SET utf16, i varchar(9)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE charset_latin1 (a varchar(9), b varchar(9) CHARACTER SET utf8mb4, c text COLLATE latin1_german1_ci) DEFAULT CHARSET=latin1;
CREATE TABLE charset_bin (a varchar(9), b varchar(9) COLLATE utf8mb4_general_ci) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE charset_utf8mb3 (a varchar(9), b varchar(9) CHARACTER SET utf8mb4) DEFAULT CHARSET=utf8mb3;
CREATE TABLE charset_binary (a varchar(9), b varchar(9) CHARACTER SET latin1) DEFAULT CHARSET=binary;
