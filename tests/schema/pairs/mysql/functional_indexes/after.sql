CREATE TABLE t (id INT PRIMARY KEY, c INT, b JSON, KEY f ((c + 1)), KEY g ((c * 2) DESC, id), KEY mv ((CAST(b->'$.x' AS UNSIGNED ARRAY))));
