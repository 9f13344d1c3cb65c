SELECT id, v, s FROM t
