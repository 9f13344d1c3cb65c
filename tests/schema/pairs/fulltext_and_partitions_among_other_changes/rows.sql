INSERT INTO notes VALUES (1, 'a', 'b', 1);
INSERT INTO visits VALUES (1, '2024-05-05', 'x');
