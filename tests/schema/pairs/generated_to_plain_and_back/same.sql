SELECT id, a, s FROM t
