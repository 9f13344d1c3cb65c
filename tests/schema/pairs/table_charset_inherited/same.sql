SELECT id,a,b,e FROM t
