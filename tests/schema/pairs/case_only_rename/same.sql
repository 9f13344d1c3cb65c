SELECT id, username FROM t
